#include "app/own_words.h"

#include <algorithm>
#include <array>

#include "approvals/card.h"
#include "base/whole.h"

namespace sluice {
namespace {

constexpr const char* kElsewhere = "what it says in full may quote data, and is shown to those who may see rows";

/// Codes whose messages we write ourselves, from names, numbers and what people said. Left out, although they begin so: those that hand on what an
/// engine, a model or a workflow's own code said.
bool is_in_our_words(std::string_view code) {
  constexpr std::array<std::string_view, 8> kOurs{"E01", "E02", "E03", "E05", "E07", "E08", "E12", "E13"};
  constexpr std::array<std::string_view, 12> kHandedOn{"E0101", "E0112", "E0114", "E0116", "E0117", "E0125",
                                                       "E0126", "E0132", "E0340", "E0352", "E0504", "E0506"};
  return std::ranges::find(kOurs, code.substr(0, 3)) != kOurs.end() && std::ranges::find(kHandedOn, code) == kHandedOn.end();
}

/// Checks that look at the statement and the catalog alone, whatever comes of them.
bool looks_at_no_data(std::string_view check) {
  constexpr std::array<std::string_view, 9> kChecks{"parses", "one-statement",   "reads-only", "functions", "names",
                                                    "joins",  "null-comparison", "fan-out",    "row-order"};
  return std::ranges::find(kChecks, check) != kChecks.end();
}

void tell_in_our_words(Check& check) {
  if (check.outcome == Outcome::passed || check.outcome == Outcome::skipped || looks_at_no_data(check.check)) return;
  check.detail = kElsewhere;
  check.hint.clear();
}

/// What a run that stands still or ended says of why: an error's message, but for a copy, which says that it is one.
void tell_in_our_words(RunInfo& run) {
  const bool of_an_error = run.status == RunStatus::failed || run.status == RunStatus::unknown || run.status == RunStatus::paused;
  const bool says_copy = run.status == RunStatus::paused && !run.imported.empty();
  if (of_an_error && !says_copy && !run.reason.empty()) run.reason = kElsewhere;
}

void erase(Json& object, std::initializer_list<std::string_view> names) {
  if (Json::Object* members = object.as_object())
    std::erase_if(*members, [&](const Json::Member& member) { return std::ranges::find(names, member.first) != names.end(); });
}

}  // namespace

Words words_for(const Principal& who, std::string_view connection, std::string_view workflow) {
  return may(who, Deed::see_rows, connection, workflow) ? Words::all : Words::ours;
}

Error told(Error error, Words words) {
  if (words == Words::all || is_in_our_words(error.code)) return error;
  error.message = "it came to the error " + error.code + "; " + kElsewhere;
  error.hint.clear();
  return error;
}

RunView told(RunView view, Words words) {
  if (words == Words::all) return view;
  for (auto* error : {&view.answer.error, &view.state.error})
    if (*error) *error = told(**error, words);
  for (Check& check : view.answer.proof.checks) tell_in_our_words(check);
  view.answer.proposal.made_from.clear();
  view.answer.proposal.model_says.clear();
  if (!view.answer.proposal.asks.empty()) view.answer.proposal.asks = kElsewhere;
  view.answer.proposal.choices.clear();
  tell_in_our_words(view.state.run);
  if (view.approval) view.approval->card = told_card(view.approval->card, words);
  return view;
}

RunSummary told(RunSummary summary, Words words) {
  if (words == Words::ours) tell_in_our_words(summary.run);
  return summary;
}

EventInfo told(EventInfo event, Words words) {
  if (words == Words::all) return event;
  if (const Json* error = event.body.find("error"); error != nullptr && !error->is_null())
    event.body.set("error", encode(told(read_error(*error), words)));
  erase(event.body, {"difference", "input", "value", "output", "subject"});
  return event;
}

ApprovalInfo told(ApprovalInfo approval, Words words) {
  if (words == Words::ours) approval.card = told_card(approval.card, words);
  return approval;
}

Json told_card(const Json& card, Words words) {
  Json whole = whole_card(card);
  if (words == Words::all || whole.as_object() == nullptr) return whole;
  erase(whole, {"sample"});
  whole.set("made_from", Json::array());
  if (!whole.text("asks").empty()) whole.set("act", "Answer a question");
  whole.set("choices", Json::array());
  for (const char* quoting : {"notice", "model_says", "asks"})
    if (!whole.text(quoting).empty()) whole.set(quoting, kElsewhere);
  auto checks = decode<std::vector<Check>>(whole["checks"]);
  Json shown = Json::array();
  if (checks)
    for (Check& check : *checks) {
      tell_in_our_words(check);
      shown.push(encode_whole(check));
    }
  return std::move(whole.set("checks", std::move(shown)));
}

}  // namespace sluice
