#include "services.h"

#include <algorithm>

namespace sluice::sim {
namespace {

constexpr int kAttemptsMax = 40;  // more than there are faults in a story: what fails is not the workflow

Error down(std::string_view service) { return {ErrorKind::transient, "E0901", std::string(service) + " does not answer", "try again", 0}; }
Error stopped() { return {ErrorKind::cancelled, "E0902", "the request was stopped before it left", "", 0}; }

/// One service: every call of it goes through here.
class Service {
 public:
  Service(std::string name, Truth& truth, Caller& caller, World& chance, const Safeguards& safeguards)
      : name_(std::move(name)), truth_(truth), caller_(caller), chance_(chance), safeguards_(safeguards) {}

  /// `knows_keys_for`: a call with a key that is not older than this changes nothing; none: it does not know keys.
  Result<std::string> act(StepContext& step, const std::string& bytes, const std::string& approval, std::optional<TimeMs> knows_keys_for) const {
    caller_.moment(name_ + " is called");
    if (step.cancelled.stop_requested() || caller_.steady() >= step.deadline) return stopped();
    if (caller_.is_down()) {
      step.known_failed = truth_.of_key(name_, step.idempotency_key, 0) == nullptr && chance_.chance(300);
      return down(name_);
    }
    const std::string key = safeguards_.keys ? step.idempotency_key : "random " + std::to_string(chance_.pick(1'000'000'000));
    const TimeMs since = knows_keys_for.value_or(0) == 0 ? 0 : caller_.now() - *knows_keys_for;
    if (knows_keys_for && truth_.of_key(name_, key, since) != nullptr) {
      caller_.note(Coverage::deduplicated);
    } else {
      truth_.all.push_back({name_, step.run, step.path, key, bytes, approval, caller_.now()});
      chance_.tell([&] { return name_ + " does " + step.path + " of " + step.run + " with key " + key.substr(0, 14); });
    }
    caller_.moment(name_ + " replies");
    if (caller_.loses_reply()) return down(name_);
    return name_ + " " + bytes;
  }

  Result<std::optional<std::string>> find(StepContext& step, const std::string& bytes) const {
    caller_.wait(std::chrono::milliseconds(Acts::kListLag));  // until the list has what was made before
    caller_.moment(name_ + " lists");
    if (!safeguards_.scan || truth_.of_key(name_, step.idempotency_key, 0) == nullptr) return std::optional<std::string>{};
    caller_.note(Coverage::adopted);
    return std::optional<std::string>(name_ + " " + bytes);
  }

 private:
  std::string name_;
  Truth& truth_;
  Caller& caller_;
  World& chance_;
  const Safeguards& safeguards_;
};

}  // namespace

const Happening* Truth::of_key(std::string_view service, const std::string& key, TimeMs not_before) const {
  const auto place =
      std::find_if(all.begin(), all.end(), [&](const Happening& h) { return h.service == service && h.key == key && h.at > not_before; });
  return place == all.end() ? nullptr : &*place;
}

bool Truth::happened(const std::string& run, const std::string& path) const {
  return std::any_of(all.begin(), all.end(), [&](const Happening& h) { return h.run == run && h.path == path; });
}

Acts make_acts(Truth& truth, Caller& caller, World& chance, const Safeguards& safeguards) {
  const auto service = [&](const char* name) { return Service(name, truth, caller, chance, safeguards); };
  const RetryPolicy patient{.attempts_max = kAttemptsMax, .delay_max = std::chrono::milliseconds(5'000)};
  Acts acts;
  acts.read = {.effect = Effect::read,
               .act = [&caller](StepContext&, const std::string& in) -> Result<std::string> {
                 caller.moment("a table is read");
                 if (caller.is_down()) return down("the table");
                 return in + " as read";
               },
               .retry = patient};
  acts.put = {.effect = Effect::keyed,
              .act = [s = service("put")](StepContext& step, const std::string& in) { return s.act(step, in, "", 0); },
              .retry = patient};
  acts.ticket = {.effect = Effect::keyed,
                 .act = [s = service("ticket")](StepContext& step, const std::string& in) { return s.act(step, in, "", Acts::kWindow); },
                 .dedup_window = std::chrono::milliseconds(safeguards.window ? Acts::kWindow : 0),
                 .retry = patient,
                 .timeout = std::chrono::milliseconds(20'000)};
  acts.job = {.effect = Effect::reconcile,
              .act = [s = service("job")](StepContext& step, const std::string& in) { return s.act(step, in, "", {}); },
              .find = [s = service("job")](StepContext& step, const std::string& in) { return s.find(step, in); },
              .retry = patient};
  acts.send = {.effect = Effect::at_most_once,
               .act = [s = service("send")](StepContext& step, const std::string& in) { return s.act(step, in, "", {}); },
               .retry = patient};
  acts.load = {.effect = Effect::keyed,
               .act = [s = service("load")](StepContext& step,
                                            const Approved<Load>& in) { return s.act(step, encode(in.subject()).dump(), in.approval_id(), 0); },
               .retry = patient};
  return acts;
}

}  // namespace sluice::sim
