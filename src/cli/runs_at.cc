#include "approvals/card.h"
#include "base/text.h"
#include "cli/answer_view.h"
#include "cli/commands.h"
#include "cli/record_output.h"

namespace sluice {
namespace {

Json moment_json(const RunAt& at) {
  return Json::object()
      .set("seq", at.event.seq)
      .set("at", iso_time(at.event.at))
      .set("event", std::string(enum_name(at.event.type)))
      .set("step", at.event.path)
      .set("later", at.later);
}

std::string approval_text(const ApprovalInfo& approval) {
  const std::string id = approval.id.text;
  if (approval.status == ApprovalStatus::open) return "waits for a decision: " + id;
  std::string text = std::string(enum_name(approval.status)) + " by " + show_hidden(approval.decided_by, false) + ": " + id;
  for (const std::string* words : {&approval.feedback, &approval.edited, &approval.reason})
    if (!words->empty()) text += ", \"" + show_hidden(*words, false) + "\"";
  return text;
}

}  // namespace

int run_runs_show_at(Session& session, const std::string& id, const std::string& step) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto run = (*app)->find_run(id);
  if (!run) return report(session, run.error());
  auto at = (*app)->run_at(*run, step);
  if (!at) return report(session, at.error());
  const RunView& view = at->view;
  if (session.output != OutputFormat::table)
    return print_record(session, answer_json(view).set("rows", Json::array()).set("moment", moment_json(*at)));
  TableView table;
  for (const char* title : {"what", "then"}) table.column(title);
  const std::string where = at->event.path.empty() ? "" : " · " + at->event.path;
  table.row({"event", std::to_string(at->event.seq) + " · " + std::string(enum_name(at->event.type)) + where});
  table.row({"at", iso_time(at->event.at) + ", " + counted(at->later, "event") + " later"});
  table.row({"status", at->later == 0 ? std::string(enum_name(view.status)) : std::string(enum_name(view.state.status()))});
  if (!view.answer.proposal.sql.empty()) table.row({"proposal", view.answer.proposal.sql});
  if (!view.answer.proposal.sql.empty()) table.row({"by", view.answer.proposal.answered_by});
  if (!view.answer.proposal.asks.empty()) table.row({"asks", view.answer.proposal.asks});
  if (!view.answer.proof.checks.empty()) table.row({"proof", view.answer.proof.holds() ? "holds" : "does not hold"});
  if (view.approval) table.row({"approval", approval_text(*view.approval)});
  if (!view.answer.execution.result.empty()) table.row({"result", counted(view.answer.execution.stats.rows, "row")});
  if (view.state.error) table.row({"error", view.state.error->code + " " + view.state.error->message});
  return print_table(session, table, "");
}

}  // namespace sluice
