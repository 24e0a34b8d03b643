#include "app/run_fork.h"

#include "agents/model_calls.h"
#include "agents/ports/proposer.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kValueBytesMax = 1'000'000;
constexpr std::size_t kInlineMax = 64 * 1024;  // bytes of a value kept in the event itself
constexpr const char* kPerson = "person";

Error not_readable(const std::string& path, const std::string& why, const std::string& hint) {
  return {ErrorKind::input, "E0133", "what is to be set is no result of \"" + path + "\": " + why, hint, 0};
}

std::string who(const ForkRequest& request, const std::string& by) { return "set by " + by + " in a fork of run " + request.run.text; }

/// What a person gives is shown as a person's: not as understood by the planner, not as sure as a model says it is.
Result<Json> proposal_of(const ForkRequest& request, const std::string& path, const std::string& by) {
  const std::string hint = "give the SQL itself, or {\"sql\": \"SELECT …\"}";
  Proposal given{.sql = request.set_value};
  if (trim(request.set_value).starts_with("{")) {
    const auto json = Json::parse(request.set_value);
    if (!json) return not_readable(path, json.error().message, hint);
    auto read = decode<Proposal>(*json);
    if (!read) return not_readable(path, read.error().message, hint);
    given = *std::move(read);
  }
  if (trim(given.sql).empty()) return not_readable(path, "there is no SQL in it", hint);
  return encode(Proposal{.sql = given.sql, .confidence = 1, .answered_by = kPerson, .made_from = {who(request, by)}});
}

/// The replies that the rest of the run is to go on with. Nobody was asked, and nothing paid.
Result<Json> outcome_of(const ForkRequest& request, const EventInfo& recorded, Artifacts& artifacts, const std::string& by) {
  const std::string hint = R"(give {"calls": [{"reply": {"text": "…"}}]}, with the text as a model would reply it)";
  auto json = Json::parse(request.set_value);
  if (!json) return not_readable(recorded.path, json.error().message, hint);
  auto given = decode<ModelOutcome>(*json);
  if (!given) return not_readable(recorded.path, given.error().message, hint);
  if (given->calls.empty()) return not_readable(recorded.path, "it has no calls", hint);
  const std::string input(recorded.body.text("input_artifact"));
  TRY(const ModelCalls asked, input.empty() ? decode<ModelCalls>(recorded.body["input"]) : read_artifact<ModelCalls>(artifacts, input));
  ModelOutcome outcome{.request = asked.request};
  for (ModelCalled& call : given->calls) {
    if (trim(call.reply.text).empty()) return not_readable(recorded.path, "a call in it has no reply", hint);
    ModelCalled& taken = outcome.calls.emplace_back(ModelCalled{.model = kPerson, .provider = "set in a fork", .usd = 0.0});
    taken.reply.text = std::move(call.reply.text);
    taken.notes.push_back(who(request, by));
  }
  return encode(outcome);
}

bool is_step(const std::string& path, const std::string& name) { return path == name || path.ends_with("/" + name); }

Result<Json> value_of(const ForkRequest& request, const std::string& path, const std::vector<EventInfo>& events, Artifacts& artifacts,
                      const std::string& by) {
  if (request.set_value.size() > kValueBytesMax)
    return not_readable(path, "it has more than " + human_bytes(static_cast<std::int64_t>(kValueBytesMax)), "set something smaller");
  if (is_step(path, "propose")) return proposal_of(request, path, by);
  if (is_step(path, "call model"))
    for (const EventInfo& event : events)
      if (event.path == path && event.type == EventType::step_completed) return outcome_of(request, event, artifacts, by);
  return not_readable(path, "this release of Sluice does not know what its results look like", "use the release that recorded the run");
}

}  // namespace

Result<ForkPlan> plan_of(const ForkRequest& request, const std::vector<EventInfo>& events, Artifacts& artifacts, const std::string& by) {
  const bool sets = !request.set_step.empty();
  TRY(const std::string path, find_step(request.run, events, sets ? request.set_step : request.from));
  if (!sets) return plan_fork(request.run, events, path);
  if (!request.from.empty()) {
    TRY(const std::string from, find_step(request.run, events, request.from));
    if (from != path)
      return Error{ErrorKind::input, "E0133", "--from names \"" + from + "\", --set names \"" + path + "\": a fork goes on from what is set",
                   "leave --from out, or name the same step", 0};
  }
  TRY_VOID(check_proposes(request.run, events, path));
  TRY(Json value, value_of(request, path, events, artifacts, by));
  const std::string bytes = value.dump();
  TRY(ForkPlan plan, plan_fork_with(request.run, events, path, std::move(value), by));
  if (bytes.size() > kInlineMax) {
    TRY(std::string artifact, artifacts.put(bytes));
    plan.last->body.set("value", Json()).set("artifact", std::move(artifact));
  }
  return plan;
}

}  // namespace sluice
