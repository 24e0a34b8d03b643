#include "cli/run_text.h"

#include "approvals/card.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kNameWidth = 12;

std::string time_of(TimeMs at) { return iso_time(at) + " (" + ago(at, wall_clock_ms()) + ")"; }

std::string proposal_text(const Proposal& proposal, const Terminal& terminal) {
  if (proposal.sql.empty()) return proposal.asks.empty() ? "" : text_line("asks back", proposal.asks);
  return text_line("proposal", "by " + proposal.answered_by + ":") + sql_text(proposal.sql, terminal.color_output);
}

std::string approval_text(const ApprovalInfo& approval) {
  std::string text = approval.id.text + ": ";
  if (approval.status == ApprovalStatus::open) {
    text += "waits for a decision";
    if (approval.due_at) text += " until " + iso_time(*approval.due_at);
    return text;
  }
  if (approval.status == ApprovalStatus::expired) return text + "nobody decided in time" + (approval.due_at ? ", " + iso_time(*approval.due_at) : "");
  text += enum_name(approval.status);
  if (!approval.decided_by.empty()) text += " by " + approval.decided_by;
  if (approval.decided_at) text += ", " + iso_time(*approval.decided_at);
  for (const std::string* words : {&approval.feedback, &approval.edited, &approval.reason})
    if (!words->empty()) text += ", \"" + *words + "\"";
  return text;
}

std::string result_text(const Execution& execution) {
  const ReadStats& stats = execution.stats;
  return counted(stats.rows, "row") + ", " + human_bytes(stats.bytes) + ", " + human_duration(stats.elapsed_ms);
}

}  // namespace

std::string text_line(std::string_view name, const std::string& value) {
  std::string line(name);
  line.append(kNameWidth - std::min(kNameWidth - 1, name.size()), ' ');
  return line + show_hidden(value, false) + "\n";
}

std::string run_text(const RunView& view, const Terminal& terminal) {
  const RunInfo& run = view.state.run;
  const AskAnswer& answer = view.answer;
  std::string out = text_line("run", run.id.text + " · " + run.name + ", queue " + run.place.queue);
  if (!view.input.question.empty()) out += text_line("question", view.input.question);
  out += text_line("connection", view.input.connection);
  const std::string by(run.labels.text("by"));
  out += text_line("asked", time_of(run.created_at) + (by.empty() ? "" : " by " + by));
  out += text_line("status", std::string(enum_name(view.status)) + (run.reason.empty() ? "" : ": " + run.reason));
  out += proposal_text(answer.proposal, terminal);
  if (!answer.proof.checks.empty())
    out += text_line("proof", answer.proof.holds() ? "holds, " + counted(std::ssize(answer.proof.checks), "check") : "does not hold") +
           checks_text(answer.proof.checks, terminal.color_output);
  if (view.approval) out += text_line("approval", approval_text(*view.approval));
  if (!answer.execution.result.empty()) out += text_line("result", result_text(answer.execution));
  return out;
}

}  // namespace sluice
