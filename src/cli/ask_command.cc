#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "approvals/card.h"
#include "approvals/policy.h"
#include "base/text.h"
#include "cli/answer_view.h"
#include "cli/approval_prompt.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/record_output.h"
#include "cli/usage.h"

namespace sluice {

/// Who decides: --approve.
enum class Approve : std::uint8_t { ask, policy };
template <>
struct EnumNames<Approve> {
  static constexpr std::array<std::pair<Approve, std::string_view>, 2> names{{{Approve::ask, "ask"}, {Approve::policy, "policy"}}};
};

namespace {

constexpr std::chrono::milliseconds kWaitSlice{200};

Error no_policy(const std::string& config) {
  return {ErrorKind::input, "E0808", "--approve policy: " + config + " has no policy that lets anything through",
          "leave it out to be asked, or write there:\napprovals:\n  auto: {reads: true, max_bytes: 50MB}", 0};
}

Error no_sql() {
  return {ErrorKind::input, "E0811", "the SQL is empty", "write one statement that reads, for example: sluice query \"SELECT count(*) FROM orders\"",
          0};
}

/// What a step's path means to a person.
std::string stage_of(const std::string& path) {
  struct Stage {
    std::string_view step, words;
  };
  for (const auto& [step, words] : std::initializer_list<Stage>{{"read catalog", "reading the catalog"},
                                                                {"propose", "working out the query"},
                                                                {"read memory", "looking for approved questions"},
                                                                {"compose", "choosing tables for the model"},
                                                                {"call model", "asking the model"},
                                                                {"prove", "proving it"},
                                                                {"settle", "comparing drafts"},
                                                                {"execute", "running it"}})
    if (path.ends_with(step)) return std::string(words);
  return "";
}

/// Why the policy that was asked did not decide.
void say_why_a_person(const RunView& view) {
  if (view.input.policy.reads && card_choices(view.approval->card).empty())
    say("The policy in sluice.yaml does not cover this: " + why_a_person(view.input.policy, view.answer.proof) + ". A person has to decide.");
}

/// Nobody can be asked here: who can decide, how, and for how long this process waits.
void say_what_it_waits_for(const RunView& view) {
  const ApprovalInfo& approval = *view.approval;
  constexpr TimeMs kMinute = 60'000;
  std::string left = "without a limit";
  if (approval.due_at) {
    const TimeMs rest = std::max<TimeMs>(0, *approval.due_at - wall_clock_ms());
    left = "up to " + human_duration(rest < kMinute ? rest : (rest + kMinute - 1) / kMinute * kMinute);
  }
  say("This waits for a decision from another terminal, " + left + ", and then goes on by itself:");
  const auto choices = static_cast<std::int64_t>(card_choices(approval.card).size());
  if (choices > 0)
    say("  sluice approvals choose " + approval.id.text + " NUMBER, 1 to " + std::to_string(choices));
  else
    say("  sluice approvals approve " + approval.id.text);
  say("  sluice approvals refine " + approval.id.text + " --feedback \"…\"");
  say("  sluice approvals reject " + approval.id.text);
  say("If it is ended before that: sluice runs resume " + view.state.run.id.text);
}

/// Ctrl-C while this process worked on the run: the person wants it to stop, so the run ends; its record stays. What waits for a decision, what
/// another process works on, and what a shutdown interrupts, goes on later.
Result<RunView> interrupted(App& app, RunView view, bool watching) {
  const bool waiting = view.approval && view.approval->status == ApprovalStatus::open;
  if (waiting || watching || is_final(view.state.status()) || !Interrupts::by_person()) return view;
  return app.cancel(view.state.run.id, "interrupted in the terminal");
}

/// Stops with the session, and shows what goes on.
DriveOptions drive_options(const Session& session, Progress& progress) {
  return {.stop = session.interrupted, .on_step = [&progress](const StepProgress& step) {
            const bool busy = step.phase == StepProgress::Phase::started || step.phase == StepProgress::Phase::retrying;
            const std::string why = step.why.empty() ? "" : ": " + show_hidden(step.why, false);
            progress.stage(busy ? stage_of(step.path) + (step.attempt > 1 ? " (attempt " + std::to_string(step.attempt) + why + ")" : "") : "");
          }};
}

/// Works on a run until it has ended, is left waiting, or cannot go on. `watching`: another process works on it as this begins.
Result<RunView> follow_run(Session& session, App& app, Result<RunView> view, Progress& progress, bool watching = false) {
  bool announced = false;
  std::string shown_approval;
  const Interrupts::LastWords words(view ? "\nended at once; go on with it: sluice runs resume " + view->state.run.id.text + "\n" : "");
  while (view) {
    if (session.interrupted.stop_requested()) return interrupted(app, *std::move(view), watching);
    if (is_final(view->state.status()) || view->state.status() == RunStatus::paused || view->state.status() == RunStatus::unknown) return view;
    const bool open = view->approval && view->approval->status == ApprovalStatus::open;
    app.rest();
    if (open && can_ask(session)) {
      if (shown_approval != view->approval->id.text) {
        show_card(session, *view);
        say_why_a_person(*view);
      }
      shown_approval = view->approval->id.text;
      TRY(const PromptEnd end, ask_for_decision(session, app, *view));
      if (end == PromptEnd::left) return view;
    } else {
      if (open && !announced) {
        show_card(session, *view);
        say_why_a_person(*view);
        say_what_it_waits_for(*view);
        announced = true;
      }
      TRY_VOID(app.wait(view->state.run.id, kWaitSlice, session.interrupted));
    }
    if (session.interrupted.stop_requested()) continue;
    auto next = app.resume(view->state.run.id, drive_options(session, progress));
    // Another process carries the run out: watch it do so.
    watching = !next && next.error().kind == ErrorKind::conflict;
    if (watching) next = app.run(view->state.run.id);
    if (next && next->approval && view->approval && next->approval->id != view->approval->id) announced = false;
    view = std::move(next);
  }
  return view;
}

}  // namespace

Result<RunView> go_on_with(Session& session, App& app, const RunId& run, bool resume) {
  Progress progress(session.terminal);
  DriveOptions options = drive_options(session, progress);
  options.resume = resume;
  auto view = app.resume(run, options);
  const bool elsewhere = !view && view.error().code == "E0104";
  if (elsewhere) {
    say(show_hidden(view.error().message, false) + "; this watches it, Ctrl-C leaves it alone");
    view = app.run(run);
  }
  view = follow_run(session, app, std::move(view), progress, elsewhere);
  progress.stage("");
  return view;
}

namespace {

Result<AskRequest> ask_request(const Session& session, const AskOptions& options) {
  TRY(const Approve approve, option_value<Approve>("--approve", options.approve));
  AskRequest request{.connection = options.connection, .policy_decides = approve == Approve::policy, .interactive = can_ask(session)};
  if (options.queue) request.interactive = false;  // whoever asks is gone when it is worked on
  (options.is_sql ? request.sql : request.question) = options.text;
  if (options.no_model && !options.model.empty()) return wrong_usage("--model and --no-model are both there", "leave one of them out");
  if (options.no_model) request.model = "";
  if (!options.model.empty()) request.model = options.model;
  if (options.no_fast_path) request.fast_path = FastPath::off;
  request.fresh = options.no_cache;
  if (!options.approval_timeout.empty()) {
    TRY(request.approval_timeout, parse_duration(options.approval_timeout));
  }
  return request;
}

Result<QueuedAs> queued_as(const AskOptions& options) {
  constexpr int kPriorityMax = 1000;
  QueuedAs as{.queue = options.queue.value_or(""), .dedup_key = options.dedup_key.value_or("")};
  if (options.dedup_key && options.dedup_key->empty())
    return wrong_usage("--dedup-key is empty", "give a short text that the same request has again, such as a ticket's number");
  if (!options.queue && (!options.priority.empty() || options.dedup_key))
    return wrong_usage("--priority and --dedup-key are for questions that wait for a worker", "say which queue: --queue default");
  if (options.priority.empty()) return as;
  const std::string& text = options.priority;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), as.priority);
  if (failure == std::errc() && end == text.data() + text.size() && std::abs(as.priority) <= kPriorityMax) return as;
  return wrong_usage("--priority cannot be \"" + show_hidden(text, false) + "\"", "use a whole number from -1000 to 1000");
}

