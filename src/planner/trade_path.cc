#include "planner/trade_path.h"

#include <algorithm>

#include "planner/shape_error.h"
#include "planner/understood.h"

namespace sluice::planner {
namespace {

bool has_date(const Known& known, int table) {
  const auto& columns = known.table(table).columns;
  for (int c = 0; c < static_cast<int>(columns.size()); ++c)
    if (columns[static_cast<std::size_t>(c)].type.is_temporal() || known.is_date_as_text({Link::Kind::column, table, c, 1, ""})) return true;
  return false;
}

/// Whether rows of the table record deals: invoices, with their date.
bool is_record(const Known& known, int table) { return known.lexicon.is_deal(name_pieces(known.table(table).name.name)) && has_date(known, table); }

/// Whether each row of the table belongs to a deal: the lines of an invoice.
bool is_of_record(const Known& known, int table) {
  if (is_record(known, table)) return true;
  for (int other = 0; other < static_cast<int>(known.real.tables.size()); ++other) {
    if (other == table || !is_record(known, other)) continue;
    const auto& ways = known.routes(table, other);
    if (!ways.empty() && ways.front().to_one && ways.front().steps.size() == 1) return true;
  }
  return false;
}

/// Whether the word names something that the question is read to say.
bool is_placed(const std::vector<Noun>& nouns, const std::vector<Condition>& periods, std::size_t at) {
  const auto covers = [&](const auto& one) { return one.begin <= at && at < one.end; };
  return std::ranges::any_of(nouns, covers) || std::ranges::any_of(periods, covers);
}

}  // namespace

Result<> check_trade_path(const Known& known, const std::vector<Word>& words, const Query& query, const plan::SpecDraft& draft) {
  const auto nouns = nouns_of(known, words, query);
  const auto periods = periods_of(known, words, query);
  const auto said = [&](std::size_t at) {
    // "ordered by name"
    const bool arranges = !query.order.empty() && known.lexicon.does(words, at, Role::order);
    return known.lexicon.is_sale(words[at]) && !arranges && !is_placed(nouns, periods, at);
  };
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (!said(at)) continue;
    const std::string spec = encode(draft).dump();
    const auto used = [&](int table) { return spec.find(Json(known.table(table).name.name).dump()) != std::string::npos; };
    int record = -1;
    for (int table = 0; table < static_cast<int>(known.real.tables.size()); ++table) {
      if (used(table) && is_of_record(known, table)) return {};
      if (record < 0 && is_record(known, table)) record = table;
    }
    for (int table = 0; table < static_cast<int>(known.real.tables.size()) && record >= 0; ++table)
      if (used(table) && known.distance(table, record) < Known::kUnreachable)
        return shape_error(
            "the answer would say nothing of what was " + std::string("\"") + words[at].text + "\": \"" + known.called(record) + "\" records it",
            "say what is counted or added up of \"" + known.called(record) + "\"");
  }
  return {};
}

}  // namespace sluice::planner
