#include "agents/sql_prompt.h"

#include <algorithm>
#include <array>

#include "agents/catalog_search.h"
#include "agents/catalog_text.h"
#include "agents/confidential.h"
#include "agents/fence.h"
#include "agents/sql_reply.h"
#include "agents/token_estimate.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kGlossaryBytesMax = 8'000, kExamplesBytesMax = 8'000, kPreviousBytesMax = 8'000, kFeedbackBytesMax = 4'000;
constexpr std::size_t kChecksBytesMax = 4'000;
constexpr std::size_t kReplyShownMax = 16'000;  // of a former reply: a garbled one may be long
/// How much of the room for the catalog the tables may take that a model asked for.
constexpr std::int64_t kAskedForShare = 2;

std::string_view dialect_name(Dialect dialect) { return dialect == Dialect::postgres ? "PostgreSQL" : "DuckDB"; }

std::string_view dialect_notes(Dialect dialect) {
  return dialect == Dialect::postgres ? "Integer division cuts: cast to numeric first. Names with upper-case letters are written in double quotes. "
                                        "Text is compared exactly; use ILIKE "
                                        "or lower() to ignore case."
                                      : "The operator / gives a fraction, // cuts. Names with unusual letters are written in double quotes. Text is "
                                        "compared exactly; use ILIKE or "
                                        "lower() to ignore case. There is no to_char: use strftime(column, '%Y-%m').";
}

std::string listed(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "- " + line + "\n";
  return out;
}

std::string in_words(const std::string& term, const std::vector<std::string>& synonyms) {
  std::string out = "\"" + term + "\"";
  for (const std::string& other : synonyms) out += ", \"" + other + "\"";
  return out;
}

/// What the house's words mean, a line an entry.
std::string glossary_text(const Glossary& glossary) {
  std::vector<std::string> lines;
  lines.reserve(glossary.terms.size());
  for (const auto& [term, synonyms, means, line] : glossary.terms) lines.push_back(in_words(term, synonyms) + " means " + means);
  for (const auto& [term, synonyms, condition, line] : glossary.values) lines.push_back(in_words(term, synonyms) + " is where " + condition);
  for (const auto& [term, synonyms, table, expression, line] : glossary.measures)
    lines.push_back(in_words(term, synonyms) + " is " + expression + " over the rows of " + table);
  for (const auto& [term, synonyms, says, line] : glossary.definitions) lines.push_back(in_words(term, synonyms) + " is short for: " + says);
  for (const TableDefaults& defaults : glossary.defaults) {
    if (!defaults.filter.empty())
      lines.push_back("unless the question says otherwise, only the rows of " + defaults.table + " count where " + defaults.filter);
    if (!defaults.date.empty()) lines.push_back("the date of " + defaults.table + " is " + defaults.date + " unless another is named");
  }
  return lines.empty() ? "" : fenced("glossary", listed(lines), kGlossaryBytesMax);
}

std::string examples_text(const std::vector<ApprovedQuestion>& examples, std::span<const std::string_view> shown) {
  std::string text;
  for (const ApprovedQuestion& example : examples) text += "Question: " + example.question + "\nQuery: " + example.sql + "\n\n";
  return text.empty() ? "" : fenced("approved questions", without_confidential_values(text, shown), kExamplesBytesMax);
}

/// What the engine and the checks said; an engine's error repeats values of the data. Fenced where there is anything.
std::string checks_text(const std::vector<std::string>& lines, std::span<const std::string_view> shown) {
  return lines.empty() ? "" : fenced("checks", without_confidential_values(listed(lines), shown), kChecksBytesMax);
}

/// What a person said, oldest first. Where there is no room for all, the last words stay: they count.
std::string feedback_text(const std::vector<std::string>& feedback) {
  std::string out;
  for (auto one = feedback.rbegin(); one != feedback.rend(); ++one) {
    const std::string shown = show_hidden(*one, false);
    const std::string line = "- " + std::string(whole_characters(shown, kFeedbackBytesMax)) + "\n";
    if (!out.empty() && out.size() + line.size() > kFeedbackBytesMax) break;
    out.insert(0, line);
  }
  return out;
}

/// Writes one request.
class Composer {
 public:
  explicit Composer(const SqlPromptInput& input) : input_(input) {}

