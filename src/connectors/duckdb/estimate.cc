#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/text.h"
#include "connectors/duckdb/catalog.h"
#include "connectors/duckdb/made_rows.h"

namespace sluice::duckdb_detail {

std::optional<std::int64_t> number_of(const Json& extra, std::string_view key) {
  const std::string_view text = extra.text(key);
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failure != std::errc()) return std::nullopt;
  return number;
}

bool is_scan(const Json& node) {
  const std::string_view name = node.text("name");
  return name.find("SCAN") != std::string_view::npos || name.starts_with("READ_") || name.starts_with("SQLITE_QUERY");
}

namespace {

constexpr double kBytesMax = 9e18;

/// The table of a scan, such as `data.main."group"`, `main.z` or `z`: the last parts are schema and table. Keywords and odd names come in quotes.
TableName table_of(const Json& node) {
  const std::string_view text = node["extra_info"].text("Table");
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && !quoted) {
      parts.emplace_back();
    } else if (text[i] != '"') {
      parts.back() += text[i];
    } else if (quoted && text.substr(i).starts_with("\"\"")) {
      parts.back() += text[i++];  // two of them within quotes are one of the name
    } else {
      quoted = !quoted;
    }
  }
  const std::size_t count = parts.size();
  return {count > 1 ? parts[count - 2] : "", parts.back()};
}

template <class Visit>
void for_each_node(const Json& nodes, const Visit& visit, int depth = 0) {  // NOLINT(misc-no-recursion): bounded
  if (nodes.as_array() == nullptr || depth > kPlanDepthMax) return;         // read_plan lets none in that is deeper
  for (const Json& node : *nodes.as_array()) {
    visit(node);
    for_each_node(node["children"], visit, depth + 1);
  }
}

/// The rows that the topmost node with an opinion expects. DuckDB writes 0 where it has none; what stands below a LIMIT (whose number the plan does
/// not tell) or below groups says nothing of the result.
std::optional<std::int64_t> rows_of_result(const Json& plan) {
  std::optional<std::int64_t> top;
  const Json* nodes = &plan;
  for (int depth = 0; depth < kPlanDepthMax && nodes->as_array() != nullptr && nodes->size() == 1; ++depth) {
    const Json& node = nodes->as_array()->front();
    const std::string_view name = node.text("name");
    if (name == "UNGROUPED_AGGREGATE") return 1;
    if (name == "EMPTY_RESULT") return 0;
    const auto rows = number_of(node["extra_info"], "Estimated Cardinality");
    if (name.find("GROUP_BY") != std::string_view::npos || name.find("LIMIT") != std::string_view::npos) return top;
    if (rows && *rows > 0) return std::min(*rows, top.value_or(*rows));
    if (rows && name != "PROJECTION") return top;
    if (name == "TOP_N") top = number_of(node["extra_info"], "Top");
    nodes = &node["children"];
  }
  return top;
}

/// Bytes of one value, about, as DuckDB works with it.
std::int64_t width_of(TypeKind kind) {
  switch (kind) {
    case TypeKind::boolean: return 1;
    case TypeKind::date: return 4;
    case TypeKind::text:
    case TypeKind::decimal:
    case TypeKind::uuid:
    case TypeKind::interval: return 16;
    case TypeKind::bytes:
    case TypeKind::json:
    case TypeKind::list:
    case TypeKind::structure: return 64;
    default: return 8;
  }
}

std::int64_t row_width(const Table& table, const Json& projections) {
  std::int64_t width = 0;
  const auto add = [&](const std::string& column) {
    const Column* found = table.find_column(column);
    width += width_of(found != nullptr ? found->type.kind : TypeKind::unknown);
  };
  if (const auto* list = projections.as_array()) {
    for (const Json& column : *list) add(column.as_string() != nullptr ? *column.as_string() : "");
  } else if (const auto* one = projections.as_string(); one != nullptr && !one->empty()) {
    add(*one);
  }
  return std::max<std::int64_t>(width, 1);
}

/// An upper bound for files: a scan does not say which file it reads, so the largest counts.
std::int64_t largest_file(const OpenSource& open, const DuckDbSource& source) {
  std::error_code failure;
  if (source.kind == DuckDbSource::Kind::sqlite) return static_cast<std::int64_t>(std::filesystem::file_size(source.path, failure));
  std::int64_t largest = 0;
  for (const FileTable& file : open.files) largest = std::max(largest, file.bytes);
  return largest;
}

}  // namespace

Estimate estimate_of(const Json& plan, const Catalog& catalog, const OpenSource& open, const DuckDbSource& source) {
  Estimate estimate{.rows = rows_of_result(plan), .bytes = 0};
  for_each_node(plan, [&](const Json& node) {
    if (!is_scan(node) || !estimate.bytes) return;
    const TableName name = table_of(node);
    const Table* table = name.name.empty() ? nullptr : catalog.find(name);
    if (source.kind != DuckDbSource::Kind::database) {
      *estimate.bytes += largest_file(open, source);
    } else if (table != nullptr && table->row_count) {
      *estimate.bytes += *table->row_count * row_width(*table, node["extra_info"]["Projections"]);
    } else if (!name.name.empty()) {
      estimate.bytes.reset();  // a table of which nothing is known: no number is better than a wrong one
    }
  });
  const std::optional<double> made = made_bytes(plan);
  if (!made) estimate.bytes.reset();
  if (estimate.bytes) estimate.bytes = static_cast<std::int64_t>(std::min(static_cast<double>(*estimate.bytes) + *made, kBytesMax));
  return estimate;
}

Result<Json> read_plan(const std::string& text) {
  constexpr int kLevels = 2;  // a node's children are a list of objects
  return Json::parse(text, kPlanDepthMax * kLevels);
}

Result<> check_reach(const Json& plan, const OpenSource& open, const std::string& path) {
  std::string outside;
  for_each_node(plan, [&](const Json& node) {
    const std::string_view name = node.text("name");
    // It runs on a database that is attached, which is this file, and needs a name of ours; the guard lets no statement call it.
    if (name.starts_with("SQLITE_QUERY") && !open.mapped.empty()) return;
    if (name.find("SQLITE") == std::string_view::npos || (name.starts_with("SQLITE_SCAN") && node["extra_info"].text("File") == path)) return;
    outside = to_lower(trim(name));
  });
  if (outside.empty()) return {};
  return Error{ErrorKind::refused, "E0414", "the statement calls " + outside + ", which reaches beyond the connection's tables",
               "read the connection's own tables", 0};
}

}  // namespace sluice::duckdb_detail
