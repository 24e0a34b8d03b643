#include "cli/approval_prompt.h"

#include <array>
#include <thread>

#include "approvals/card.h"
#include "base/text.h"
#include "cli/editor.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kLineWait{250};
constexpr std::chrono::milliseconds kCardReadAtLeast{300};  // nobody reads a card faster: what is typed before that is no answer to it
constexpr const char* kWhatDecides = "That decides nothing. Type approve, refine, reject, edit or quit, or its letter (a, f, r, e, q), then Enter.";
constexpr const char* kWhatAnswers =
    "That answers nothing. Type the number of an answer, or refine, reject, edit or quit, or its letter (f, r, e, q), then Enter.";

enum class Choice : std::uint8_t { approve, refine, reject, edit, quit };

/// What a line says, if it says exactly that: a sentence in which a word occurs ("I cannot approve this") decides nothing.
std::optional<Choice> choice_of(const std::string& line) {
  struct Words {
    Choice choice;
    std::string_view letter, word;
  };
  static constexpr std::array<Words, 5> kWords{{{Choice::approve, "a", "approve"},
                                                {Choice::refine, "f", "refine"},
                                                {Choice::reject, "r", "reject"},
                                                {Choice::edit, "e", "edit"},
                                                {Choice::quit, "q", "quit"}}};
  if (!line.ends_with('\n')) return std::nullopt;  // Ctrl-D in the middle of it
  const std::string said = to_lower(trim(line));
  for (const Words& words : kWords)
    if (said == words.letter || said == words.word) return words.choice;
  return std::nullopt;
}

/// The answer whose number the line is, and nothing else.
std::optional<CardChoice> answer_of(const std::string& line, const std::vector<CardChoice>& choices) {
  if (!line.ends_with('\n')) return std::nullopt;
  for (std::size_t i = 0; i < choices.size(); ++i)
    if (trim(line) == std::to_string(i + 1)) return choices[i];
  return std::nullopt;
}

/// A line typed after the prompt, possibly empty; nothing where it was interrupted or cut off: that decides nothing.
std::optional<std::string> read_line(const Session& session, const std::string& prompt) {
  const LineReader lines;
  std::fprintf(stderr, "%s, then Enter: ", prompt.c_str());
  std::fflush(stderr);
  for (;;) {  // bounded by the person or Ctrl-C
    const auto line = LineReader::next(kLineWait);
    if (session.interrupted.stop_requested() || (line && !line->ends_with('\n'))) return std::nullopt;
    if (line) return std::string(trim(*line));
  }
}

/// The decision that was chosen; nothing where the person changed their mind.
Result<std::optional<DecisionInput>> decision_for(const Session& session, Choice choice, std::string& draft) {
  DecisionInput decision;
  if (choice == Choice::approve) decision.action = DecisionAction::approve;
  if (choice == Choice::reject) {
    decision.action = DecisionAction::reject;
    const auto reason = read_line(session, "why (empty for no reason)");
    if (!reason) return std::optional<DecisionInput>();
    decision.reason = *reason;
  }
  if (choice == Choice::refine) {
    decision.action = DecisionAction::refine;
    const auto feedback = read_line(session, "what should be different");
    if (!feedback || feedback->empty()) return std::optional<DecisionInput>();
    decision.feedback = *feedback;
  }
  if (choice == Choice::edit) {
    decision.action = DecisionAction::refine;
    TRY(const std::optional<std::string> edited, edit_text(draft, session.interrupted));
    if (!edited) return std::optional<DecisionInput>();
    decision.edited = *edited;
  }
  return std::optional(decision);
}

void show_choices(const Session& session, const ApprovalInfo& approval) {
  const auto key = [&](const std::string& letter) { return "[" + styled(Style::bold, letter, session.terminal.color_errors) + "] "; };
  const std::size_t answers = card_choices(approval.card).size();
  const std::string first = answers == 0 ? key("a") + card_act(approval.card) + "   " + key("f") + "refine   "
                                         : key("1-" + std::to_string(answers)) + "that is meant   " + key("f") + "say it in your own words   ";
  say(first + key("r") + "reject   " + key("e") + (answers == 0 ? "edit   " : "write SQL   ") + key("q") + "leave it waiting, then Enter");
}

/// Whether somebody else, or time, has decided; says who.
Result<bool> decided_elsewhere(const Session& session, App& app, const RunView& view) {
  TRY_VOID(app.wait(view.state.run.id, std::chrono::milliseconds(0), session.interrupted));
  TRY(const ApprovalInfo now, app.approval(view.approval->id));
  const bool late = now.due_at && *now.due_at <= wall_clock_ms();
  if (now.status == ApprovalStatus::open) return late;
  if (!now.decided_by.empty()) say(std::string(enum_name(now.status)) + " by " + now.decided_by);
  return true;
}

}  // namespace

bool can_ask(const Session& session) { return session.terminal.input && session.terminal.errors; }

void show_card(const Session& session, const RunView& view) {
  say(card_text(view.approval->card, {.color = session.terminal.color_errors, .width = session.terminal.width}));
}

Result<PromptEnd> ask_for_decision(Session& session, App& app, const RunView& view) {
  const ApprovalInfo& approval = *view.approval;
  const std::string unproven(approval.card.text("unproven_edit"));
  const std::vector<CardChoice> answers = card_choices(approval.card);
  std::string draft = unproven.empty() ? view.answer.proposal.sql : unproven;
  std::this_thread::sleep_for(kCardReadAtLeast);
  std::optional<LineReader> lines(std::in_place);  // before the prompt: what follows it is an answer to it
  show_choices(session, approval);
  for (;;) {  // bounded by the approval's time-out, the person, or Ctrl-C
    const std::optional<std::string> line = LineReader::next(kLineWait);
    if (session.interrupted.stop_requested()) return PromptEnd::left;
    if (!line) {
      TRY(const bool decided, decided_elsewhere(session, app, view));
      if (decided) return PromptEnd::decided;
      continue;
    }
    const std::optional<CardChoice> answer = answer_of(*line, answers);
    const std::optional<Choice> choice = answer ? std::optional(Choice::refine) : choice_of(*line);
    if (line->empty() || choice == Choice::quit) return PromptEnd::left;
    if (!choice || (choice == Choice::approve && !answers.empty())) {
      lines.emplace();
      say(answers.empty() ? kWhatDecides : kWhatAnswers);
      continue;
    }
    lines.reset();  // an editor wants the terminal as it was
    auto decision =
        answer ? std::optional(DecisionInput{.action = DecisionAction::refine, .feedback = answer->feedback}) : decision_for(session, *choice, draft);
    if (session.interrupted.stop_requested()) return PromptEnd::left;
    if (!decision) report(session, decision.error());
    if (!decision || !*decision) {
      lines.emplace();
      show_choices(session, approval);
      continue;
    }
    const auto decided = app.decide(approval.id, **decision);
    if (!decided && decided.error().kind == ErrorKind::forbidden) {  // somebody else may; to refine or reject it is still open
      report(session, decided.error());
      lines.emplace();
      show_choices(session, approval);
      continue;
    }
    if (!decided && decided.error().kind != ErrorKind::conflict) return decided.error();
    if (!decided) report(session, decided.error());
    return PromptEnd::decided;
  }
}

}  // namespace sluice
