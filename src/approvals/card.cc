#include "approvals/card.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "approvals/card_text.h"
#include "base/text.h"
#include "base/whole.h"
#include "sql/format.h"

namespace sluice {
namespace {

std::string about(const Estimate& estimate) {
  std::string out;
  if (estimate.bytes) out += ", about " + human_bytes(*estimate.bytes);
  if (estimate.cost_usd > 0) {
    std::array<char, 32> money{};
    std::snprintf(money.data(), money.size(), ", about $%.2f", estimate.cost_usd);
    out += money.data();
  }
  return out;
}

std::string ansi(const char* code, const std::string& text, bool color) {
  return color ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
}
std::string heading(const std::string& text, bool color) { return "\n" + ansi("1", text, color) + "\n"; }
std::string visible(const std::string& text) { return show_hidden(text, false); }

std::string indented(const std::string& text) {
  std::string out;
  for (const std::string_view line : split(text, '\n')) out += "  " + std::string(line) + "\n";
  return out;
}

struct Mark {
  const char *sign, *code;
};
Mark mark_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed: return {"✓", "32"};
    case Outcome::warning: return {"!", "33"};
    case Outcome::failed: return {"✗", "31"};
    case Outcome::skipped: return {"–", "2"};
  }
  return {"?", "2"};
}

std::string cell_text(const Json& value) {
  if (value.is_null()) return "NULL";
  return value.as_string() != nullptr ? *value.as_string() : value.dump_text();
}

/// One line for all checks that were skipped for the same reason.
std::string skipped_text(const std::vector<Check>& checks, bool color) {
  std::vector<std::pair<std::string, std::string>> by_reason;
  for (const Check& check : checks) {
    if (check.outcome != Outcome::skipped) continue;
    const auto known = std::find_if(by_reason.begin(), by_reason.end(), [&](const auto& entry) { return entry.first == check.detail; });
    if (known == by_reason.end())
      by_reason.emplace_back(check.detail, check.check);
    else
      known->second += ", " + check.check;
  }
  std::string out;
  const Mark mark = mark_of(Outcome::skipped);
  for (const auto& [reason, names] : by_reason) out += "  " + ansi(mark.code, mark.sign, color) + " " + names + ": " + visible(reason) + "\n";
  return out;
}

std::string remarkable(const std::vector<Check>& checks, bool color) {
  std::vector<Check> shown;
  std::copy_if(checks.begin(), checks.end(), std::back_inserter(shown), [](const Check& check) { return check.outcome != Outcome::passed; });
  return shown.empty() ? "  " + ansi("32", "✓", color) + " every check passed\n" : checks_text(shown, color);
}

std::string question_text(const Card& card, const CardStyle& style) {
  std::string out = heading("Asked back on " + visible(card.connection) + ", by " + visible(card.answered_by), style.color);
  out += "  " + visible(card.asks) + "\n" + choices_text(card.choices);
  if (!card.question.empty()) out += heading("To answer", style.color) + "  " + visible(card.question) + "\n";
  return out;
}

std::string_view kind_name(SpanKind kind) {
  switch (kind) {
    case SpanKind::keyword: return "keyword";
    case SpanKind::identifier: return "identifier";
    case SpanKind::string: return "string";
    case SpanKind::number: return "number";
    case SpanKind::comment: return "comment";
    case SpanKind::op: return "operator";
    case SpanKind::function: return "function";
    case SpanKind::write_keyword: return "write";
  }
  return "plain";
}

}  // namespace

std::string estimate_text(const Card& card) {
  const std::string rows = card.estimate.rows ? "about " + counted(*card.estimate.rows, "row") : "an unknown number of rows";
  const std::string bytes = card.estimate.bytes ? "about " + human_bytes(*card.estimate.bytes) : "an unknown number of bytes";
  std::string out = "  " + rows + " out, " + bytes + " read\n  a yes covers up to ";
  // Above its cap a result fails, whatever was approved.
  if (card.result_rows_max > 0 && card.result_rows_max < card.ceiling.rows)
    return out + counted(card.result_rows_max, "row") + " (limits.rows_max: a result of more fails) and " + human_bytes(card.ceiling.bytes) +
           "; more bytes ask again\n";
  return out + counted(card.ceiling.rows, "row") + " and " + human_bytes(card.ceiling.bytes) + "; more asks again\n";
}