  Result<SqlPrompt> compose() {
    TRY(made_.request.system, rendered(input_.prompt.system, {{"fence_rule", std::string(fence_rule())}}));
    TRY(std::string task, task_text());
    made_.request.messages.push_back({.role = ModelMessage::Role::user, .text = std::move(task)});
    for (const AgentTurn& turn : input_.turns) {
      made_.request.messages.push_back({.role = ModelMessage::Role::assistant, .text = former_reply(turn)});
      TRY(std::string answer, repair_text(turn));
      made_.request.messages.push_back({.role = ModelMessage::Role::user, .text = std::move(answer)});
    }
    made_.request.reply_name = "answer";
    made_.request.reply_schema = sql_reply_schema();
    made_.tokens = estimated_tokens(made_.request.system);
    for (const ModelMessage& message : made_.request.messages) made_.tokens += estimated_tokens(message.text);
    return std::move(made_);
  }

 private:
  Result<std::string> task_text() {
    std::string catalog;
    if (input_.with_catalog) catalog = catalog_section();
    std::vector<ApprovedQuestion> examples;
    if (input_.with_catalog) examples = nearest_examples(input_.question, input_.approved);
    for (const ApprovedQuestion& example : examples) made_.examples.push_back(example.approval);
    std::string glossary = input_.with_catalog ? glossary_text(input_.glossary) : "";
    std::string approved = examples_text(examples, std::array<std::string_view, 3>{catalog, glossary, input_.question});
    return rendered(input_.prompt.task, {{"dialect", std::string(dialect_name(input_.catalog.dialect))},
                                         {"dialect_notes", std::string(dialect_notes(input_.catalog.dialect))},
                                         {"today", input_.today},
                                         {"catalog", std::move(catalog)},
                                         {"glossary", std::move(glossary)},
                                         {"examples", std::move(approved)},
                                         {"question", show_hidden(input_.question, true)},
                                         {"previous", input_.previous.empty() ? "" : fenced("query", input_.previous, kPreviousBytesMax)},
                                         {"feedback", feedback_text(input_.feedback)}});
  }

  /// The tables for the question and for what the person said since.
  std::string catalog_section() {
    search_ = input_.search != nullptr ? input_.search : &made_search_.emplace(input_.catalog, input_.values);
    std::vector<PastQuestion> asked;
    asked.reserve(input_.approved.size());
    for (const ApprovedQuestion& one : input_.approved) asked.push_back({one.question, one.tables});
    const PastQuestions past(input_.catalog, asked);
    const TableQuery query{.question = input_.question, .feedback = input_.feedback, .glossary = input_.glossary, .past = &past};
    const CatalogText text = catalog_text(*search_, {input_.values, input_.ranges}, query,
                                          {.tokens_max = input_.context_tokens, .views = CatalogTextOptions::Views::shown});
    show(text);
    made_.tables_left_out = text.left_out;
    return text.text;
  }

  void show(const CatalogText& text) {
    for (const std::uint32_t n : text.kept) {
      const std::string name = input_.catalog.display(input_.catalog.tables[n].name);
      if (std::ranges::find(made_.tables, name) == made_.tables.end()) made_.tables.push_back(name);
    }
  }

  /// What the model said. A reply that was no answer is not repeated at any length.
  static std::string former_reply(const AgentTurn& turn) {
    if (trim(turn.reply).empty()) return "(nothing)";
    return show_hidden(whole_characters(turn.reply, kReplyShownMax), true);
  }

  Result<std::string> repair_text(const AgentTurn& turn) {
    std::string catalog;
    if (!turn.look_for.empty() && search_ != nullptr) {
      const std::string words = join(turn.look_for, " ");
      const CatalogText text = catalog_text(*search_, {input_.values, input_.ranges}, TableQuery{.question = words},
                                            {.tokens_max = input_.context_tokens / kAskedForShare, .views = CatalogTextOptions::Views::shown});
      show(text);
      catalog = text.text;
    }
    std::vector<std::string_view> shown{catalog};
    for (const ModelMessage& message : made_.request.messages) shown.emplace_back(message.text);
    return rendered(input_.prompt.repair, {{"problem", turn.problem.empty() ? "" : fenced("problem", turn.problem, kChecksBytesMax)},
                                           {"checks", checks_text(turn.checks, shown)},
                                           {"doubts", checks_text(turn.doubts, shown)},
                                           {"catalog", std::move(catalog)}});
  }

  const SqlPromptInput& input_;
  std::optional<CatalogSearch> made_search_{};
  const CatalogSearch* search_ = nullptr;  ///< none where the prompt has no catalog
  SqlPrompt made_{};
};

}  // namespace

Result<SqlPrompt> compose_sql_prompt(const SqlPromptInput& input) { return Composer(input).compose(); }

}  // namespace sluice
