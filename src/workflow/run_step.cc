#include <algorithm>
#include <cmath>
#include <exception>

#include "base/hash.h"
#include "workflow/ports/journal_errors.h"
#include "workflow/run.h"
#include "workflow/workflow_errors.h"

// A step: found in the history, or executed as its effect class allows.
namespace sluice::workflow_detail {
namespace {

constexpr std::chrono::milliseconds kInlineWaitMax{2'000};  // a longer wait for a retry parks the run
constexpr int kCallsMax = 1'000;                            // of one step in one execution, whatever its policy says

/// A cheap upper-level guess of the written size, given up once above `max`.
std::size_t size_of(const Json& value, std::size_t max) {  // NOLINT(misc-no-recursion): values have bounded depth
  constexpr std::size_t kScalar = 8;
  if (const auto* text = value.as_string()) return text->size() + 2;
  std::size_t sum = kScalar;
  if (const auto* array = value.as_array())
    for (const Json& element : *array) {
      sum += size_of(element, max);
      if (sum > max) return sum;
    }
  if (const auto* object = value.as_object())
    for (const auto& [key, member] : *object) {
      sum += key.size() + size_of(member, max);
      if (sum > max) return sum;
    }
  return sum;
}

bool leaves_no_trace(Effect effect) { return effect == Effect::pure || effect == Effect::read; }

bool is_retryable(const Error& error, const RetryPolicy& policy) {
  return error.kind == ErrorKind::transient || (error.kind == ErrorKind::timeout && policy.after_timeouts);
}

/// Whether an error of this kind can mean that the service did the work all the same.
bool is_unclear(const Error& error) {
  switch (error.kind) {
    case ErrorKind::transient:
    case ErrorKind::timeout:
    case ErrorKind::cancelled:
    case ErrorKind::storage:
    case ErrorKind::unknown_outcome:
    case ErrorKind::bug: return true;
    default: return false;
  }
}

std::string question_path(const std::string& path, int try_no) { return path + "#outcome[" + std::to_string(try_no) + "]"; }

}  // namespace

struct Run::Attempt {
  const std::string& path;
  const StepCall& call;
  const std::string& in_hash;
  Record record{};           // what is recorded, including what this execution adds
  bool intent_open = false;  // an intent for record.try_no is written and nothing speaks against using it
  TimeMs started_at = 0;
  std::string failure{};  // what the attempt before it met, for the progress display

