#include "app/own_words.h"

#include <gtest/gtest.h>

#include "approvals/card.h"

namespace sluice {
namespace {

constexpr const char* kCell = "could not convert 'ada@example.org'";
constexpr const char* kOurs = "it was decided already";

Error error(const std::string& code) { return {ErrorKind::input, code, kCell, kCell, 0}; }

bool quotes(const Json& document) { return document.dump_text().find("ada@example.org") != std::string::npos; }

TEST(OwnWords, AnErrorKeepsItsWordsOnlyWhereTheyAreKnownToBeOurs) {
  for (const char* code :
       {"E0406", "E0411", "E0450", "E0458", "E0460", "E0340", "E0352", "E0112", "E0114", "E0602", "E1010", "E1104", "E9999", "", "x"}) {
    const Error said = told(error(code), Words::ours);
    EXPECT_FALSE(quotes(encode(said))) << code;
    EXPECT_EQ(said.code, code);
    EXPECT_EQ(said.kind, ErrorKind::input);
    EXPECT_EQ(told(error(code), Words::all), error(code));
  }
  for (const char* code : {"E0102", "E0107", "E0202", "E0350", "E0505", "E0810", "E1212", "E1301"})
    EXPECT_EQ(told(Error{ErrorKind::conflict, code, kOurs, "", 0}, Words::ours).message, kOurs) << code;
}

TEST(OwnWords, NothingOfARunQuotesItsData) {
  RunView view;
  view.status = AskStatus::failed;
  view.state.run.status = RunStatus::failed;
  view.state.run.reason = kCell;
  view.answer.error = view.state.error = error("E0406");
  view.answer.proof.checks = {
      {"names", Outcome::failed, "no column \"nme\"", ""}, {"plans", Outcome::failed, kCell, kCell}, {"sample", Outcome::warning, kCell, ""}};
  view.answer.proposal.made_from = {kCell};
  view.answer.proposal.model_says = kCell;
  view.answer.proposal.asks = kCell;
  view.answer.proposal.choices = {{.label = kCell, .feedback = kCell}};
  const RunView shown = told(view, Words::ours);
  EXPECT_EQ(shown.answer.proof.checks[0].detail, "no column \"nme\"") << "what looks at the statement alone";
  EXPECT_EQ(shown.answer.proof.checks[1].outcome, Outcome::failed);
  EXPECT_FALSE(quotes(Json::object()
                          .set("reason", shown.state.run.reason)
                          .set("error", encode(*shown.answer.error))
                          .set("state", encode(*shown.state.error))
                          .set("checks", encode(shown.answer.proof.checks))
                          .set("made_from", encode(shown.answer.proposal.made_from))
                          .set("model_says", shown.answer.proposal.model_says)
                          .set("asks", shown.answer.proposal.asks)));
  EXPECT_TRUE(shown.answer.proposal.choices.empty());
  EXPECT_FALSE(quotes(encode(told(error("E0504"), Words::ours)))) << "what a model asks back";
  EXPECT_EQ(told(view, Words::all).answer.error, view.answer.error);
}

TEST(OwnWords, WhatAModelAsksBackIsForWhoMaySeeRows) {
  const std::string on = "shop", question = "who?", asks = kCell, none;
  ApprovalInfo asked;
  asked.card = encode(make_question_card({on, question, asks, none, none, none, {{kCell, kCell}}}));
  const ApprovalInfo shown = told(asked, Words::ours);
  EXPECT_FALSE(quotes(shown.card));
  EXPECT_EQ(card_act(shown.card), "Answer a question");
  EXPECT_TRUE(quotes(told(asked, Words::all).card));
}

TEST(OwnWords, AReasonIsAnErrorsOnlyWhereARunStoppedForOne) {
  const auto reason = [](RunStatus status, const std::string& imported = "") {
    RunSummary summary;
    summary.run.status = status;
    summary.run.imported = imported;
    summary.run.reason = "why";
    return told(summary, Words::ours).run.reason;
  };
  for (const RunStatus status : {RunStatus::failed, RunStatus::unknown, RunStatus::paused}) EXPECT_NE(reason(status), "why") << enum_name(status);
  for (const RunStatus status : {RunStatus::ready, RunStatus::running, RunStatus::parked, RunStatus::cancelled}) EXPECT_EQ(reason(status), "why");
  EXPECT_EQ(reason(RunStatus::paused, "by ada"), "why") << "that it is a copy";
  EXPECT_NE(reason(RunStatus::failed, "by ada"), "why") << "what failed elsewhere";
}

TEST(OwnWords, AnEventIsTold) {
  EventInfo event{.type = EventType::step_completed,
                  .body = Json::object().set("error", encode(error("E0406"))).set("value", kCell).set("effect", "read")};
  EXPECT_FALSE(quotes(told(event, Words::ours).body));
  EXPECT_EQ(told(event, Words::ours).body["error"].text("code"), "E0406");
  EXPECT_TRUE(quotes(told(event, Words::all).body));
  event.body = Json::object().set("difference", kCell).set("input", Json::object().set("x", kCell));
  EXPECT_FALSE(quotes(told(event, Words::ours).body));
}

}  // namespace
}  // namespace sluice
