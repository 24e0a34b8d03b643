#include "cli/answer_view.h"

#include <algorithm>
#include <cstdio>

#include "approvals/card.h"
#include "base/text.h"
#include "cli/costs_text.h"

namespace sluice {
namespace {

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

template <class Number>
Json number_or_null(const std::optional<Number>& number) {
  return number ? Json(*number) : Json();
}

Json approval_json(const ApprovalInfo& approval) {
  return Json::object()
      .set("approval_id", approval.id.text)
      .set("status", std::string(enum_name(approval.status)))
      .set("decided_by", text_or_null(approval.decided_by))
      .set("decided_at", approval.decided_at ? Json(iso_time(*approval.decided_at)) : Json())
      .set("due_at", approval.due_at ? Json(iso_time(*approval.due_at)) : Json())
      .set("reason", text_or_null(approval.reason));
}

/// Why what waits is what it is: a refinement that could not be placed, data that changed. Null where there is nothing to say.
Json notice_json(const RunView& view) {
  const bool open = view.approval && view.approval->status == ApprovalStatus::open;
  return text_or_null(open ? std::string(view.approval->card.text("notice")) : "");
}

std::optional<Error> error_of(const RunView& view) { return view.answer.error ? view.answer.error : view.state.error; }

/// What the proposer asks back, and the answers that there are; null and none where it doesn't.
Json choices_json(const Proposal& proposal) {
  Json out = Json::array();
  for (const Proposal::Choice& choice : proposal.choices) out.push(encode(choice));
  return out;
}

Json models_json(const Spent& spent) {
  return Json::object()
      .set("calls", spent.calls)
      .set("tokens", spent.tokens)
      .set("usd", spent.usd)
      .set("unpriced_calls", spent.unpriced)
      .set("elapsed_ms", spent.milliseconds);
}

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

/// Nothing, where there is nothing that could be what was asked.
Json confidence_json(const AskAnswer& answer) {
  const bool parses =
      std::ranges::none_of(answer.proof.checks, [](const Check& check) { return check.check == "parses" && check.outcome == Outcome::failed; });
  return parses && !answer.proposal.sql.empty() ? Json(answer.proposal.confidence) : Json();
}

}  // namespace

Json check_json(const Check& check) {
  return Json::object()
      .set("check", check.check)
      .set("outcome", std::string(enum_name(check.outcome)))
      .set("detail", check.detail)
      .set("hint", check.hint);
}

Json proof_json(const Proof& proof) {
  Json checks = Json::array();
  for (const Check& check : proof.checks) checks.push(check_json(check));
  return checks;
}

Json answer_json(const RunView& view) {
  const AskAnswer& answer = view.answer;
  const bool answered = view.status == AskStatus::answered;
  Json tables = Json::array(), columns = Json::array(), understood = Json::array();
  for (const TableRead& table : answer.proof.tables) tables.push(Json::object().set("table", table.display).set("columns", encode(table.columns)));
  for (const ResultColumn& column : answer.execution.columns)
    columns.push(Json::object().set("name", column.name).set("type", std::string(enum_name(column.type.kind))));
  for (const LinkedWord& word : answer.proposal.linked) understood.push(Json::object().set("word", word.word).set("meaning", word.meaning));
  const Estimate& estimate = answer.proof.estimate;
  Json out = Json::object();
  out.set("run_id", view.state.run.id.text).set("status", std::string(enum_name(view.status))).set("connection", view.input.connection);
  out.set("question", view.input.question).set("sql", text_or_null(answer.proposal.sql)).set("explanation", encode(answer.proof.reading));
  out.set("understood", std::move(understood)).set("confidence", confidence_json(answer));
  out.set("tables_used", std::move(tables)).set("proof", proof_json(answer.proof));
  out.set("estimate",
          Json::object().set("rows", number_or_null(estimate.rows)).set("bytes", number_or_null(estimate.bytes)).set("cost_usd", estimate.cost_usd));
  out.set("approval", view.approval ? approval_json(*view.approval) : Json()).set("columns", std::move(columns));
  const ReadStats& stats = answer.execution.stats;
  out.set("row_count", answered ? Json(stats.rows) : Json()).set("bytes_scanned", number_or_null(stats.bytes_scanned));
  out.set("result_bytes", answered ? Json(stats.bytes) : Json()).set("elapsed_ms", answered ? Json(stats.elapsed_ms) : Json());
  out.set("cost_usd", answer.execution.cost_usd).set("answered_by", text_or_null(answer.proposal.answered_by));
  out.set("model_says", text_or_null(answer.proposal.model_says)).set("made_from", encode(answer.proposal.made_from));
  out.set("models", models_json(view.models));
  out.set("asks", text_or_null(answer.proposal.asks)).set("choices", choices_json(answer.proposal)).set("notice", notice_json(view));
  const RunInfo& run = view.state.run;
  out.set("forked_from", text_or_null(run.forked_from.text)).set("imported", text_or_null(run.imported));
  if (const auto error = error_of(view)) out.set("error", encode(*error));
  return out;
}

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
