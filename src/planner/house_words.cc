#include "planner/house_words.h"

#include <algorithm>

#include "base/text.h"
#include "plan/glossary_binding.h"
#include "planner/calendar.h"

namespace sluice::planner {
namespace {

using plan::Expr;

constexpr std::string_view kDuration = "duration";

class Words {
 public:
  Words(HouseWords& out, const Catalog& real, const Glossary& glossary, const Lexicon& lexicon)
      : out_(out), real_(real), glossary_(glossary), lexicon_(lexicon) {}

  void run() {
    const plan::BoundGlossary bound = plan::bind_glossary(glossary_, real_);
    for (const auto& one : bound.terms) {
      const GlossaryTerm& entry = glossary_.terms[one.entry];
      const bool column = one.column.has_value();
      name(entry.term, entry.synonyms,
           {column ? Link::Kind::column : Link::Kind::table, static_cast<int>(one.table), column ? static_cast<int>(*one.column) : -1, 0, ""});
    }
    for (const auto& one : bound.values) {
      const GlossaryValue& entry = glossary_.values[one.entry];
      name(entry.term, entry.synonyms, add(one.table, entry.term, TypeKind::boolean, "", {Computed::Kind::condition, one.condition}));
    }
    for (const auto& one : bound.measures) {
      const GlossaryMeasure& entry = glossary_.measures[one.entry];
      name(entry.term, entry.synonyms, add(one.table, entry.term, TypeKind::floating, "", {Computed::Kind::measure, one.value}));
    }
    for (const auto& one : bound.defaults) {
      const int table = static_cast<int>(one.table);
      if (one.filter) out_.filters.emplace(table, *one.filter);
      if (one.date) out_.dates.emplace(table, static_cast<int>(*one.date));
    }
    for (std::size_t t = 0; t < real_.tables.size(); ++t) durations(t);
  }

 private:
  Link add(std::size_t table, std::string_view term, TypeKind kind, std::string comment, Computed computed) {
    auto& columns = out_.catalog.tables[table].columns;
    std::string label;
    for (const char c : term) label += c == ' ' ? '_' : c;
    columns.push_back({std::move(label), Type{kind, ""}, true, false, std::move(comment)});
    const Link link{Link::Kind::column, static_cast<int>(table), static_cast<int>(columns.size()) - 1, 0, ""};
    out_.computed.emplace(std::pair{link.table, link.column}, std::move(computed));
    return link;
  }

  void name(const std::string& term, const std::vector<std::string>& synonyms, const Link& link) {
    out_.names.emplace_back(name_pieces(term), link);
    for (const std::string& other : synonyms) out_.names.emplace_back(name_pieces(other), link);
  }

  /// The times between two dates of a row, which their names say: that of a whole row is its duration.
  void durations(std::size_t table) {
    const Table& with_computed = out_.catalog.tables[table];
    for (NamedDuration& one : named_durations(real_.tables[table], static_cast<int>(table), lexicon_)) {
      const Duration duration = in_own_unit(with_computed, one.first, one.last);
      const Link link{Link::Kind::column, one.table, number_of(duration, with_computed.columns.size()), 0, ""};
      if (one.whole) {
        out_.names.emplace_back(std::vector<std::string>{std::string(kDuration)}, link);
        auto pieces = one.of;
        pieces.emplace_back(kDuration);
        if (!one.of.empty()) out_.names.emplace_back(std::move(pieces), link);
      }
      out_.durations.push_back(std::move(one));
    }
  }

  HouseWords& out_;
  const Catalog& real_;
  const Glossary& glossary_;
  const Lexicon& lexicon_;
};

}  // namespace

HouseWords::HouseWords(const Catalog& real, const Glossary& glossary, const Lexicon& lexicon) : catalog(real) {
  Words(*this, real, glossary, lexicon).run();
}

namespace {

/// 1997-01-31, 1997-01-31 10:30:00, 1997-01-31T10:30:00
bool begins_with_date(std::string_view text) {
  constexpr std::size_t kDate = 10;
  return text.size() >= kDate && day_of(text.substr(0, kDate)) && (text.size() == kDate || text[kDate] == ' ' || text[kDate] == 'T');
}

}  // namespace

void HouseWords::look_at(const std::vector<ColumnValues>& values) {
  for (const ColumnValues& one : values) {
    if (one.values.empty() || !std::ranges::all_of(one.values, begins_with_date)) continue;
    for (std::size_t t = 0; t < catalog.tables.size(); ++t) {
      const Table& table = catalog.tables[t];
      const Column* column = table.name == one.table ? table.find_column(one.column) : nullptr;
      if (column == nullptr || column->type.kind != TypeKind::text) continue;
      const std::pair place{static_cast<int>(t), static_cast<int>(column - table.columns.data())};
      dates_as_text.insert(place);
      if (!one.complete) sampled_dates.insert(place);
    }
  }
}

Expr seen_from(Expr expr, const std::string& alias) {
  if (auto* ref = std::get_if<plan::ColumnRef>(&expr.node)) ref->source = alias;
  if (auto* call = std::get_if<plan::Call>(&expr.node))
    for (Expr& arg : call->args) arg = seen_from(std::move(arg), alias);
  return expr;
}

std::vector<std::string> columns_in(const Expr& expr) {
  std::vector<std::string> out;
  if (const auto* ref = std::get_if<plan::ColumnRef>(&expr.node)) out.push_back(ref->column);
  if (const auto* call = std::get_if<plan::Call>(&expr.node))
    for (const Expr& arg : call->args)
      for (std::string& name : columns_in(arg)) out.push_back(std::move(name));
  return out;
}

}  // namespace sluice::planner
