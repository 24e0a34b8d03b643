#include "cli/approval_prompt.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "approvals/card.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kKeyWait{250};
constexpr std::size_t kFeedbackBytesMax = 16 * 1024;

/// A line typed by the person, possibly empty; nothing where it was interrupted or input ended: that decides nothing.
std::optional<std::string> read_line(const std::string& prompt) {
  std::fprintf(stderr, "%s", prompt.c_str());
  std::string line;
  if (!std::getline(std::cin, line)) {
    std::cin.clear();
    return std::nullopt;
  }
  return std::string(trim(line)).substr(0, kFeedbackBytesMax);
}

Error editor_failed(const std::string& why) {
  return {ErrorKind::input, "E0804", "the editor " + why, "set EDITOR to an editor that waits until the file is closed, or use refine", 0};
}

/// The text after the person edited it in $VISUAL, $EDITOR or vi; nothing where it came back unchanged.
Result<std::optional<std::string>> edit_text(const std::string& text) {
  // $TMPDIR, else /tmp; the file is readable by its owner only.
  std::error_code failure;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(failure);
  std::string path = (folder / "sluice-edit-XXXXXX.sql").string();
  const int file = failure ? -1 : mkstemps(path.data(), 4);
  if (file < 0) return editor_failed("has no place for a temporary file: set TMPDIR to a folder that can be written");
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  const char* editor = std::getenv("VISUAL");             // NOLINT(concurrency-mt-unsafe): nothing changes the environment
  if (editor == nullptr) editor = std::getenv("EDITOR");  // NOLINT(concurrency-mt-unsafe)
  const std::string command = std::string(editor != nullptr && *editor != '\0' ? editor : "vi") + " \"$0\"";
  int status = -1;
  const pid_t child = written ? fork() : -1;
  if (child == 0) {
    // The shell splits an EDITOR such as "code --wait"; the path is its own argument, never part of the command.
    execl("/bin/sh", "sh", "-c", command.c_str(), path.data(), static_cast<char*>(nullptr));
    _exit(127);
  }
  if (child > 0)
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  std::ostringstream edited;
  edited << std::ifstream(path.data()).rdbuf();
  unlink(path.data());
  if (status != 0) return editor_failed("did not end well, so nothing was changed");
  const std::string result(trim(edited.str()));
  if (result.empty() || result == trim(text)) return std::optional<std::string>();
  return std::optional(result);
}

/// The decision that the key asks for; nothing where the person changed their mind.
Result<std::optional<DecisionInput>> decision_for(char key, const RunView& view) {
  DecisionInput decision;
  if (key == 'a') decision.action = DecisionAction::approve;
  if (key == 'r') {
    decision.action = DecisionAction::reject;
    const auto reason = read_line("why (empty for no reason): ");
    if (!reason) return std::optional<DecisionInput>();
    decision.reason = *reason;
  }
  if (key == 'f') {
    decision.action = DecisionAction::refine;
    const auto feedback = read_line("what should be different: ");
    if (!feedback || feedback->empty()) return std::optional<DecisionInput>();
    decision.feedback = *feedback;
  }
  if (key == 'e') {
    decision.action = DecisionAction::refine;
    TRY(const std::optional<std::string> edited, edit_text(view.answer.proposal.sql));
    if (!edited) return std::optional<DecisionInput>();
    decision.edited = *edited;
  }
  return std::optional(decision);
}

void show_keys(const Session& session, const ApprovalInfo& approval) {
  const bool color = session.terminal.color_errors;
  std::string line = "[" + styled(Style::bold, "a", color) + "] " + card_act(approval.card) + "   [" + styled(Style::bold, "f", color) +
                     "] refine   [" + styled(Style::bold, "r", color) + "] reject   [" + styled(Style::bold, "e", color) + "] edit   [" +
                     styled(Style::bold, "q", color) + "] leave it waiting";
  say(line);
}

}  // namespace

bool can_ask(const Session& session) { return session.terminal.input && session.terminal.errors; }

void show_card(const Session& session, const RunView& view) {
  say(card_text(view.approval->card, {.color = session.terminal.color_errors, .width = session.terminal.width}));
}

Result<PromptEnd> ask_for_decision(Session& session, App& app, const RunView& view) {
  const ApprovalInfo& approval = *view.approval;
  show_keys(session, approval);
  std::optional<KeyReader> keys(std::in_place);
  for (;;) {  // bounded by the approval's time-out, the person, or Ctrl-C
    const std::optional<char> key = KeyReader::next(kKeyWait);
    if (session.interrupted.stop_requested()) return PromptEnd::left;
    if (!key) {
      TRY_VOID(app.wait(view.state.run.id, std::chrono::milliseconds(0), session.interrupted));
      TRY(const ApprovalInfo now, app.approval(approval.id));
      const bool late = now.due_at && *now.due_at <= wall_clock_ms();
      if (now.status == ApprovalStatus::open && !late) continue;
      if (now.status != ApprovalStatus::open && !now.decided_by.empty()) say(std::string(enum_name(now.status)) + " by " + now.decided_by);
      return PromptEnd::decided;
    }
    if (*key == 'q' || *key == 0x04) return PromptEnd::left;
    if (std::string_view("afre").find(*key) == std::string_view::npos) continue;
    keys.reset();  // lines and editors want the terminal as it was
    auto decision = decision_for(*key, view);
    if (session.interrupted.stop_requested()) return PromptEnd::left;
    if (!decision) report(session, decision.error());
    if (!decision || !*decision) {
      show_keys(session, approval);
      keys.emplace();
      continue;
    }
    const auto decided = app.decide(approval.id, **decision);
    if (!decided && decided.error().kind != ErrorKind::conflict) return decided.error();
    if (!decided) report(session, decided.error());
    return PromptEnd::decided;
  }
}

}  // namespace sluice
