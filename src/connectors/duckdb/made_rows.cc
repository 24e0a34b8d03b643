#include "connectors/duckdb/made_rows.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string>

namespace sluice::duckdb_detail {
namespace {

constexpr double kValueBytes = 8;

/// What comes out of a node.
struct Rows {
  double count = 0;
  double made = 0;      ///< bytes of a row that functions made
  double listed = 0;    ///< … and that stand in VALUES
  bool stored = false;  ///< something of it is read from a table or a file
};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) { return std::ranges::find(names, name) != names.end(); }

/// Joins that look at every pair.
constexpr std::array<std::string_view, 5> kPairs{"CROSS_PRODUCT", "BLOCKWISE_NL_JOIN", "NESTED_LOOP_JOIN", "PIECEWISE_MERGE_JOIN", "IE_JOIN"};

class Reader {
 public:
  double bytes = 0;
  bool unknown = false;  ///< of some function no number of rows is told

  /// `correlated`: below a join that runs its one side for the values of the other.
  Rows read(const Json& node, int depth, bool correlated) {  // NOLINT(misc-no-recursion): bounded
    const std::string_view name = node.text("name");
    const Json::Array* children = node["children"].as_array();
    if (children == nullptr || children->empty() || depth > kPlanDepthMax) return leaf(node, correlated);
    const Json& extra = node["extra_info"];
    std::vector<Rows> inner;
    for (const Json& child : *children) {
      inner.push_back(read(child, depth + 1, correlated || name.ends_with("DELIM_JOIN")));
      // The first child of a WITH is what the others scan.
      if (inner.size() == 1 && (name == "CTE" || name == "REC_CTE" || name == "RECURSIVE_CTE"))
        with_[std::string(extra.text("Table Index"))] = inner[0];
    }
    if (name == "CTE") return inner.back();
    Rows out;
    double pairs = 1, most = 0, all = 0;
    for (const Rows& one : inner) {
      out.made += one.made;
      out.listed += one.listed;
      out.stored = out.stored || one.stored;
      pairs *= one.count;
      most = std::max(most, one.count);
      all += one.count;
    }
    const bool meets_all = inner.size() == 2 && (name == "CROSS_PRODUCT" || (!out.stored && is_one_of(name, kPairs)));
    const auto known = static_cast<double>(number_of(extra, "Estimated Cardinality").value_or(0));
    out.count = known > 0 ? known : meets_all ? pairs : name == "UNION" ? all : most;
    if (name == "UNGROUPED_AGGREGATE") out = {.count = 1, .stored = out.stored};
    if ((name == "UNNEST" || name == "INOUT_FUNCTION") && !out.stored) {
      out.made += kValueBytes;
      bytes += out.count * kValueBytes;
    }
    const bool joins = inner.size() == 2 && (meets_all || (!out.stored && name.ends_with("JOIN")));
    if (joins) bytes += (meets_all ? pairs : out.count) * (out.stored ? out.made : out.made + out.listed);
    return out;
  }

 private:
  Rows leaf(const Json& node, bool correlated) {
    const std::string_view name = node.text("name");
    const Json& extra = node["extra_info"];
    const auto known = static_cast<double>(number_of(extra, "Estimated Cardinality").value_or(0));
    if (name == "CTE_SCAN" || name == "REC_CTE_SCAN" || name == "RECURSIVE_CTE_SCAN") {
      const auto found = with_.find(std::string(extra.text("CTE Index")));
      Rows out = found == with_.end() ? Rows{.stored = true} : found->second;
      out.count = known > 0 ? known : out.count;
      return out;
    }
    if (name == "DUMMY_SCAN") return {.count = 1};
    // Below such a join it holds the other side's rows.
    if (name == "COLUMN_DATA_SCAN") return {.count = known, .listed = correlated ? 0 : kValueBytes, .stored = correlated};
    if (is_scan(node) || extra.text("Function").empty()) return {.count = known, .stored = true};
    bytes += known * kValueBytes;
    unknown = unknown || known <= 0;  // DuckDB writes 0 where it has no idea
    return {.count = known, .made = kValueBytes};
  }

  std::map<std::string, Rows> with_{};
};

}  // namespace

std::optional<double> made_bytes(const Json& plan) {
  Reader reader;
  if (plan.as_array() != nullptr)
    for (const Json& node : *plan.as_array()) reader.read(node, 0, false);
  if (reader.unknown) return std::nullopt;
  return reader.bytes;
}

}  // namespace sluice::duckdb_detail
