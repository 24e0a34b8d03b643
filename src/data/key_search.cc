#include "data/key_search.h"

#include <algorithm>

namespace sluice::key_search {

using key_names::ColumnName;
using key_names::Likeness;

Search::Search(Catalog& catalog, std::span<const ColumnValues> values, KeyEvidence& evidence) : catalog_(catalog), evidence_(evidence) {
  for (const ColumnValues& column : values) known_[{column.table, column.column}] = {{column.values.begin(), column.values.end()}, column.complete};
  names_.reserve(catalog.tables.size());
  for (std::size_t t = 0; t < catalog.tables.size(); ++t) {
    names_.push_back(key_names::read_table(catalog.tables[t].name.name));
    for (const std::string& form : names_.back().full) by_name_[form].push_back(t);
    for (const std::string& form : names_.back().part) by_part_[form].push_back(t);
    if (!names_.back().joined.empty()) by_letter_[names_.back().joined.front()].push_back(t);
  }
}

const Known* Search::known(const Table& table, const Column& column) const {
  const auto found = known_.find({table.name, column.name});
  return found != known_.end() ? &found->second : nullptr;
}

Likeness Search::named_elsewhere(const ColumnName& column, std::size_t own) const {
  if (column.stem.empty()) return Likeness::none;
  const std::string stem = column.stem_text();
  for (const std::string& form : key_names::forms(stem))
    if (const auto found = by_name_.find(form); found != by_name_.end())
      if (std::any_of(found->second.begin(), found->second.end(), [&](std::size_t t) { return t != own; })) return Likeness::whole;
  if (const auto found = by_letter_.find(stem.front()); found != by_letter_.end())
    if (std::any_of(found->second.begin(), found->second.end(), [&](std::size_t t) { return t != own && key_names::is_short_for(stem, names_[t]); }))
      return Likeness::abbreviation;
  return Likeness::none;
}

const Column* Search::key_column(std::size_t at) const {
  const auto& key = table(at).primary_key;
  if (!key || key->columns.size() != 1) return nullptr;
  return table(at).find_column(key->columns.front());
}

std::optional<Containment> Search::known_containment(std::size_t from, const Column& column, const Target& target) const {
  const Known *values = known(table(from), column), *keys = known(table(target.table), *target.column);
  if (values == nullptr || keys == nullptr || !keys->complete) return std::nullopt;
  const auto found =
      std::count_if(values->values.begin(), values->values.end(), [&](const std::string& value) { return keys->values.contains(value); });
  return Containment{static_cast<std::int64_t>(values->values.size()), found, keys->values.empty()};
}

Result<std::vector<std::optional<Containment>>> Search::contained(std::span<const std::pair<Target, Target>> references) const {
  std::vector<std::optional<Containment>> out(references.size());
  std::vector<Reference> asked;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const auto& [from, to] = references[i];
    out[i] = known_containment(from.table, *from.column, to);
    if (out[i]) continue;
    asked.push_back(
        {table(from.table).name, from.column->name, table(to.table).name, to.column->name, from.column->type.kind != to.column->type.kind});
    places.push_back(i);
  }
  if (asked.empty()) return out;
  TRY(const auto answers, evidence_.containment(asked));
  for (std::size_t i = 0; i < places.size() && i < answers.size(); ++i) out[places[i]] = answers[i];
  return out;
}

void Search::refer(const Target& from, const Target& to) {
  catalog_.tables[from.table].foreign_keys.push_back({{from.column->name}, table(to.table).name, {to.column->name}, KeyOrigin::inferred});
}

void Search::add_unique_key(const Target& target) {
  Table& owner = catalog_.tables[target.table];
  const Key key{{target.column->name}, KeyOrigin::inferred};
  const auto refers = [&](const Table& one) {
    return std::any_of(one.foreign_keys.begin(), one.foreign_keys.end(),
                       [&](const ForeignKey& foreign) { return foreign.target == owner.name && foreign.target_columns == key.columns; });
  };
  const auto same = [&](const Key& one) { return one.columns == key.columns; };
  if (std::any_of(owner.unique_keys.begin(), owner.unique_keys.end(), same) || (owner.primary_key && same(*owner.primary_key))) return;
  if (std::any_of(catalog_.tables.begin(), catalog_.tables.end(), refers)) owner.unique_keys.push_back(key);
}

bool can_be_key(const Column& column) {
  const TypeKind kind = column.type.kind;
  return kind == TypeKind::integer || kind == TypeKind::text || kind == TypeKind::uuid;
}

bool comparable(const Column& from, const Column& to) {
  if (!can_be_key(from) || !can_be_key(to)) return false;
  return from.type.kind == to.type.kind || (from.type.kind == TypeKind::text && to.type.kind == TypeKind::integer);
}

bool refers_already(const Table& table, const std::string& column) {
  return std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(),
                     [&](const ForeignKey& key) { return std::find(key.columns.begin(), key.columns.end(), column) != key.columns.end(); });
}

}  // namespace sluice::key_search
