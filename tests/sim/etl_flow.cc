#include "etl_flow.h"

namespace sluice::sim {
namespace {

using std::chrono::milliseconds;
using Text = Result<std::string>;
constexpr int kRoundsMax = 5;

std::string word_of(const Text& text) { return text ? *text : text.error().code; }

/// What a child does.
Text part(Context& run, const Acts& acts, const std::string& in) {
  TRY(const std::string seen, run.step("read", acts.read, in));
  TRY_VOID(run.sleep("rest", milliseconds(2'000)));
  return run.step("put", acts.put, seen);
}

Result<> branches(Context& run, const Acts& acts, const EtlInput& in, EtlOutput& out) {
  TRY(const auto both, run.parallel("fan", {.deadline = milliseconds(in.fan_ms)},
                                    Branch{"left",
                                           [&](Context& branch) -> Text {
                                             TRY(const std::string seen, branch.step("read", acts.read, in.text));
                                             return branch.step("put", acts.put, seen);
                                           }},
                                    Branch{"right", [&](Context& branch) -> Text {
                                             TRY_VOID(branch.sleep("rest", milliseconds(1'500)));
                                             TRY(const std::string seen, branch.step("read", acts.read, in.text));
                                             return branch.step("put", acts.put, seen);
                                           }}));
  out.left = word_of(std::get<0>(both));
  out.right = word_of(std::get<1>(both));
  return {};
}

/// Asks until there is a yes or an end; then loads what was approved, once.
Result<> approved_load(Context& run, const Acts& acts, const EtlInput& in, EtlOutput& out) {
  Load subject{.table = "target", .text = out.work};
  for (int n = 0; n < kRoundsMax; ++n) {
    Context round = run.scope("round", n);
    ApprovalRequest request{.policy = "people", .timeout = milliseconds(in.timeout_ms)};
    if (in.by_policy) request.automatic = AutoDecision{true, "loads"};
    TRY(auto decision, round.wait_for_approval("load", subject, request));
    if (decision.refine) {
      subject.text += " " + decision.feedback;
      continue;
    }
    out.decision = decision.approved ? "yes" : decision.expired ? "expired" : "no";
    if (!decision.approved) return {};
    TRY(out.loaded, round.step("load it", acts.load, *decision.approved));
    if (in.twice) {
      const Text again = round.step("load it again", acts.load, *decision.approved);
      out.loaded += again ? " twice" : " " + again.error().code;
    }
    return {};
  }
  out.decision = "nobody decided";
  return {};
}

}  // namespace

EtlInput draw_etl(World& world) {
  EtlInput in{.text = "q" + std::to_string(world.pick(1000)), .tables = world.pick(3)};
  if (world.chance(600)) in.timeout_ms = 1'000 + world.pick(100'000);
  if (world.chance(300)) in.sleep_ms = world.pick(200'000);
  if (world.chance(300)) in.fan_ms = world.chance(500) ? 0 : 500 + world.pick(4'000);
  in.by_policy = world.chance(250);
  in.ticket = world.chance(350);
  in.job = world.chance(400);
  in.send = world.chance(350);
  in.child = world.chance(200);
  if (world.chance(200)) in.messages = 1 + world.pick(3);
  in.twice = world.chance(250);
  return in;
}

Result<EtlOutput> etl(Context& run, const Acts& acts, const EtlInput& in) {
  EtlOutput out;
  TRY(const int layout, run.version("layout", 2));
  TRY_VOID(run.now_ms("begun"));
  TRY(const std::string seen, run.step("read", acts.read, in.text));
  TRY(out.work, run.step("clean", seen + " v" + std::to_string(layout), [](const std::string& text) -> Text { return text + ", cleaned"; }));
  for (std::int64_t n = 0; n < in.tables; ++n) {
    Context table = run.scope("table", n);
    TRY(const std::string put, table.step("put", acts.put, out.work));
    out.work = put;
  }
  if (in.ticket) {
    TRY(const std::string ticket, run.step("ticket", acts.ticket, in.text));
    out.work += "; " + ticket;
  }
  if (in.job) {
    TRY(const std::string job, run.step("job", acts.job, in.text));
    out.work += "; " + job;
  }
  if (in.sleep_ms > 0) TRY_VOID(run.sleep("sleep", milliseconds(in.sleep_ms)));
  if (in.fan_ms >= 0) TRY_VOID(branches(run, acts, in, out));
  if (in.child) {
    TRY(const std::string child, run.child<std::string>("child", "part", in.text + " of the child"));
    out.work += "; " + child;
  }
  for (std::int64_t n = 0; n < in.messages; ++n) {
    TRY(const std::string message, run.scope("told", n).signal<std::string>("go"));
    out.work += "; told " + message;
  }
  TRY_VOID(approved_load(run, acts, in, out));
  if (in.send) {
    TRY(out.sent, run.step("send", acts.send, out.decision));
  }
  return out;
}

void add_workflows(Engine& engine, const Acts& acts) {
  engine.add<EtlInput, EtlOutput>("etl", "1", [&acts](Context& run, const EtlInput& in) { return etl(run, acts, in); });
  engine.add<std::string, std::string>("part", "1", [&acts](Context& run, const std::string& in) { return part(run, acts, in); });
}

}  // namespace sluice::sim
