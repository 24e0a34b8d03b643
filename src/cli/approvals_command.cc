#include <algorithm>
#include <functional>

#include "app/documents.h"
#include "approvals/card.h"
#include "approvals/message.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/input_text.h"
#include "cli/record_output.h"

namespace sluice {
namespace {

constexpr std::size_t kFileBytesMax = 1'000'000;

/// The question, or the SQL that a person gave in place of one.
/// An approval by its own id, else whatever `of_run` takes from the run of that id. An id of neither is an approval's that is not there.
Result<ApprovalInfo> find_approval(App& app, const std::string& id, const std::function<Result<ApprovalInfo>(const RunId&)>& of_run) {
  auto approval = app.find_approval(id);
  if (approval || approval.error().kind != ErrorKind::not_found) return approval;
  const auto run = app.find_run(id);
  if (run) return of_run(*run);
  return run.error().kind == ErrorKind::not_found ? std::move(approval).error() : run.error();
}

Result<ApprovalInfo> newest_approval_of(App& app, const RunId& run) {
  TRY(const std::vector<ApprovalInfo> all, app.approvals({.open_only = false, .run = run, .limit = 1}));
  if (!all.empty()) return all.front();
  return Error{ErrorKind::not_found, "E0106", "run " + run.text + " has not asked for an approval",
               "`sluice runs show " + run.text + "` says what became of it", 0};
}

/// The page that is asked for, and the first of the next one.
Result<std::vector<ApprovalInfo>> page_of(App& app, const ApprovalListOptions& options) {
  ApprovalFilter filter{.open_only = !options.all, .limit = options.limit + 1};
  if (!options.before.empty()) {
    TRY(const ApprovalInfo before, app.find_approval(options.before));
    filter.after = before.id;
  }
  return app.approvals(filter);
}

int show_decided(const Session& session, const ApprovalInfo& approval) {
  if (session.output != OutputFormat::table) return print_record(session, approval_json(approval));
  say(std::string(enum_name(approval.status)) + " by " + approval.decided_by + " · " + approval.id.text);
  say("The terminal or the worker that has its run goes on by itself. Where there is none: sluice runs resume " + approval.run_id.text);
  return kExitOk;
}

}  // namespace

int run_approvals_list(Session& session, const ApprovalListOptions& options) {
  const bool all = options.all;
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto approvals = page_of(**app, options);
  if (!approvals) return report(session, approvals.error());
  const bool has_older = std::ssize(*approvals) > options.limit;
  if (has_older) approvals->pop_back();
  TableView table;
  table.whole_column("approval");
  if (all) table.column("status");
  for (const char* title : {"what", "question", "asked"}) table.column(title);
  if (!all) table.column("time left");
  const TimeMs now = wall_clock_ms();
  for (const ApprovalInfo& approval : *approvals) {
    const std::string left = approval.due_at ? human_duration(std::max<TimeMs>(0, *approval.due_at - now)) : "no limit";
    std::vector<std::string> row{approval.id.text, card_act(approval.card), card_text(approval.card), ago(approval.created_at, now)};
    if (all)
      row.insert(row.begin() + 1, std::string(enum_name(approval.status)));
    else
      row.push_back(left);
    table.row(std::move(row));
  }
  const int printed = print_list(session, *approvals, approval_json, table, all ? "nothing was ever asked here" : "nothing waits for a decision");
  if (has_older) say("there are older ones: the same with --before " + approvals->back().id.text);
  if (session.output == OutputFormat::table && !all && !approvals->empty())
    say("look at one: sluice approvals show ID; decide: sluice approvals approve ID (or refine, reject)");
  return printed;
}

int run_approvals_show(Session& session, const std::string& id) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto approval = find_approval(**app, id, [&](const RunId& run) { return newest_approval_of(**app, run); });
  if (!approval) return report(session, approval.error());
  if (session.output != OutputFormat::table)
    return print_record(session, approval_json(*approval)
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
  auto approval = find_approval(**app, id, [&](const RunId& run) { return (*app)->only_approval_of(run); });
  if (!approval) return report(session, approval.error());
  DecisionInput input = decision;
  input.expected_subject_hash = approval->subject_hash;
  auto decided = (*app)->decide(approval->id, input);
  return decided ? show_decided(session, *decided) : report(session, decided.error());
}

int run_approvals_choose(Session& session, const std::string& id, std::int64_t number) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto approval = find_approval(**app, id, [&](const RunId& run) { return (*app)->only_approval_of(run); });
  if (!approval) return report(session, approval.error());
  auto decided = (*app)->choose(*approval, number);
  return decided ? show_decided(session, *decided) : report(session, decided.error());
}

int run_approvals_send(Session& session, const std::string& file) {
  auto text = read_input_text(file, kFileBytesMax, session.interrupted);
  if (!text) return report(session, text.error());
  auto message = parse_decision_message(*text);
  if (!message) return report(session, message.error());
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto decided = (*app)->decide(*message);
  return decided ? show_decided(session, *decided) : report(session, decided.error());
}

}  // namespace sluice
