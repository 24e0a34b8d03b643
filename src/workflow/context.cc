#include "workflow/context.h"

#include "base/hash.h"
#include "workflow/run.h"
#include "workflow/workflow_errors.h"

namespace sluice {
namespace {

/// A path's parts are joined by '/', and '#' begins what the engine adds, so a name must not hold them.
std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '/') {
      out += "%2F";
    } else if (c == '#') {
      out += "%23";
    } else if (c == '%') {
      out += "%25";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string workflow_detail::hash_of(const Json& value) { return sha256_hex(value.dump()); }

std::string Context::path_of(std::string_view name) const { return path_ + escaped(name); }

Context Context::scope(std::string_view name, std::int64_t key) const { return {*run_, path_ + escaped(name) + "[" + std::to_string(key) + "]/"}; }

Result<Json> Context::run_step(std::string_view name, const workflow_detail::StepCall& call) { return run_->step(path_of(name), call); }

Result<workflow_detail::RawDecision> Context::wait_raw(std::string_view name, Json subject, const ApprovalRequest& request) {
  return run_->wait_for_approval(path_of(name), std::move(subject), request);
}

Result<Json> Context::run_child(std::string_view name, std::string_view workflow, Json input) {
  return run_->child(path_of(name), std::string(workflow), std::move(input));
}

Result<Json> Context::take_signal(std::string_view topic) { return run_->signal(path_of(topic), std::string(topic)); }

Result<std::vector<bool>> Context::run_branches(std::string_view name, Join join, const std::vector<workflow_detail::BranchCall>& branches) {
  if (branches.size() > kBranchesMax) return workflow_detail::too_many_branches(path_of(name), branches.size());
  std::vector<workflow_detail::BranchCall> named;
  for (const auto& branch : branches) named.push_back({escaped(branch.name), branch.body});
  return run_->parallel(path_of(name), join.deadline, named);
}

Error Context::gave_up(std::string_view name, std::string_view branch, Join join) {
  return workflow_detail::branch_late(std::string(name), std::string(branch), join.deadline);
}

Result<> Context::sleep(std::string_view name, std::chrono::milliseconds duration) {
  run_->sleep(path_of(name), duration);
  return {};
}

Result<std::int64_t> Context::now_ms(std::string_view name) { return run_->now_ms(path_of(name)); }

Result<int> Context::version(std::string_view change, int current) { return run_->version(path_of(change) + "#version", current); }

}  // namespace sluice
