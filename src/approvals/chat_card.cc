#include "approvals/chat_card.h"

#include <algorithm>

#include "approvals/card.h"
#include "approvals/card_text.h"
#include "base/text.h"
#include "base/time.h"
#include "sql/format.h"

namespace sluice {
namespace {

constexpr int kTitleMax = 140, kWordsMax = 2'000, kSampleWidth = 90;
constexpr std::size_t kLinesMax = 20, kButtonLabelMax = 60;

std::string one_line(std::string_view text, int most) { return clipped(show_hidden(text, false), most); }

/// "2026-01-31 08:30 UTC"
std::string minute(TimeMs at) {
  std::string text = iso_time(at).substr(0, 16);
  std::ranges::replace(text, 'T', ' ');
  return text + " UTC";
}

/// Lines without the room that a terminal leaves before them.
std::string outdented(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n'))
    if (!trim(line).empty()) lines.emplace_back(trim(line));
  return join(lines, "\n");
}

/// At most kLinesMax, with how many more there are.
std::string bullets(const std::vector<std::string>& lines) {
  std::string out;
  for (std::size_t n = 0; n < std::min(lines.size(), kLinesMax); ++n) out += (n == 0 ? "• " : "\n• ") + one_line(lines[n], kWordsMax);
  if (lines.size() > kLinesMax) out += "\n… and " + std::to_string(lines.size() - kLinesMax) + " more on the page";
  return out;
}

void add(ChatCard& out, std::string heading, std::string text, bool code = false) {
  if (!text.empty()) out.parts.push_back({.heading = std::move(heading), .text = std::move(text), .code = code});
}

std::string tables_text(const Card& card) {
  std::vector<std::string> lines;
  lines.reserve(card.tables.size());
  for (const TableRead& table : card.tables) lines.push_back(table.display + (table.columns.empty() ? "" : ": " + join(table.columns, ", ")));
  return bullets(lines);
}

/// What did not simply pass, and how many did.
std::string proof_text(const Card& card) {
  std::vector<std::string> lines;
  std::int64_t passed = 0;
  for (const Check& check : card.checks) {
    if (check.outcome == Outcome::passed) ++passed;
    if (check.outcome == Outcome::failed) lines.push_back("✗ " + check.in_words());
    if (check.outcome == Outcome::warning) lines.push_back("! " + check.in_words());
    if (check.outcome == Outcome::skipped) lines.push_back("– " + check.check + ": " + check.detail);
  }
  const std::string counted_passed = counted(passed, "check") + " passed";
  return lines.empty() ? counted_passed : bullets(lines) + "\n" + counted_passed;
}

void add_sample(ChatCard& out, const Card& card, int rows) {
  SampleRows shown = card.sample;
  if (rows <= 0 || shown.columns.empty()) return;
  if (shown.rows.size() > static_cast<std::size_t>(rows)) shown.rows.resize(static_cast<std::size_t>(rows));
  add(out, "First rows", sample_text(shown, kSampleWidth), true);
}

/// The parsed proposal and its proof.
void add_proposal(ChatCard& out, const Card& card, int sample_rows) {
  if (!card.sql.empty()) out.parts.push_back({.heading = "SQL", .text = show_hidden(format_sql(card.sql), true), .code = true, .decides = true});
  add(out, "What it does", bullets(card.reading));
  add(out, "Reads", tables_text(card));
  add(out, "Estimate", outdented(estimate_text(card)));
  add(out, "Proof", proof_text(card));
  add_sample(out, card, sample_rows);
  add(out, "", "Proposed by " + one_line(card.answered_by, kTitleMax) + ". " + outdented(confidence_text(card)));
}

void add_question(ChatCard& out, const Card& card) {
  add(out, "Asked back", one_line(card.asks, kWordsMax));
  std::vector<std::string> answers;
  answers.reserve(card.choices.size());
  for (const CardChoice& choice : card.choices) answers.push_back(std::to_string(answers.size() + 1) + ". " + choice.label);
  add(out, "Answers", bullets(answers));
}

std::vector<ChatButton> buttons_for(const Card& card) {
  std::vector<ChatButton> out;
  if (card.choices.empty()) out.push_back({.act = ChatAct::approve, .label = "Approve"});
  for (std::size_t n = 0; n < std::min(card.choices.size(), kLinesMax); ++n)
    out.push_back({.act = ChatAct::choose,
                   .number = static_cast<std::int64_t>(n) + 1,
                   .label = one_line(std::to_string(n + 1) + ". " + card.choices[n].label, static_cast<int>(kButtonLabelMax))});
  out.push_back({.act = ChatAct::refine, .label = "Refine…"});
  out.push_back({.act = ChatAct::reject, .label = "Refuse"});
  return out;
}

std::string time_left(const ApprovalInfo& approval, TimeMs now) {
  if (!approval.due_at) return "It waits until somebody decides.";
  return "Until " + minute(*approval.due_at) + ", in " + human_duration(std::max<TimeMs>(*approval.due_at - now, 0)) +
         " from when this was sent; then it expires.";
}

/// Through which door a name comes.
std::string through(const std::string& who) {
  if (who.starts_with("slack:")) return ", in Slack";
  if (who.starts_with("google:")) return ", in Google Chat";
  if (who.starts_with("token:")) return ", by a token of the API";
  return "";
}

}  // namespace

std::string approval_chat_key(const ApprovalId& id) { return "approval:" + id.text; }

std::string decided_words(const ApprovalInfo& approval) {
  const std::string when = approval.decided_at ? " at " + minute(*approval.decided_at) : "";
  const std::string by = approval.decided_by.empty() ? "" : " by " + one_line(approval.decided_by, kTitleMax) + when + through(approval.decided_by);
  const std::string why = approval.reason.empty() ? "" : ": " + one_line(approval.reason, kWordsMax);
  switch (approval.status) {
    case ApprovalStatus::open: return "not decided";
    case ApprovalStatus::approved: return "approved" + by;
    case ApprovalStatus::refined:
      return "sent back" + by +
             (approval.feedback.empty() ? (approval.edited.empty() ? "" : ", with SQL of their own") : ": " + one_line(approval.feedback, kWordsMax));
    case ApprovalStatus::rejected: return "refused" + by + why;
    case ApprovalStatus::expired:
      return "expired" + (approval.due_at ? " at " + minute(*approval.due_at) : std::string()) + ": nobody decided in time";
    case ApprovalStatus::voided: return "no longer asked: its run ended";
  }
  return "decided";
}

ChatCard approval_chat_card(const ApprovalInfo& approval, const ChatStyle& style) {
  ChatCard out{.key = approval_chat_key(approval.id), .approval = approval.id.text, .subject_hash = approval.subject_hash};
  if (!style.public_url.empty()) out.link = style.public_url + "/approvals/" + approval.id.text;
  const auto decoded = decode<Card>(approval.card);
  const Card card = decoded ? *decoded : Card{};
  out.connection = card.connection;
  out.title = one_line(card.act.empty() ? "A decision is asked for" : card.act, kTitleMax);
  const bool open = approval.status == ApprovalStatus::open;
  if (!open) add(out, "", "This was " + decided_words(approval) + ".");
  add(out, "Question", one_line(card.question, kWordsMax));
  if (open) add(out, "Note", one_line(card.notice, kWordsMax));
  if (!card.asks.empty()) add_question(out, card);
  if (card.asks.empty() && open) add_proposal(out, card, style.sample_rows);
  if (card.asks.empty() && !open) out.parts.push_back({.heading = "SQL", .text = show_hidden(format_sql(card.sql), true), .code = true});
  if (open) add(out, "", time_left(approval, style.now));
  if (out.link.empty()) add(out, "", "In a terminal: sluice approvals show " + approval.id.text);
  if (open && decoded) out.buttons = buttons_for(card);
  return out;
}

}  // namespace sluice