std::string sample_text(const SampleRows& sample, int width) {
  constexpr int kCellMax = 40, kLeast = 20;
  const std::size_t columns = sample.columns.size();
  std::vector<std::vector<std::string>> lines(1);
  for (const ResultColumn& column : sample.columns) lines[0].push_back(clipped(visible(column.name), kCellMax));
  for (const Json& row : sample.rows) {
    auto& cells = lines.emplace_back();
    if (const auto* values = row.as_array())
      for (const Json& value : *values) cells.push_back(clipped(visible(cell_text(value)), kCellMax));
    cells.resize(columns);
  }
  std::vector<int> wide(columns);
  for (const auto& cells : lines)
    for (std::size_t c = 0; c < columns; ++c) wide[c] = std::max(wide[c], display_width(cells[c]));
  std::string out;
  for (const auto& cells : lines) {
    std::string line;
    for (std::size_t c = 0; c < columns; ++c) {
      const std::string fill(static_cast<std::size_t>(wide[c] - display_width(cells[c])), ' ');
      line += "  " + (sample.columns[c].type.is_numeric() ? fill + cells[c] : cells[c] + (c + 1 < columns ? fill : ""));
    }
    out += clipped(line, std::max(width, kLeast)) + "\n";
  }
  return out;
}

// Whether it is wise is what the proof says.
std::string confidence_text(const Card& card) {
  if (card.answered_by == "person") return "\nA person wrote this SQL: no question had to be read. What is odd about it stands in the proof.\n";
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "\nConfidence %.0f %% that this is what was asked\n", card.confidence * 100);
  return text.data();
}

Card make_card(const CardInput& input) {
  const Proof& proof = input.proof;
  Card card;
  const std::size_t tables = proof.tables.size();
  card.act = "Run on " + input.connection + " (reads " + counted(static_cast<std::int64_t>(tables), "table") + about(proof.estimate) + ")";
  card.connection = input.connection;
  card.question = input.question;
  card.notice = input.notice;
  card.unproven_edit = input.unproven_edit;
  card.sql = input.sql;
  card.understood = input.by.understood;
  card.reading = proof.reading;
  card.tables = proof.tables;
  card.estimate = proof.estimate;
  card.estimate.plan.clear();  // it stays in the proof
  card.ceiling = input.ceiling;
  card.result_rows_max = input.result_rows_max;
  card.checks = proof.checks;
  card.sample = proof.sample;
  card.confidence = input.by.confidence;
  card.score = input.by.score;
  card.answered_by = input.by.name;
  card.model_says = input.by.model_says;
  card.made_from = input.by.made_from;
  return card;
}

Card make_question_card(QuestionInput input) {
  Card card;
  card.act = "Answer: " + input.asks;
  card.connection = input.connection;
  card.question = input.question;
  card.notice = input.notice;
  card.unproven_edit = input.unproven_edit;
  card.answered_by = input.answered_by;
  card.asks = input.asks;
  card.choices = std::move(input.choices);
  return card;
}

ApprovalRequest approval_request(const Card& card, const ApprovalPolicy& policy, const Proof& proof, std::int64_t timeout_ms) {
  return {.card = encode(card),
          .policy = policy.reads ? "reads may run unasked" : "a person decides",
          .timeout = std::chrono::milliseconds(timeout_ms),
          .automatic = decide_by_policy(policy, proof)};
}

ApprovalRequest question_request(const Card& card, std::int64_t timeout_ms) {
  return {.card = encode(card), .policy = "a person answers", .timeout = std::chrono::milliseconds(timeout_ms), .automatic = std::nullopt};
}

std::string checks_text(const std::vector<Check>& checks, bool color) {
  std::string out;
  for (const Outcome wanted : {Outcome::failed, Outcome::warning, Outcome::passed})
    for (const Check& check : checks) {
      if (check.outcome != wanted) continue;
      const Mark mark = mark_of(check.outcome);
      out += "  " + ansi(mark.code, mark.sign, color) + " " + check.check + ": " + visible(check.detail) + "\n";
      if (!check.hint.empty() && wanted != Outcome::passed) out += "      " + ansi("2", "next: " + visible(check.hint), color) + "\n";
    }
  return out + skipped_text(checks, color);
}

