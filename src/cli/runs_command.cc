#include "app/documents.h"
#include "base/text.h"
#include "cli/answer_view.h"
#include "cli/commands.h"
#include "cli/record_output.h"
#include "cli/run_text.h"
#include "cli/usage.h"

namespace sluice {
namespace {

/// What of an event's body a person wants in one line.
std::string event_detail(const EventInfo& event) {
  const Json& body = event.body;
  const Json& error = body["error"];
  if (!error.is_null()) return std::string(error.text("code")) + " " + std::string(error.text("message"));
  if (event.type == EventType::approval_decided) {
    const std::string by(body.text("decided_by"));
    return std::string(body.text("status")) + (by.empty() ? "" : " by " + by);
  }
  if (event.type == EventType::approval_requested) return std::string(body.text("approval_id"));
  if (event.type == EventType::drift) return std::string(body.text("difference"));
  if (!body.text("reason").empty()) return std::string(body.text("reason"));
  if (!body["value"].is_null()) return body["value"].dump_text();
  return "";
}

Result<RunView> find_run_view(App& app, const std::string& id) {
  TRY(const RunId run, app.find_run(id));
  return app.run(run);
}

/// What each run that goes on waits for: a decision, or somebody who takes it up.
void say_what_they_wait_for(const std::vector<RunSummary>& runs) {
  constexpr int kShownMax = 5;
  int shown = 0;
  for (const auto& [run, status] : runs)
    if ((status == AskStatus::paused || status == AskStatus::waiting) && !run.reason.empty() && shown++ < kShownMax)
      say(std::string(enum_name(status)) + " · " + run.id.text + ": " + show_hidden(run.reason, false));
  if (shown > kShownMax) say("… and " + std::to_string(shown - kShownMax) + " more: sluice runs list --output json says why");
}

/// E0800 and E0801 for what cannot be searched for.
Result<RunSearch> search_of(const RunListOptions& options) {
  RunSearch search{.workflow = options.workflow, .connection = options.connection, .queue = options.queue, .text = options.text};
  search.before = options.before;
  search.limit = options.limit;
  if (!options.status.empty()) {
    TRY(search.status, option_value<AskStatus>("--status", options.status));
  }
  const TimeMs now = wall_clock_ms();
  if (!options.since.empty()) {
    TRY(search.since, parse_moment(options.since, now));
  }
  if (!options.until.empty()) {
    TRY(search.until, parse_moment(options.until, now));
  }
  return search;
}

/// Before what a run is about, in a list: a fork and a copy are about the same as another run.
std::string origin_mark(const RunInfo& run) { return !run.imported.empty() ? "(copy) " : !run.forked_from.empty() ? "(fork) " : ""; }

bool narrows(const RunSearch& search) {
  return search.status || search.since || search.until || !search.workflow.empty() || !search.connection.empty() || !search.queue.empty() ||
         !search.text.empty() || !search.before.empty();
}

/// Where a run comes from, if it was not asked here.
void say_origin(const RunInfo& run) {
  if (!run.imported.empty()) say("a copy from another journal, imported " + show_hidden(run.imported, false) + ": it can be forked, not executed");
  if (!run.forked_from.empty()) say("a fork of run " + run.forked_from.text + ": its first " + counted(run.forked_seq, "event"));
}

}  // namespace

int run_runs_list(Session& session, const RunListOptions& options) {
  const auto search = search_of(options);
  if (!search) return report_usage(session, search.error());
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto runs = (*app)->runs(*search);
  if (!runs) return report(session, runs.error());
  TableView table;
  table.whole_column("run");
  for (const char* title : {"status", "connection", "what", "asked"}) table.column(title);
  const TimeMs now = wall_clock_ms();
  for (const auto& [run, status] : runs->runs)
    table.row({run.id.text, std::string(enum_name(status)), std::string(run.labels.text("connection")),
               origin_mark(run) + std::string(run.labels.text("text")), ago(run.created_at, now)});
  const char* when_empty = !runs->damaged.empty() ? "no run that can be read"
                           : narrows(*search)     ? "no such run"
                                                  : "no runs; start one with: sluice ask \"…\"";
  const int printed = print_list(session, runs->runs, run_json, table, when_empty);
  if (session.output == OutputFormat::table) say_what_they_wait_for(runs->runs);
  if (!runs->next.empty()) say("there are older ones: the same with --before " + runs->next.text);
  for (const Error& error : runs->damaged) say_error(session, error);
  return runs->damaged.empty() ? printed : kExitHandled;
}

int run_runs_show(Session& session, const std::string& id) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto view = find_run_view(**app, id);
  if (!view) return report(session, view.error());
  say_origin(view->state.run);
  if (session.output == OutputFormat::table) {
    if (const int printed = print_text(run_text(*view, session.terminal)); printed != kExitOk) return printed;
  }
  return show_answer(session, **app, *view, ShowFor::looking);
}

int run_runs_events(Session& session, const std::string& id) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto run = (*app)->find_run(id);
  if (!run) return report(session, run.error());
  auto events = (*app)->events(*run);
  if (!events) return report(session, events.error());
  TableView table;
  constexpr int kDetailWidth = 100;
  table.column("seq", TableView::Align::right);
  table.column("after", TableView::Align::right);
  table.column("event");
  table.whole_column("step");
  table.column("detail");
  const TimeMs begun = events->empty() ? 0 : events->front().at;
  for (const EventInfo& event : *events)
    table.row({std::to_string(event.seq), human_duration(event.at - begun), std::string(enum_name(event.type)), event.path,
               clipped(event_detail(event), kDetailWidth)});
  if (session.output == OutputFormat::table && !events->empty()) say("begun at " + iso_time(begun));
  return print_list(session, *events, event_json, table, "");
}

int run_runs_cancel(Session& session, const std::string& id, const std::string& reason) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto run = (*app)->find_run(id);
  if (!run) return report(session, run.error());
  auto view = (*app)->cancel(*run, reason);
  if (!view) return report(session, view.error());
  if (session.output != OutputFormat::table) return print_record(session, run_json({view->state.run, view->status}));
  say((is_final(view->state.status()) ? std::string(enum_name(view->status)) : "asked the process that works on it to stop") + " · " + run->text);
  return kExitOk;
}

int run_runs_signal(Session& session, const std::string& id, const std::string& topic, const std::string& data, const std::string& message_id) {
  auto body = Json::parse(data);
  if (!body)
    return report_usage(session, wrong_usage("--data is no JSON: " + body.error().message, "quote it as a whole: --data '{\"approved\": true}'"));
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto run = (*app)->find_run(id);
  if (!run) return report(session, run.error());
  auto sent = (*app)->signal(*run, topic, *body, message_id);
  if (!sent) return report(session, sent.error());
  const auto view = (*app)->run(*run);
  if (!view) return report(session, view.error());
  const std::string& now = view->state.run.reason;
  if (session.output != OutputFormat::table)
    return print_record(
        session, Json::object().set("run_id", run->text).set("topic", topic).set("status", std::string(enum_name(view->status))).set("reason", now));
  say("left for the run, which takes it once it waits for \"" + show_hidden(topic, false) + "\" · " + run->text);
  if (!now.empty()) say("  the run now: " + show_hidden(now, false));
  return kExitOk;
}

}  // namespace sluice
