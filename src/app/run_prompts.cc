#include "app/run_prompts.h"

#include <algorithm>
#include <utility>

#include "flows/ask/ask.h"

namespace sluice {
namespace {

constexpr std::string_view kCall = "/call model", kCompose = "/compose";

/// A step that calls a model, as journal and ledger know it.
struct CallStep {
  std::string path{};
  std::string request{};                 ///< the artifact; "": not known
  std::optional<Error> request_error{};  ///< why it is not known
  std::vector<ModelCalled> draws{};      ///< of the attempt that came to its end
  std::vector<Error> errors{};           ///< of attempts, and of the step as a whole
  std::vector<LedgerEntry> entries{};    ///< those that are not `draws`
};

/// What of an event's body stands there, or in the artifact that it names.
template <class T>
Result<T> held(const EventInfo& event, const char* name, const char* artifact_name, Artifacts& artifacts) {
  const std::string artifact(event.body.text(artifact_name));
  return artifact.empty() ? decode<T>(event.body[name]) : read_artifact<T>(artifacts, artifact);
}

/// The error of a call whose code is all that was written down.
Error known_by_code(const std::string& code) {
  const std::string why = "only the code of what this attempt came to was kept";
  const std::string hint = "docs/errors/" + code + ".md says what it means";
  if (const auto failure = failure_of({.code = code})) return model_error(*failure, why, hint);
  return {ErrorKind::cancelled, code, why, hint, 0};  // the one other end that a model's answer has
}

CallEnd end_of(const LedgerEntry& entry) {
  if (entry.state == "paid") return CallEnd::paid;
  if (entry.state == "cached") return CallEnd::cached;
  return entry.state == "failed" ? CallEnd::failed : CallEnd::in_flight;
}

CallEnd end_of(const ModelCalled& called) {
  if (called.error) return CallEnd::failed;
  return called.cached ? CallEnd::cached : CallEnd::paid;
}

class RunPrompts {
 public:
  RunPrompts(Artifacts& artifacts, const FindReply& find_reply) : artifacts_(artifacts), find_reply_(find_reply) {}

  void add(const EventInfo& event) {
    const bool completed = event.type == EventType::step_completed;
    if (completed && event.path.ends_with(kCompose))
      add_prompt(event);
    else if (event.path.ends_with(kCall) && (completed || event.type == EventType::step_attempt_failed))
      add_end(event);
  }

  void add(const LedgerEntry& entry) { step(entry.path).entries.push_back(entry); }

  std::vector<PromptView> views() {
    std::vector<PromptView> out;
    for (CallStep& step : steps_) show(step, out);
    return out;
  }

 private:
  CallStep& step(std::string_view path) {
    const auto found = std::ranges::find(steps_, path, &CallStep::path);
    return found != steps_.end() ? *found : steps_.emplace_back(CallStep{.path = std::string(path)});
  }

  /// The prompt of the call in the same scope, which may never have come to an end.
  void add_prompt(const EventInfo& event) {
    if (!event.body["error"].is_null()) return;
    CallStep& of = step(event.path.substr(0, event.path.size() - kCompose.size()) + std::string(kCall));
    if (auto composed = held<Composed>(event, "value", "artifact", artifacts_))
      of.request = std::move(composed->request);
    else
      of.request_error = std::move(composed).error();
  }

  void add_end(const EventInfo& event) {
    CallStep& of = step(event.path);
    if (const Json& error = event.body["error"]; !error.is_null()) {
      of.errors.push_back(read_error(error));
      return;
    }
    auto outcome = held<ModelOutcome>(event, "value", "artifact", artifacts_);
    if (!outcome) {
      of.errors.push_back(std::move(outcome).error());
      return;
    }
    of.request = std::move(outcome->request);
    of.draws = std::move(outcome->calls);
  }

