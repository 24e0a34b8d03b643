#include "base/text.h"
#include "cli/answer_view.h"
#include "cli/commands.h"
#include "cli/table_view.h"

namespace sluice {
namespace {

Json run_summary(const RunInfo& run) {
  return Json::object()
      .set("run_id", run.id.text)
      .set("workflow", run.name)
      .set("status", std::string(enum_name(run.status)))
      .set("connection", run.labels.text("connection"))
      .set("text", run.labels.text("text"))
      .set("created_at", iso_time(run.created_at))
      .set("updated_at", iso_time(run.updated_at))
      .set("reason", run.reason);
}

Json event_json(const EventInfo& event) {
  return Json::object()
      .set("seq", event.seq)
      .set("at", iso_time(event.at))
      .set("type", std::string(enum_name(event.type)))
      .set("path", event.path)
      .set("try", event.try_no)
      .set("epoch", event.epoch)
      .set("in_hash", event.in_hash)
      .set("body", event.body);
}

/// What of an event's body a person wants in one line.
std::string event_detail(const EventInfo& event) {
  const Json& body = event.body;
  const Json& error = body["error"];
  if (!error.is_null()) return std::string(error.text("code")) + " " + std::string(error.text("message"));
  if (event.type == EventType::approval_decided) return std::string(body.text("status")) + " by " + std::string(body.text("decided_by"));
  if (event.type == EventType::approval_requested) return std::string(body.text("approval_id"));
  if (event.type == EventType::drift) return std::string(body.text("difference"));
  if (!body.text("reason").empty()) return std::string(body.text("reason"));
  if (!body["value"].is_null()) return body["value"].dump_text();
  return "";
}

}  // namespace

int run_runs_list(Session& session, const std::string& status, int limit) {
  RunFilter filter{.limit = limit};
  if (!status.empty()) {
    auto wanted = decode<RunStatus>(Json(status));
    if (!wanted)
      return report(session, {ErrorKind::input, "E0806", "\"" + show_hidden(status, false) + "\" is not a status of a run",
                              "use ready, running, parked, paused, unknown, done, failed or cancelled", 0});
    filter.status = *wanted;
  }
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto runs = (*app)->runs(filter);
  if (!runs) return report(session, runs.error());
  if (session.output == OutputFormat::json) {
    Json out = Json::array();
    for (const RunInfo& run : *runs) out.push(run_summary(run));
    return print_json(out);
  }
  TableView table;
  for (const char* title : {"run", "status", "connection", "what", "asked"}) table.column(title);
  const TimeMs now = wall_clock_ms();
  for (const RunInfo& run : *runs)
    table.row({run.id.text, std::string(enum_name(run.status)), std::string(run.labels.text("connection")), std::string(run.labels.text("text")),
               ago(run.created_at, now)});
  if (table.empty()) {
    say("no runs; start one with: sluice ask \"…\"");
    return kExitOk;
  }
  return print_text(table.render(session.terminal.output ? session.terminal.width : 0, session.terminal.color_output));
}

int run_runs_show(Session& session, const std::string& id) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto view = (*app)->run({id});
  if (!view) return report(session, view.error());
  if (session.output == OutputFormat::table && view->status != AskStatus::answered && view->approval) say(view->answer.proposal.sql);
  show_answer(session, **app, *view);
  return kExitOk;
}

int run_runs_events(Session& session, const std::string& id) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto events = (*app)->events({id});
  if (!events) return report(session, events.error());
  if (session.output == OutputFormat::json || session.output == OutputFormat::jsonl) {
    Json out = Json::array();
    for (const EventInfo& event : *events) {
      if (session.output == OutputFormat::jsonl && print_text(event_json(event).dump_text() + "\n") != kExitOk) return kExitHandled;
      out.push(event_json(event));
    }
    return session.output == OutputFormat::json ? print_json(out) : kExitOk;
  }
  TableView table;
  constexpr int kDetailWidth = 100;
  table.column("seq", TableView::Align::right);
  for (const char* title : {"at", "event", "step", "detail"}) table.column(title);
  for (const EventInfo& event : *events)
    table.row(
        {std::to_string(event.seq), iso_time(event.at), std::string(enum_name(event.type)), event.path, clipped(event_detail(event), kDetailWidth)});
  return print_text(table.render(session.terminal.output ? session.terminal.width : 0, session.terminal.color_output));
}

int run_runs_cancel(Session& session, const std::string& id, const std::string& reason) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto view = (*app)->cancel({id}, reason);
  if (!view) return report(session, view.error());
  if (session.output == OutputFormat::json) return print_json(run_summary(view->state.run));
  say(is_final(view->state.status()) ? std::string(enum_name(view->state.status())) + " · " + id
                                     : "asked the process that works on it to stop · " + id);
  return kExitOk;
}

}  // namespace sluice
