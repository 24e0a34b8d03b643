#include "app/documents.h"

#include <algorithm>

#include "base/time.h"

namespace sluice {
namespace {

template <class Number>
Json number_or_null(const std::optional<Number>& number) {
  return number ? Json(*number) : Json();
}

Json asked_json(const ApprovalInfo& approval) {
  return Json::object()
      .set("approval_id", approval.id.text)
      .set("status", std::string(enum_name(approval.status)))
      .set("decided_by", text_or_null(approval.decided_by))
      .set("decided_at", approval.decided_at ? Json(iso_time(*approval.decided_at)) : Json())
      .set("due_at", approval.due_at ? Json(iso_time(*approval.due_at)) : Json())
      .set("reason", text_or_null(approval.reason));
}

Json models_json(const Spent& spent) {
  return Json::object()
      .set("calls", spent.calls)
      .set("tokens", spent.tokens)
      .set("usd", spent.usd)
      .set("unpriced_calls", spent.unpriced)
      .set("elapsed_ms", spent.milliseconds);
}

/// Nothing, where there is nothing that could be what was asked.
Json confidence_json(const AskAnswer& answer) {
  const bool parses =
      std::ranges::none_of(answer.proof.checks, [](const Check& check) { return check.check == "parses" && check.outcome == Outcome::failed; });
  return parses && !answer.proposal.sql.empty() ? Json(answer.proposal.confidence) : Json();
}

}  // namespace

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json notice_json(const RunView& view) {
  const bool open = view.approval && view.approval->status == ApprovalStatus::open;
  return text_or_null(open ? std::string(view.approval->card.text("notice")) : "");
}

std::optional<Error> error_of(const RunView& view) { return view.answer.error ? view.answer.error : view.state.error; }

Json choices_json(const Proposal& proposal) {
  Json out = Json::array();
  for (const Proposal::Choice& choice : proposal.choices) out.push(encode(choice));
  return out;
}

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
  out.set("approval", view.approval ? asked_json(*view.approval) : Json()).set("columns", std::move(columns));
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

Json run_json(const RunSummary& summary) {
  const RunInfo& run = summary.run;
  return Json::object()
      .set("run_id", run.id.text)
      .set("workflow", run.name)
      .set("status", std::string(enum_name(summary.status)))
      .set("connection", run.labels.text("connection"))
      .set("queue", run.place.queue)
      .set("text", run.labels.text("text"))
      .set("created_at", iso_time(run.created_at))
      .set("updated_at", iso_time(run.updated_at))
      .set("reason", run.reason)
      .set("asked_by", run.labels.text("by"))
      .set("head_seq", run.head_seq)
      .set("forked_from", run.forked_from.empty() ? Json() : Json(run.forked_from.text))
      .set("imported", run.imported.empty() ? Json() : Json(run.imported));
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

Json approval_json(const ApprovalInfo& approval) {
  return Json::object()
      .set("approval_id", approval.id.text)
      .set("run_id", approval.run_id.text)
      .set("status", std::string(enum_name(approval.status)))
      .set("act", card_act(approval.card))
      .set("connection", approval.card.text("connection"))
      .set("question", approval.card.text("question"))
      .set("text", card_text(approval.card))
      .set("subject_hash", approval.subject_hash)
      .set("created_at", iso_time(approval.created_at))
      .set("due_at", approval.due_at ? Json(iso_time(*approval.due_at)) : Json())
      .set("decided_by", approval.decided_by)
      .set("decided_at", approval.decided_at ? Json(iso_time(*approval.decided_at)) : Json())
      .set("feedback", approval.feedback)
      .set("reason", approval.reason);
}

Json cost_json(const CostLine& line) {
  return Json::object()
      .set("group", line.group)
      .set("calls", line.calls)
      .set("cached", line.cached)
      .set("failed", line.failed)
      .set("in_flight", line.in_flight)
      .set("tokens_in", line.usage.input)
      .set("tokens_cached", line.usage.cached)
      .set("tokens_out", line.usage.output)
      .set("usd", line.usd)
      .set("unpriced_calls", line.unpriced)
      .set("latency_ms", line.latency_ms);
}

Json prompt_json(const PromptView& view) {
  const ModelCalled& called = view.called;
  return Json::object()
      .set("step", view.path)
      .set("state", std::string(enum_name(view.end)))
      .set("model", called.model)
      .set("provider", called.provider)
      .set("key", called.key)
      .set("request", view.request ? encode(*view.request) : Json())
      .set("request_error", encode(view.request_error))
      .set("reply", view.replied ? Json(called.reply.text) : Json())
      .set("error", called.error ? encode(*called.error) : Json())
      .set("tokens_in", called.reply.usage.input)
      .set("tokens_cached", called.reply.usage.cached)
      .set("tokens_out", called.reply.usage.output)
      .set("usd", called.usd ? Json(*called.usd) : Json())
      .set("latency_ms", called.latency_ms)
      .set("cache_hit", called.cached)
      .set("notes", encode(called.notes));
}

}  // namespace sluice