  bool may_have_happened() const { return record.try_no > 0 && !record.last_known_failed && !leaves_no_trace(call.effect); }
  bool has_intents() const { return !leaves_no_trace(call.effect) || !call.approval_id.empty(); }
  /// Whether a call that begins now still meets the key of the first one at the service, also where it takes all its time.
  bool key_is_known(TimeMs now) const {
    return call.effect != Effect::keyed || call.dedup_window.count() == 0 ||
           now - record.intent_at + call.timeout.count() < call.dedup_window.count();
  }
};

Result<Json> Run::step(const std::string& path, const StepCall& call) {
  const std::string bytes = call.input.dump();
  const std::string in_hash = sha256_hex(bytes);
  Record* record = arrive(path, RecordKind::step);
  Attempt attempt{.path = path, .call = call, .in_hash = in_hash};
  if (record != nullptr) {
    check_input(path, *record, call, in_hash);
    for (int n = 1; n <= record->try_no; ++n)
      if (Record* question = history_.find(question_path(path, n))) visit(*question);
    if (record->closed) return replay(path, *record, call);
    if (has_been_passed()) drift(path, "the history goes on with " + what_comes_next() + " although this step has no outcome");
    come_to_the_end_of_what_is_recorded(path);
    attempt.record = *record;
  }
  return execute(attempt);
}

void Run::check_input(const std::string& path, const Record& record, const StepCall& call, const std::string& in_hash) {
  if (record.in_hash == in_hash) return;
  const Json recorded = record.input_artifact.empty() ? record.input : load_artifact(record.input_artifact);
  const bool effect_is_open = record.try_no > 0 && !record.closed;  // it was begun with exactly those bytes: only they will do
  if (call.upcast && !effect_is_open)
    if (auto today = call.upcast(recorded); today && hash_of(*today) == in_hash) return;
  drift(path, "the input differs: " + difference(recorded, call.input));
}

Result<Json> Run::replay(const std::string& path, const Record& record, const StepCall& call) {
  const Json& closed = *record.closed;
  if (const Json* error = closed.find("error")) return read_error(*error);
  Json value = closed.text("artifact").empty() ? closed["value"] : load_artifact(closed.text("artifact"));
  if (auto readable = call.readable(value); !readable) drift(path, "the recorded result cannot be read by this code: " + readable.error().message);
  return value;
}

void Run::store(Json& body, const char* name, const char* artifact_name, Json value) {
  if (size_of(value, options_.inline_max) <= options_.inline_max) {
    body.set(name, std::move(value));
    return;
  }
  auto hash = ports_.artifacts.put(value.dump());
  if (!hash) suspend(Stop::Why::paused, until_mended(info_.id, std::move(hash).error()));
  body.set(artifact_name, *std::move(hash));
}

Json Run::load_artifact(std::string_view hash) {
  auto bytes = ports_.artifacts.get(std::string(hash));
  if (!bytes) suspend(Stop::Why::paused, until_mended(info_.id, std::move(bytes).error()));
  auto value = Json::parse(*bytes);
  if (!value) suspend(Stop::Why::paused, until_mended(info_.id, artifact_damaged(hash, "it")));
  return *std::move(value);
}

Result<Json> Run::execute(Attempt& attempt) {
  if (auto settled = check_stop(attempt)) return *std::move(settled);
  if (attempt.record.attempts > 0)
    if (auto settled = wait_until(attempt, attempt.record.next_at)) return *std::move(settled);
  if (attempt.record.try_no > 0 && !attempt.record.last_known_failed)
    if (auto outcome = recover(attempt)) return *std::move(outcome);
  for (int calls = 0; calls < kCallsMax; ++calls) {
    if (calls > 0 && attempt.intent_open && !attempt.key_is_known(ports_.journal.now()))  // it was tried for so long
      if (auto outcome = recover(attempt)) return *std::move(outcome);
    if (!attempt.has_intents()) {
      flush();
    } else if (!attempt.intent_open) {
      if (auto refused = write_intent(attempt)) return *std::move(refused);
    }
    bool known_failed = false;
    Result<Json> outcome = call(attempt, known_failed);
    if (outcome) {
      if (!attempt.may_have_happened()) check_due();
      return complete(attempt, outcome);
    }
    if (auto settled = after_failure(attempt, outcome.error(), known_failed)) return *std::move(settled);
  }
  return complete(attempt, Error::exhausted("calls of step \"" + attempt.path + "\"", kCallsMax));
}

/// Unwinds where the run has to stop. The run's deadline does not turn an effect that may have happened into a failure: it is looked
/// for, then asked about.
std::optional<Result<Json>> Run::check_stop(Attempt& attempt) {
  if (attempt.may_have_happened() && is_late()) {
    check_interrupt();
    if (attempt.call.find)
      if (auto found = adopt(attempt)) return found;
    const Error unclear = outcome_unknown(info_.id, attempt.path, "the run's deadline passed before its outcome was known");
    if (auto answered = ask_about_unknown(attempt, unclear)) return answered;
  }
  check_stop();
  if (!attempt.may_have_happened()) check_due();
  return {};
}

/// An intent without an outcome: the process died, or lost its place, while the call was in flight.
std::optional<Result<Json>> Run::recover(Attempt& attempt) {
  const auto unclear = [&](const std::string& why) { return ask_about_unknown(attempt, outcome_unknown(info_.id, attempt.path, why)); };
  switch (attempt.call.effect) {
    case Effect::pure:
    case Effect::read: attempt.intent_open = true; return {};
    case Effect::keyed: {
      if (attempt.key_is_known(ports_.journal.now())) {
        attempt.intent_open = true;
        return {};
      }
      if (!attempt.call.find) return unclear("it was cut off, and the service has forgotten its key since");
      [[fallthrough]];
    }
    case Effect::reconcile: return adopt(attempt);
    case Effect::at_most_once: return unclear("it was cut off while the call was in flight");
  }
  return {};
}

std::optional<Result<Json>> Run::write_intent(Attempt& attempt) {
  Record& record = attempt.record;
  const bool first = record.try_no == 0;
  record.try_no += 1;
  StepContext step = context_of(attempt);
  NewEvent intent{.type = EventType::step_started, .path = attempt.path, .try_no = record.try_no, .in_hash = attempt.in_hash, .body = Json::object()};
  intent.body.set("effect", enum_name(attempt.call.effect)).set("key", step.idempotency_key);
  store(intent.body, "input", "input_artifact", attempt.call.input);
  Writing writing{};
  if (first && !attempt.call.approval_id.empty()) {
    intent.body.set("approval_id", attempt.call.approval_id);
    writing.spend = Spend{.id = {attempt.call.approval_id}, .subject_hash = attempt.call.subject_hash};
  }
  writing.events.push_back(std::move(intent));
  auto answer = append(std::move(writing));
  if (!answer && answer.error().code == "E0113") {
    record.try_no = 0;
    return complete(attempt, Result<Json>(std::move(answer).error()));
  }
  if (!answer) suspend_unwritten(std::move(answer).error());
  record.intent_at = ports_.journal.now();
  record.last_known_failed = false;
  attempt.intent_open = true;
  return {};
}

StepContext Run::context_of(const Attempt& attempt) const {
  constexpr std::size_t kKeyDigits = 40;
  StepContext step{.run = info_.id.text,
                   .workflow = info_.name,
                   .path = attempt.path,
                   .cancelled = interrupt_.source.get_token(),
                   .try_no = std::max(1, attempt.record.try_no),
                   .attempt = attempt.record.attempts + 1};
  if (attempt.has_intents())
    step.idempotency_key = "sluice-" + sha256_hex(info_.id.text + '\n' + attempt.path + '\n' + std::to_string(step.try_no)).substr(0, kKeyDigits);
  step.deadline = ports_.clock.steady() + attempt.call.timeout;
  return step;
}

Result<Json> Run::call(Attempt& attempt, bool& known_failed) {
  check_lease();  // writing the intent may have taken its time
  StepContext step = context_of(attempt);
  attempt.started_at = ports_.journal.now();
  if (info_.deadline_at)
    step.deadline = std::min(step.deadline, ports_.clock.steady() + std::chrono::milliseconds(*info_.deadline_at - attempt.started_at));
  if (due_at_ && leaves_no_trace(attempt.call.effect))  // it may be given up; an effect is carried through
    step.deadline = std::min(step.deadline, ports_.clock.steady() + std::chrono::milliseconds(*due_at_ - attempt.started_at));
  tell(StepProgress::Phase::started, attempt.path, step.attempt, attempt.failure);
  const NowDoing doing(doing_of(attempt.path));
  try {
    Result<Json> outcome = attempt.call.act(step);
    known_failed = step.known_failed;
    if (outcome)
      if (auto readable = attempt.call.readable(*outcome); !readable) return result_unreadable(attempt.path, readable.error());
    return outcome;
  } catch (const std::exception& thrown) {
    return step_threw(attempt.path, thrown.what());
  }
}

/// What logs, traces and services that are called hear of the step.
Doing Run::doing_of(const std::string& path) const {
  const std::string caller(info_.labels.text("traceparent"));
  const TraceContext run = trace_of_run(info_.root.text.empty() ? info_.id.text : info_.root.text, info_.id.text, caller);
  return {.run = info_.id.text, .step = path, .trace = trace_of_step(run, info_.id.text, path), .pass_on = is_tracing() || !caller.empty()};
}

/// Looks for the effect under its key; empty: it did not happen.
std::optional<Result<Json>> Run::adopt(Attempt& attempt) {
  for (int look = 1;; ++look) {
    check_lease();
    StepContext step = context_of(attempt);
    Result<std::optional<Json>> found = std::optional<Json>{};
    const NowDoing doing(doing_of(attempt.path));
    try {
      found = attempt.call.find(step);
    } catch (const std::exception& thrown) {
      found = step_threw(attempt.path, thrown.what());
    }
    if (found) {
      if (!*found) {
        attempt.intent_open = true;  // the same key again, so that one that shows up late is still found
        return {};
      }
      return complete(attempt, Result<Json>(**std::move(found)), "found at the service after an interruption");
    }
    check_interrupt();
    if (look >= attempt.call.retry.attempts_max || !is_retryable(found.error(), attempt.call.retry))
      return ask_about_unknown(attempt, outcome_unknown(info_.id, attempt.path, "looking for it failed: " + found.error().message));
    ports_.clock.sleep(attempt.call.retry.first_delay, interrupt_.source.get_token());
  }
}

std::optional<Result<Json>> Run::after_failure(Attempt& attempt, const Error& error, bool known_failed) {
  const Effect effect = attempt.call.effect;
  if (leaves_no_trace(effect)) {
    check_stop();  // a call that was stopped has no result worth recording
    check_due();
    if (is_retryable(error, attempt.call.retry) && attempt.record.attempts + 1 < attempt.call.retry.attempts_max)
      return retry_later(attempt, error, false);
    // A fault of this machine, or a service that is down when a person's yes is to be carried out, is no outcome: once it is mended, the same intent
    // and approval carry the step out.
    const bool yes_is_lost = error.kind == ErrorKind::transient && !attempt.call.approval_id.empty();
    if (error.kind == ErrorKind::storage || yes_is_lost) suspend(Stop::Why::paused, until_mended(info_.id, error));
    return complete(attempt, Result<Json>(error));
  }
  const bool more = attempt.record.attempts + 1 < attempt.call.retry.attempts_max;
  if (known_failed || !is_unclear(error)) {
    if (known_failed && is_retryable(error, attempt.call.retry) && more) return retry_later(attempt, error, true);
    return complete(attempt, Result<Json>(error));
  }
  if (effect == Effect::at_most_once) return ask_about_unknown(attempt, outcome_unknown(info_.id, attempt.path, error.message));
  if (attempt.call.find)
    if (auto found = adopt(attempt)) return found;
  check_interrupt();
  if (more && error.kind != ErrorKind::bug) return retry_later(attempt, error, false);
  return ask_about_unknown(attempt, outcome_unknown(info_.id, attempt.path, error.message));
}

std::optional<Result<Json>> Run::retry_later(Attempt& attempt, const Error& error, bool known_failed) {
  const RetryPolicy& policy = attempt.call.retry;
  Record& record = attempt.record;
  double delay = static_cast<double>(policy.first_delay.count()) * std::pow(policy.factor, record.attempts);
  delay = std::min(delay, static_cast<double>(policy.delay_max.count()));
  const double share = static_cast<double>(ports_.random.next() >> 11U) * 0x1.0p-53;  // in [0, 1)
  delay -= delay * std::clamp(policy.jitter, 0.0, 1.0) * share;
  record.attempts += 1;
  record.next_at = ports_.journal.now() + std::max(static_cast<TimeMs>(delay), TimeMs{error.retry_after_ms});
  record.last_known_failed = known_failed;
  if (known_failed) attempt.intent_open = false;
  NewEvent failed{
      .type = EventType::step_attempt_failed, .path = attempt.path, .try_no = record.try_no, .in_hash = attempt.in_hash, .body = Json::object()};
  failed.body.set("error", encode(error)).set("attempt", std::int64_t{record.attempts}).set("next_at", record.next_at);
  if (known_failed) failed.body.set("known_failed", true);
  if (!attempt.has_intents() && record.attempts == 1) store(failed.body, "input", "input_artifact", attempt.call.input);
  must_append({.events = {std::move(failed)}});
  attempt.failure = error.message;
  tell(StepProgress::Phase::retrying, attempt.path, record.attempts + 1, attempt.failure);
  return wait_until(attempt, record.next_at);
}

std::optional<Result<Json>> Run::wait_until(Attempt& attempt, TimeMs due) {
  const std::chrono::milliseconds left{due - ports_.journal.now()};
  if (left > kInlineWaitMax)
    park({.wake_at = due, .reason = "tries \"" + attempt.path + "\" again later", .carried_through = attempt.may_have_happened()});
  if (left.count() > 0) ports_.clock.sleep(left, interrupt_.source.get_token());
  return check_stop(attempt);
}

NewEvent Run::question_about(const Attempt& attempt, const Error& error, std::vector<NewApproval>& approvals) const {
  const Record& record = attempt.record;
  const std::string path = question_path(attempt.path, record.try_no);
  Json subject = Json::object();
  subject.set("step", attempt.path).set("try", std::int64_t{record.try_no}).set("input_hash", attempt.in_hash);
  const std::string hash = hash_of(subject);
  const ApprovalId id{approval_id_of(info_.id, path, hash)};
  Json card = Json::object();
  card.set("kind", "unknown_outcome").set("step", attempt.path).set("effect", enum_name(attempt.call.effect)).set("problem", error.message);
  card.set("key", context_of(attempt).idempotency_key).set("begun_at", record.intent_at).set("input", attempt.call.input);
  card.set("answers", "approve: do it again; reject: count it as failed; refine with the result as edited JSON: it did happen");
  approvals.push_back(
      {.id = id, .path = path, .subject_hash = hash, .subject = std::move(subject), .card = std::move(card), .policy = "unknown outcome"});
  return {.type = EventType::approval_requested,
          .path = path,
          .in_hash = hash,
          .body = Json::object().set("approval_id", id.text).set("policy", "unknown outcome")};
}

/// Nobody but a person can know. Empty: the person says to do it again.
std::optional<Result<Json>> Run::ask_about_unknown(Attempt& attempt, const Error& error) {
  Record& record = attempt.record;
  const std::string path = question_path(attempt.path, record.try_no);
  Parking waiting{.status = RunStatus::unknown, .reason = error.message};
  const Record* question = history_.find(path);
  if (question == nullptr) {
    waiting.events.push_back(question_about(attempt, error, waiting.approvals));
    tell(StepProgress::Phase::waiting, attempt.path);
    park(std::move(waiting));
  }
  const Json answer = decided(path, *question, waiting);
  const std::string by(answer.text("decided_by"));
  if (answer.text("status") == "approved") {
    // The first call may still be under way at the service until its deadline, and its process alive until its lease ends.
    const TimeMs safe_at = record.intent_at + attempt.call.timeout.count() + options_.lease.count();
    if (ports_.journal.now() < safe_at) {
      waiting.wake_at = safe_at;
      park(std::move(waiting));
    }
    attempt.intent_open = false;
    record.last_known_failed = true;
    return {};
  }
  if (answer.text("status") == "refined" && !answer.text("edited").empty()) {
    auto given = Json::parse(answer.text("edited"));
    if (given && attempt.call.readable(*given)) return complete(attempt, given, "its result was given by " + by);
  }
  Error final = error;
  final.hint = "counted as failed by " + by;
  return complete(attempt, Result<Json>(std::move(final)));
}

Result<Json> Run::complete(Attempt& attempt, const Result<Json>& outcome, const std::string& note) {
  NewEvent event{
      .type = EventType::step_completed, .path = attempt.path, .try_no = attempt.record.try_no, .in_hash = attempt.in_hash, .body = Json::object()};
  event.body.set("effect", enum_name(attempt.call.effect));
  if (attempt.record.try_no == 0) store(event.body, "input", "input_artifact", attempt.call.input);
  if (outcome) {
    store(event.body, "value", "artifact", *outcome);
  } else {
    event.body.set("error", encode(outcome.error()));
  }
  event.body.set("attempts", std::int64_t{attempt.record.attempts + 1}).set("started_at", attempt.started_at);
  if (attempt.call.proposes) event.body.set("proposes", true);
  if (!note.empty()) event.body.set("note", note);
  pending_.push_back(std::move(event));
  if (attempt.has_intents()) must_append({.outcome = true});
  tell(outcome ? StepProgress::Phase::finished : StepProgress::Phase::failed, attempt.path, attempt.record.attempts + 1);
  return outcome;
}

}  // namespace sluice::workflow_detail
