#include "agents/table_text.h"

#include <algorithm>

#include "agents/confidential.h"
#include "agents/fence.h"
#include "agents/range_text.h"
#include "base/text.h"
#include "plan/render.h"

namespace sluice {
namespace {

bool is_in(const std::vector<std::string>& names, const std::string& name) { return std::ranges::find(names, name) != names.end(); }

/// Whether the column is a part of any key of the table.
bool in_a_key(const Table& table, const Column& column) {
  if (table.primary_key && is_in(table.primary_key->columns, column.name)) return true;
  return column.partition || std::ranges::any_of(table.foreign_keys, [&](const ForeignKey& key) { return is_in(key.columns, column.name); });
}

bool is_sole_key(const Table& table, const Column& column) {
  return table.primary_key && table.primary_key->columns.size() == 1 && table.primary_key->columns.front() == column.name;
}

std::string_view arrow(const ForeignKey& key) { return key.origin == KeyOrigin::inferred ? "⇢ " : "→ "; }

/// An engine's word, on its line; a type of a user's may be called anything.
std::string bounded(std::string_view text, std::size_t bytes) {
  std::string shown = show_hidden(text, false);
  if (shown.size() <= bytes) return shown;
  std::size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0U) == 0x80U) --end;
  return shown.substr(0, end) + "…";
}

std::string type_text(const Type& type, std::size_t bytes) {
  return type.native.empty() ? std::string(enum_name(type.kind)) : bounded(type.native, bytes);
}

template <class Sample>
const Sample* of_column(const std::vector<const Sample*>& samples, const Column& column) {
  const auto found = std::ranges::find(samples, column.name, [](const Sample* one) { return std::string_view(one->column); });
  return found == samples.end() ? nullptr : *found;
}

std::string more_columns(std::size_t count) { return "… " + counted(static_cast<std::int64_t>(count), "more column"); }

}  // namespace

TableText::TableText(const CatalogSearch& search, const ColumnSamples& samples, std::vector<QueryTerm> terms)
    : search_(search), catalog_(search.catalog()), terms_(std::move(terms)), values_(samples.values), ranges_(samples.ranges) {}

std::string_view TableText::legend() {
  return "-- pk: primary key; →: refers to; ⇢: refers to, as names and values show; null →: may be empty; … to …: its "
         "least and greatest value; e.g.: some of its values\n";
}

std::string TableText::quoted(std::string_view name) const { return bounded(plan::quote_name(name, catalog_.dialect), kNameBytes); }

std::string TableText::quoted_list(std::span<const std::string> names) const {
  std::string out;
  for (const std::string& name : names) (out += out.empty() ? "" : ", ") += quoted(name);
  return out;
}

const std::string& TableText::name(const TableName& name) {
  const auto [found, is_new] = names_.try_emplace(name);
  if (!is_new) return found->second;
  const Table* unqualified = catalog_.find("", name.name);
  const bool plain = unqualified != nullptr && unqualified->name == name;
  return found->second = plain ? quoted(name.name) : quoted(name.schema) + "." + quoted(name.name);
}

std::string TableText::head_comment(const Table& table, std::string_view comment) const {
  std::string out;
  if (table.row_count) out = (table.row_count_exact ? "" : "about ") + counted(*table.row_count, "row");
  if (!comment.empty()) (out += out.empty() ? "" : "; ") += inline_untrusted(comment, kCommentBytes);
  return out.empty() ? out : "  -- " + out;
}

/// " → airlines.carrier" for what this column alone refers to.
std::string TableText::reference_text(const Table& table, const Column& column) {
  std::string out;
  for (const ForeignKey& key : table.foreign_keys) {
    if (key.columns.size() != 1 || key.columns.front() != column.name || key.target_columns.size() != 1) continue;
    out += " " + std::string(arrow(key)) + name(key.target) + "." + quoted(key.target_columns.front());
  }
  // A join on it would lose rows.
  const bool in_primary_key = table.primary_key && is_in(table.primary_key->columns, column.name);
  return !out.empty() && column.nullable && !in_primary_key ? " null" + out : out;
}

std::string TableText::column_text(const Table& table, const Column& column) {
  std::string out = quoted(column.name) + " " + type_text(column.type, kTypeBytes);
  if (is_sole_key(table, column)) out += " pk";
  if (column.partition) out += " partition";
  return out + reference_text(table, column);
}

