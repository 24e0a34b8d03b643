#include "cli/answer_view.h"

#include <algorithm>
#include <cstdio>

#include "app/documents.h"
#include "approvals/card.h"
#include "base/text.h"
#include "cli/costs_text.h"

namespace sluice {
namespace {

std::string models_text(const Spent& spent) {
  const std::string calls = counted(spent.calls, "model call") + " with " + counted(spent.tokens, "token");
  return calls + (spent.unpriced >= spent.calls ? ", price " : " for ") + costs_text(spent.usd, spent.calls, spent.unpriced);
}

/// How a person gets another chance to decide.
std::string asked_anew(const RunView& view) {
  return "  ask for it anew: sluice runs fork " + view.state.run.id.text + " --from \"" + view.approval->path + "\"";
}

/// What a run waits for, and what can be done about it.
void say_what_for(const RunView& view, bool shown_whole) {
  const std::string run = view.state.run.id.text;
  if (view.approval && view.approval->status == ApprovalStatus::open) {
    const bool asked_back = !card_choices(view.approval->card).empty();
    say((asked_back ? "  answer: sluice approvals choose " : "  decide: sluice approvals approve ") + view.approval->id.text +
        (asked_back ? " NUMBER" : "") + "   (or refine, reject)");
    say("  then go on, where no worker does: sluice runs resume " + run);
    return;
  }
  if (view.approval && view.approval->status == ApprovalStatus::expired) say(asked_anew(view));
  if (!shown_whole && !view.state.run.reason.empty()) say("  " + show_hidden(view.state.run.reason, false));
}

/// One line on standard error that says how it ended.
void say_ending(const Session& session, const RunView& view, bool shown_whole) {
  const bool color = session.terminal.color_errors;
  const std::string run = view.state.run.id.text;
  switch (view.status) {
    case AskStatus::answered: {
      const ReadStats& stats = view.answer.execution.stats;
      std::string line = counted(stats.rows, "row") + ", " + human_bytes(stats.bytes);
      if (stats.bytes_scanned) line += ", " + human_bytes(*stats.bytes_scanned) + " scanned";
      if (view.models.calls > 0) line += ", " + models_text(view.models);
      // Where a policy decided, nobody has seen the card.
      if (view.answer.decided_by.starts_with("policy"))
        for (const std::string& from : view.answer.proposal.made_from) say(styled(Style::dim, show_hidden(from, false), color));
      say(styled(Style::dim, line + ", " + human_duration(stats.elapsed_ms) + " · approved by " + view.answer.decided_by + " · " + run, color));
      return;
    }
    case AskStatus::rejected:
      say("rejected by " + view.answer.decided_by + (view.answer.reason.empty() ? "" : ": " + show_hidden(view.answer.reason, false)) + " · " + run);
      return;
    case AskStatus::timeout:
      say("nobody decided in time; --approval-timeout gives longer · " + run);
      if (view.approval) say(asked_anew(view));
      return;
    case AskStatus::waiting:
      say("still waiting · " + run);
      say_what_for(view, shown_whole);
      return;
    case AskStatus::failed:
    case AskStatus::unanswerable:
    case AskStatus::cancelled:
    case AskStatus::paused:
    case AskStatus::unknown: break;
  }
  const std::string& reason = view.state.run.reason;
  const bool told = shown_whole || reason.empty() || error_of(view);  // an error says it in full
  say(std::string(enum_name(view.status)) + (told ? "" : ": " + show_hidden(reason, false)) + " · " + run);
}

/// Where nobody was shown the card, the person still sees what ran and why it was allowed.
void say_what_ran(const Session& session, const RunView& view) {
  if (view.answer.proposal.sql.empty() || !view.approval || view.approval->card.is_null()) return;
  const bool decided_by_policy = view.approval->decided_by.starts_with("policy");
  if (view.status == AskStatus::answered && decided_by_policy)
    say(card_text(view.approval->card, {.color = session.terminal.color_errors, .width = session.terminal.width, .brief = true}));
}

/// An imported run, of which everything came but the rows.
bool rows_are_elsewhere(App& app, const RunView& view) {
  if (view.status != AskStatus::answered || view.state.run.imported.empty()) return false;
  RowBuffer first(1);
  if (app.rows(view, 1, first)) return false;
  const std::int64_t rows = view.answer.execution.stats.rows;
  say("its " + counted(rows, "row") + (rows == 1 ? " is" : " are") + " not here: an export holds none; ask again: sluice runs fork " +
      view.state.run.id.text + " --from execute");
  return true;
}

int print_json_answer(App& app, RunView view, const Terminal& terminal) {
  if (rows_are_elsewhere(app, view)) return print_text(answer_json(view).set("rows", Json::array()).dump_text() + "\n");
  RowBuffer first(1);
  // Before anything is printed: a result that cannot be read must not look like one without rows.
  if (const auto readable = view.status == AskStatus::answered ? app.rows(view, 1, first) : Result<>(); !readable) {
    view.status = AskStatus::failed;
    view.answer.error = readable.error();
    say("error " + readable.error().code + " " + readable.error().message + "\n  next: " + readable.error().hint);
    print_text(answer_json(view).set("rows", Json::array()).dump_text() + "\n");
    return kExitHandled;
  }
  std::string head = answer_json(view).dump_text();
  head.pop_back();  // its closing brace: rows stream in before it
  if (print_text(head + ",\"rows\":[") != kExitOk) return kExitHandled;
  if (view.status == AskStatus::answered) {
    RowOutput rows(stdout, OutputFormat::json, terminal);
    if (auto done = app.rows(view, 0, rows); !done) {
      if (done.error().kind != ErrorKind::cancelled)
        say("error " + done.error().code + " " + done.error().message + "\n  next: " + done.error().hint);
      return kExitHandled;  // the document stays open: a closed one would say "answered" over rows that are missing
    }
  }
  return print_text("]}\n");
}

/// The rows in a format that is not JSON, and how many of them are not shown.
Result<> show_rows(const Session& session, App& app, const RunView& view) {
  RowOutput rows(stdout, session.output, session.terminal);
  auto done = app.rows(view, session.output == OutputFormat::table ? RowOutput::kTableRowsMax : 0, rows);
  if (done) done = rows.finish();
  if (!done) return done.error().kind == ErrorKind::cancelled ? Result<>() : done;  // whoever read it has seen enough
  const std::int64_t hidden = view.answer.execution.stats.rows - rows.seen();
  if (rows.is_cut()) say("cut to the width of this terminal; the whole of it: sluice runs show " + view.state.run.id.text + " --output csv");
  if (hidden > 0) say("… and " + counted(hidden, "more row") + ": --output csv, json or jsonl give them all");
  return {};
}

}  // namespace

int show_answer(Session& session, App& app, const RunView& view, ShowFor purpose) {
  const bool answered = view.status == AskStatus::answered;
  const int exit_status = answered || purpose == ShowFor::looking ? kExitOk : kExitHandled;
  const auto error = error_of(view);
  const bool shown_whole = purpose == ShowFor::looking && session.output == OutputFormat::table;  // its text has proposal, proof and reason
  if (!shown_whole) say_what_ran(session, view);
  if (session.output == OutputFormat::json) {
    const int printed = print_json_answer(app, view, session.terminal);
    if (error && printed == kExitOk) say_error(session, *error);
    return printed != kExitOk ? printed : exit_status;
  }
  if (answered && !rows_are_elsewhere(app, view)) {
    if (const auto shown = show_rows(session, app, view); !shown) return report(session, shown.error());
  } else if (!answered && session.output == OutputFormat::jsonl) {
    // No rows will come: one line says why.
    print_text(Json::object()
                   .set("run_id", view.state.run.id.text)
                   .set("status", std::string(enum_name(view.status)))
                   .set("asks", text_or_null(view.answer.proposal.asks))
                   .set("choices", choices_json(view.answer.proposal))
                   .set("notice", notice_json(view))
                   .set("error", error ? encode(*error) : Json())
                   .dump_text() +
               "\n");
  }
  if (error) {
    if (!shown_whole && !view.answer.proof.checks.empty() && !view.answer.proof.holds())
      say(checks_text(view.answer.proof.checks, session.terminal.color_errors));
    say_error(session, *error);
  }
  say_ending(session, view, shown_whole);
  return exit_status;
}

}  // namespace sluice