int enqueue(const Session& session, App& app, const AskRequest& request, const QueuedAs& as) {
  const auto queued = app.enqueue(request, as);
  if (!queued) return queued.error().code == "E0814" ? report_usage(session, queued.error()) : report(session, queued.error());
  const auto view = app.run(queued->run);  // with a key, it may be there already, and in another queue
  if (!view) return report(session, view.error());
  const RunInfo& run = view->state.run;
  if (session.output != OutputFormat::table)
    return print_record(session, Json::object()
                                     .set("run_id", run.id.text)
                                     .set("queue", run.place.queue)
                                     .set("status", std::string(enum_name(view->status)))
                                     .set("existed", queued->existed));
  if (queued->existed)
    say("This key has its run already, asked " + ago(run.created_at, wall_clock_ms()) + ": " + std::string(enum_name(view->status)));
  if (!is_final(run.status)) say("A worker works on it: sluice worker --queues " + run.place.queue);
  say("What became of it: sluice runs show " + run.id.text);
  return print_text(run.id.text + "\n");
}

}  // namespace

int run_ask(Session& session, const AskOptions& options) {
  const auto request = ask_request(session, options);
  if (!request) return report_usage(session, request.error());
  const auto as = queued_as(options);
  if (!as) return report_usage(session, as.error());
  if (options.is_sql && trim(options.text).empty()) return report(session, no_sql());
  auto app = session.open();
  if (!app) return report(session, app.error());
  if (request->policy_decides && !(*app)->config().approvals.auto_reads) return report_usage(session, no_policy((*app)->config().path));
  if (options.queue) return enqueue(session, **app, *request, *as);
  Progress progress(session.terminal);
  auto view = follow_run(session, **app, (*app)->ask(*request, drive_options(session, progress)), progress);
  progress.stage("");
  if (!view) return report(session, view.error());
  return show_answer(session, **app, *view);
}

int run_runs_resume(Session& session, const std::string& id) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto run = (*app)->find_run(id);
  if (!run) return report(session, run.error());
  auto view = go_on_with(session, **app, *run, true);
  if (!view) return report(session, view.error());
  return show_answer(session, **app, *view);
}

}  // namespace sluice
