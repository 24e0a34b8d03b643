#include "ask_flow.h"

namespace sluice::sim {
namespace {

constexpr int kAttemptsMax = 40;  // more than there are faults in a story
constexpr TimeMs kTimeoutMin = 5'000, kTimeoutMax = 100'000;

Error away() { return {ErrorKind::transient, "E0901", "the database does not answer", "try again", 0}; }

Result<Proposal> propose(const ProposeInput& input) {
  if (!input.sql.empty()) return Proposal{.sql = input.sql, .answered_by = "person"};
  std::string sql = "SELECT 1";
  for (const std::string& feedback : input.feedback) {
    if (feedback == "nonsense") return Error{ErrorKind::unanswerable, "E0600", "cannot place \"nonsense\"", "", 0};
    sql += " /* " + feedback + " */";
  }
  return Proposal{.sql = sql, .confidence = 0.9, .answered_by = "built-in"};
}

Proof prove(const std::string& sql) {
  const bool writes = sql.starts_with("DELETE");
  Proof proof;
  proof.checks = {
      {.check = "reads-only", .outcome = writes ? Outcome::failed : Outcome::passed, .detail = writes ? "DELETE writes" : "it only reads"}};
  proof.source = "here";
  proof.statement_hash = "hash of " + sql;
  proof.schema_fingerprint = "schema";
  return proof;
}

}  // namespace

AskInput draw_ask(World& world) {
  AskInput input{.connection = "shop", .question = "how many orders?"};
  if (world.chance(150)) input.sql = world.chance(200) ? "DELETE FROM orders" : "SELECT 3";
  if (world.chance(600)) input.approval_timeout_ms = kTimeoutMin + world.pick(kTimeoutMax);
  if (world.chance(200)) input.question = "the schema changes under the first yes";
  input.interactive = true;
  return input;
}

AskPorts make_asking(Truth& truth, Caller& caller) {
  const RetryPolicy patient{.attempts_max = kAttemptsMax, .delay_max = std::chrono::milliseconds(5'000)};
  const auto call = [&caller](std::string_view what) -> Result<> {
    caller.moment(what);
    if (caller.is_down()) return away();
    return {};
  };
  AskPorts ports;
  ports.read_catalog = {.effect = Effect::read,
                        .act = [call](StepContext&, const ReadCatalog& in) -> Result<CatalogRef> {
                          TRY_VOID(call("the catalog is read"));
                          return CatalogRef{in.connection, in.fresh ? "fresh catalog" : "catalog"};
                        },
                        .retry = patient};
  ports.propose = {.effect = Effect::read,
                   .act = [call](StepContext&, const ProposeInput& in) -> Result<Proposal> {
                     TRY_VOID(call("a query is proposed"));
                     return propose(in);
                   },
                   .retry = patient,
                   .proposes = true};
  ports.prove = {.effect = Effect::read,
                 .act = [call](StepContext&, const ProveInput& in) -> Result<Proof> {
                   TRY_VOID(call("a query is proven"));
                   return prove(in.sql);
                 },
                 .retry = patient};
  ports.execute = {
      .effect = Effect::read,
      .act = [&truth, &caller, call](StepContext& step, const Approved<SqlSubject>& in) -> Result<Execution> {
        TRY_VOID(call("the query is sent"));
        const SqlSubject& subject = in.subject();
        const bool changed = subject.catalog == "catalog" && subject.sql.ends_with("/* more */");
        if (changed) return Error{ErrorKind::stale, "E0350", "orders has a new column", "", 0};
        truth.all.push_back({"query", step.run, step.path, step.idempotency_key, encode(subject).dump(), in.approval_id(), caller.now()});
        caller.moment("rows come back");
        if (caller.loses_reply()) return away();
        return Execution{.result = "rows of " + subject.sql, .stats = {.rows = 3}};
      },
      .retry = patient};
  return ports;
}

void add_ask(Engine& engine, const AskPorts& ports) {
  engine.add<AskInput, AskAnswer>("ask", "1", [&ports](Context& run, const AskInput& input) { return ask(run, ports, input); });
}

}  // namespace sluice::sim
