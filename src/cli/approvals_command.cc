#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "approvals/card.h"
#include "approvals/message.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/table_view.h"

namespace sluice {
namespace {

constexpr std::streamsize kFileBytesMax = 1'000'000;

Json approval_summary(const ApprovalInfo& approval) {
  return Json::object()
      .set("approval_id", approval.id.text)
      .set("run_id", approval.run_id.text)
      .set("status", std::string(enum_name(approval.status)))
      .set("act", card_act(approval.card))
      .set("question", approval.card.text("question"))
      .set("subject_hash", approval.subject_hash)
      .set("created_at", iso_time(approval.created_at))
      .set("due_at", approval.due_at ? Json(iso_time(*approval.due_at)) : Json())
      .set("decided_by", approval.decided_by)
      .set("decided_at", approval.decided_at ? Json(iso_time(*approval.decided_at)) : Json());
}

/// An approval to look at: by its own id, or the newest one of a run.
Result<ApprovalInfo> find_approval(App& app, const std::string& id) {
  auto approval = app.approval({id});
  if (approval || approval.error().kind != ErrorKind::not_found) return approval;
  TRY(const std::vector<ApprovalInfo> of_run, app.approvals({.open_only = false, .run = {id}, .limit = 1}));
  if (of_run.empty()) return std::move(approval).error();
  return of_run.front();
}

int show_decided(const Session& session, const ApprovalInfo& approval) {
  if (session.output == OutputFormat::json) return print_json(approval_summary(approval));
  say(std::string(enum_name(approval.status)) + " by " + approval.decided_by + " · " + approval.id.text);
  say("The terminal where the question was asked goes on by itself. Where none is left: sluice runs resume " + approval.run_id.text);
  return kExitOk;
}

Result<std::string> read_text(const std::string& file) {
  std::ostringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in)
    return Error{ErrorKind::not_found, "E0805", "the file \"" + show_hidden(file, false) + "\" cannot be read",
                 "check the name and the permission; nothing was sent", 0};
  if (in.tellg() > kFileBytesMax)
    return Error{ErrorKind::input, "E0805", "the file \"" + show_hidden(file, false) + "\" is larger than 1 MB",
                 "a decision is a few lines of JSON; nothing was sent", 0};
  in.seekg(0);
  text << in.rdbuf();
  return text.str();
}

}  // namespace

int run_approvals_list(Session& session, bool all) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto approvals = (*app)->approvals({.open_only = !all, .limit = kListMax});
  if (!approvals) return report(session, approvals.error());
  if (session.output == OutputFormat::json) {
    Json out = Json::array();
    for (const ApprovalInfo& approval : *approvals) out.push(approval_summary(approval));
    return print_json(out);
  }
  TableView table;
  for (const char* title : {"approval", "run", "status", "what", "question", "asked", "time left"}) table.column(title);
  const TimeMs now = wall_clock_ms();
  for (const ApprovalInfo& approval : *approvals) {
    const bool open = approval.status == ApprovalStatus::open;
    const std::string left = !approval.due_at ? "no limit" : *approval.due_at > now ? human_duration(*approval.due_at - now) : "over";
    table.row({approval.id.text, approval.run_id.text, std::string(enum_name(approval.status)), card_act(approval.card),
               std::string(approval.card.text("question")), ago(approval.created_at, now), open ? left : ""});
  }
  if (table.empty()) {
    say(all ? "nothing was ever asked here" : "nothing waits for a decision");
    return kExitOk;
  }
  return print_text(table.render(session.terminal.output ? session.terminal.width : 0, session.terminal.color_output));
}

int run_approvals_show(Session& session, const std::string& id) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto approval = find_approval(**app, id);
  if (!approval) return report(session, approval.error());
  if (session.output == OutputFormat::json)
    return print_json(approval_summary(*approval)
                          .set("card", approval->card)
                          .set("subject", approval->subject)
                          .set("feedback", approval->feedback)
                          .set("reason", approval->reason));
  std::string text = card_text(approval->card, {.color = session.terminal.color_output, .width = session.terminal.width});
  text += "\n" + approval->id.text + " of " + approval->run_id.text + ": " + std::string(enum_name(approval->status));
  if (!approval->decided_by.empty()) text += " by " + approval->decided_by;
  return print_text(text + "\n");
}

int run_approvals_decide(Session& session, const std::string& id, const DecisionInput& decision) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto approval = (*app)->approval({id});
  if (!approval && approval.error().kind == ErrorKind::not_found)
    if (auto of_run = (*app)->only_approval_of({id}); of_run || of_run.error().kind == ErrorKind::conflict) approval = std::move(of_run);
  if (!approval) return report(session, approval.error());
  DecisionInput input = decision;
  input.expected_subject_hash = approval->subject_hash;
  auto decided = (*app)->decide(approval->id, input);
  return decided ? show_decided(session, *decided) : report(session, decided.error());
}

int run_approvals_send(Session& session, const std::string& file) {
  auto text = read_text(file);
  if (!text) return report(session, text.error());
  auto message = parse_decision_message(*text);
  if (!message) return report(session, message.error());
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto decided = (*app)->decide(*message);
  return decided ? show_decided(session, *decided) : report(session, decided.error());
}

}  // namespace sluice