std::string sql_text(const std::string& sql, bool color) {
  const std::string formatted = format_sql(sql);
  return indented(color ? highlight_ansi(formatted) : show_hidden(formatted, true));
}

Json shown_sql(const std::string& sql) {
  const std::string text = format_sql(sql);
  Json lines = Json::array(), line = Json::array();
  // Each token is cut out first and made visible then: nothing hidden reaches over its own token.
  const auto add = [&](std::string_view kind, std::string_view piece) {
    for (std::size_t begin = 0;;) {
      const std::size_t end = piece.find('\n', begin);
      const std::string_view part = piece.substr(begin, end - begin);
      if (!part.empty()) line.push(Json::array().push(kind).push(show_hidden(part, true)));
      if (end == std::string_view::npos) return;
      lines.push(std::exchange(line, Json::array()));
      begin = end + 1;
    }
  };
  std::size_t at = 0;
  for (const Span& span : highlight_spans(text)) {
    add("plain", std::string_view(text).substr(at, span.begin - at));
    add(kind_name(span.kind), std::string_view(text).substr(span.begin, span.end - span.begin));
    at = span.end;
  }
  add("plain", std::string_view(text).substr(at));
  if (line.size() > 0) lines.push(std::move(line));
  return lines;
}

Json whole_card(const Json& card) {
  const auto decoded = decode<Card>(card);
  return decoded && !card.is_null() ? encode_whole(*decoded) : Json();
}

std::string card_text(const Json& card) {
  constexpr int kColumnsMax = 200;
  std::string text(card.text(card.text("question").empty() ? "sql" : "question"));
  std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return clipped(text, kColumnsMax);
}

std::string card_act(const Json& card) { return visible(std::string(card.text("act"))); }

std::vector<CardChoice> card_choices(const Json& card) {
  auto decoded = decode<Card>(card);
  return decoded ? std::move(decoded->choices) : std::vector<CardChoice>();
}

std::string choices_text(const std::vector<CardChoice>& choices) {
  std::string out;
  for (std::size_t i = 0; i < choices.size(); ++i) out += "  " + std::to_string(i + 1) + "  " + visible(choices[i].label) + "\n";
  return out;
}

std::string card_text(const Json& json, const CardStyle& style) {
  const auto decoded = decode<Card>(json);
  if (!decoded) return "(the card cannot be read: " + decoded.error().message + ")";
  const Card& card = *decoded;
  const bool color = style.color;
  std::string out;
  if (!card.notice.empty()) out += ansi("33", "! " + visible(card.notice), color) + "\n";
  if (!card.asks.empty()) return out + question_text(card, style);
  out += heading("SQL on " + visible(card.connection) + ", by " + visible(card.answered_by), color) + sql_text(card.sql, color);
  out += heading("What it does", color);
  for (const std::string& sentence : card.reading) out += "  " + show_hidden(sentence, true) + "\n";
  if (!card.understood.empty()) {
    out += heading("Understood", color) + " ";
    for (const UnderstoodWord& word : card.understood) out += " \"" + visible(word.word) + "\" = " + visible(word.meaning) + ";";
    out.back() = '\n';
  }
  if (style.brief) return out + heading("Proof", color) + remarkable(card.checks, color);
  if (!card.tables.empty()) out += heading("Reads", color);
  for (const TableRead& table : card.tables)
    out += "  " + visible(table.display) + (table.columns.empty() ? "" : ": " + visible(join(table.columns, ", "))) + "\n";
  out += heading("Proof", color) + checks_text(card.checks, color);
  out += heading("Estimate", color) + estimate_text(card);
  if (!card.sample.columns.empty())
    out += heading(card.sample.whole_tables ? "First rows" : "A trial on samples of the large tables, not the answer", color) +
           sample_text(card.sample, style.width);
  out += confidence_text(card);
  for (const std::string& line : card.made_from) out += "  " + visible(line) + "\n";
  // Behind a mark: however somebody else's words are padded, no line of theirs can pass for a line of the card.
  if (!card.model_says.empty()) out += heading("Model says (not checked)", color) + wrapped(visible(card.model_says), style.width, "  | ");
  return out;
}

}  // namespace sluice