  /// Takes away the entries that the draws stand for. The last of several that look the same: those before it are of former attempts.
  static void match(CallStep& step) {
    for (auto draw = step.draws.rbegin(); draw != step.draws.rend(); ++draw) {
      const auto take = [&](CallEnd end) {
        const auto is_it = [&](const LedgerEntry& entry) {
          return entry.key == draw->key && end_of(entry) == end && (!draw->error || entry.failure == draw->error->code);
        };
        const auto found = std::find_if(step.entries.rbegin(), step.entries.rend(), is_it);
        if (found == step.entries.rend()) return false;
        if (draw->error) {  // what is counted for it
          draw->reply.usage = found->usage;
          draw->usd = found->usd;
          draw->latency_ms = found->latency_ms;
        }
        step.entries.erase(std::next(found).base());
        return true;
      };
      // What was refused before it was sent, by a budget or a window, has no entry: those that look like it are of former attempts.
      const bool sent = !draw->error || failure_of(*draw->error) || draw->error->kind == ErrorKind::cancelled;
      // A reply that could not be booked is still reserved.
      if (sent && !take(end_of(*draw)) && !draw->error) take(CallEnd::in_flight);
    }
  }

  /// Nothing where it is gone: then `request_error` says why.
  std::optional<ModelRequest> request_of(CallStep& step) {
    if (!step.request.empty()) {
      auto read = read_artifact<ModelRequest>(artifacts_, step.request);
      if (read) return *std::move(read);
      step.request_error = std::move(read).error();
    }
    if (!step.request_error)
      step.request_error = Error{ErrorKind::not_found, "E0122", "the journal does not say which prompt this was", "restore it from a backup", 0};
    return std::nullopt;
  }

  void show(CallStep& step, std::vector<PromptView>& out) {
    match(step);
    const std::size_t first = out.size();
    const std::optional<ModelRequest> request = request_of(step);
    for (const LedgerEntry& entry : step.entries) out.push_back(view_of(entry, request));
    for (Error& error : step.errors) {
      const bool told = std::ranges::any_of(step.entries, [&](const LedgerEntry& entry) { return entry.failure == error.code; });
      if (!told) out.push_back({.end = CallEnd::failed, .called = {.error = std::move(error)}});
    }
    for (ModelCalled& draw : step.draws) {
      PromptView view{.end = end_of(draw), .replied = !draw.error};
      view.called = std::move(draw);
      out.push_back(std::move(view));
    }
    if (out.size() == first) return;  // it was never called
    for (std::size_t n = first; n < out.size(); ++n) {
      out[n].path = step.path;
      out[n].request = request;
      if (!request) out[n].request_error = step.request_error;
    }
  }

  /// A call that only the ledger knows, with what the store has of it.
  PromptView view_of(const LedgerEntry& entry, const std::optional<ModelRequest>& request) {
    PromptView view{.end = end_of(entry)};
    ModelCalled& called = view.called;
    called = {.key = entry.key, .model = entry.model, .provider = entry.provider, .latency_ms = entry.latency_ms};
    called.reply.usage = entry.usage;
    called.cached = view.end == CallEnd::cached;
    called.usd = called.cached ? 0 : entry.usd;
    if (view.end == CallEnd::failed) called.error = known_by_code(entry.failure);
    if (view.end != CallEnd::paid && view.end != CallEnd::cached) return view;
    auto kept = request ? find_reply_(entry, *request) : Result<std::optional<ModelReply>>(std::optional<ModelReply>());
    if (kept && *kept) {
      called.reply = *std::move(*kept);
      view.replied = true;
    } else {
      called.notes.push_back(kept ? "its reply is not kept any more" : "its reply cannot be read: " + kept.error().message);
    }
    return view;
  }

  Artifacts& artifacts_;
  const FindReply& find_reply_;
  std::vector<CallStep> steps_{};
};

}  // namespace

std::vector<PromptView> run_prompts(const std::vector<EventInfo>& events, const std::vector<LedgerEntry>& entries, Artifacts& artifacts,
                                    const FindReply& find_reply) {
  RunPrompts prompts(artifacts, find_reply);
  for (const EventInfo& event : events) prompts.add(event);
  for (const LedgerEntry& entry : entries) prompts.add(entry);
  return prompts.views();
}

}  // namespace sluice