std::string TableText::values_text(const ColumnValues& values) const {
  if (is_confidential_name(values.column) || std::ranges::any_of(values.values, is_confidential_value)) return "  (its values are not shown)";
  std::vector<const std::string*> chosen;
  const bool all = values.complete && values.values.size() <= kAllValuesMax;
  const std::size_t looked_at = std::min(values.values.size(), CatalogSearch::kValuesPerColumn);
  for (std::size_t i = 0; i < looked_at; ++i)
    if (all || (chosen.size() < kNamedValuesMax && search_.names(terms_, values.values[i]))) chosen.push_back(&values.values[i]);
  for (std::size_t i = 0; i < looked_at && !all && chosen.size() < kExamples; ++i)
    if (std::ranges::find(chosen, &values.values[i]) == chosen.end()) chosen.push_back(&values.values[i]);
  std::string out;
  for (const std::string* value : chosen) (out += out.empty() ? "" : ", ") += inline_untrusted(*value, kValueBytes);
  return (all ? "  all values: " : "  e.g. ") + out;
}

/// Keys of several columns, a line each.
std::string TableText::keys_text(const Table& table) {
  std::string out;
  if (table.primary_key && table.primary_key->columns.size() > 1) out += "  primary key (" + quoted_list(table.primary_key->columns) + ")\n";
  for (const ForeignKey& key : table.foreign_keys)
    if (key.columns.size() > 1)
      out += "  (" + quoted_list(key.columns) + ") " + std::string(arrow(key)) + name(key.target) + " (" + quoted_list(key.target_columns) + ")\n";
  return out;
}

std::vector<bool> TableText::shown_columns(std::uint32_t table, Columns columns) const {
  const Table& it = catalog_.tables[table];
  std::vector<bool> out(it.columns.size(), true);
  if (columns == Columns::all || it.columns.size() <= kColumnsMax) return out;
  std::vector<float> scores = search_.column_scores(terms_, table);
  constexpr float kKey = 1e6F;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (in_a_key(it, it.columns[i])) scores[i] += kKey;
  std::vector<std::size_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  for (std::size_t i = kColumnsMax; i < order.size(); ++i) out[order[i]] = false;
  return out;
}

std::string TableText::in_detail(std::uint32_t table, Columns columns) {
  const Table& it = catalog_.tables[table];
  const std::vector<bool> shown = shown_columns(table, columns);
  const auto values = values_.of(it.name);
  const auto ranges = ranges_.of(it.name);
  std::string out = std::string(enum_name(it.kind)) + " " + name(it.name) + head_comment(it, it.comment) + "\n";
  for (std::size_t i = 0; i < it.columns.size(); ++i) {
    if (!shown[i]) continue;
    const Column& column = it.columns[i];
    out += "  " + column_text(it, column);
    if (const ColumnValues* known = of_column(values, column); known != nullptr && !known->values.empty()) out += values_text(*known);
    if (const ColumnRange* known = of_column(ranges, column); known != nullptr)
      if (const std::string range = range_text(*known); !range.empty()) out += "  " + range;
    if (!column.comment.empty()) out += "  -- " + inline_untrusted(column.comment, kCommentBytes);
    out += '\n';
  }
  if (const auto hidden = std::ranges::count(shown, false); hidden > 0) out += "  " + more_columns(static_cast<std::size_t>(hidden)) + "\n";
  return out + keys_text(it);
}

std::string TableText::on_a_line(std::uint32_t table) {
  const Table& it = catalog_.tables[table];
  const std::vector<bool> shown = shown_columns(table, Columns::best);
  std::string inside;
  for (std::size_t i = 0; i < it.columns.size(); ++i)
    if (shown[i]) (inside += inside.empty() ? "" : ", ") += column_text(it, it.columns[i]);
  if (const auto hidden = std::ranges::count(shown, false); hidden > 0) inside += ", " + more_columns(static_cast<std::size_t>(hidden));
  return std::string(enum_name(it.kind)) + " " + name(it.name) + " (" + inside + ")" + head_comment(it, "") + "\n" + keys_text(it);
}

}  // namespace sluice
