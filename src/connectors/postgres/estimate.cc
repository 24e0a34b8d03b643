#include "connectors/postgres/estimate.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>

#include "base/json.h"
#include "base/text.h"

namespace sluice::postgres {
namespace {

constexpr double kPageBytes = 8192;
constexpr double kBytesMax = 9e18;
constexpr std::size_t kPlanLinesMax = 200;

/// One node that reads a table.
struct Scan {
  TableName table{};
  bool whole = true;    ///< sequential: the table from its start
  double rows = 0;      ///< for index scans
  double times = 1;     ///< loops around it
  double fraction = 1;  ///< of a sequential scan, under a LIMIT
};

struct Reader {
  std::vector<Scan> scans{};
  bool foreign = false;
  std::string text{};
  std::size_t lines = 0;
};

double number(const Json& node, std::string_view key) {
  const Json& value = node[key];
  if (const auto* real = value.as_double()) return *real;
  if (const auto* integer = value.as_int()) return static_cast<double>(*integer);
  return 0;
}

bool passes_rows_through(std::string_view type) {
  static constexpr std::array<std::string_view, 7> kTypes{"Limit", "Result", "Append", "Subquery Scan", "Gather", "ProjectSet", "Nested Loop"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

/// How much of its child a LIMIT lets run, by the planner's own costs.
double limit_fraction(const Json& limit, const Json& child) {
  const double start = number(child, "Startup Cost"), whole = number(child, "Total Cost") - start;
  if (whole <= 0) return 1;
  return std::clamp((number(limit, "Total Cost") - start) / whole, 0.0, 1.0);
}

void write_line(const Json& node, int depth, Reader& reader) {
  if (reader.lines++ >= kPlanLinesMax) return;
  reader.text += std::string(static_cast<std::size_t>(depth) * 2, ' ') + std::string(node.text("Node Type"));
  if (!node.text("Index Name").empty()) reader.text += " using " + std::string(node.text("Index Name"));
  if (!node.text("Relation Name").empty()) reader.text += " on " + std::string(node.text("Relation Name"));
  reader.text += "  (" + with_thousands(static_cast<std::int64_t>(std::min(number(node, "Plan Rows"), kBytesMax))) + " rows)\n";
}

// The depth is bounded by that of the JSON.
void read_node(const Json& node, int depth, double times, double fraction, Reader& reader) {
  write_line(node, depth, reader);
  const std::string_view type = node.text("Node Type");
  if (type == "Foreign Scan") reader.foreign = true;
  if (!node.text("Relation Name").empty()) {
    const bool whole = type.find("Index") == std::string_view::npos && type != "Bitmap Heap Scan" && type != "Tid Scan" && type != "Tid Range Scan";
    reader.scans.push_back(
        {{std::string(node.text("Schema")), std::string(node.text("Relation Name"))}, whole, number(node, "Plan Rows"), times, fraction});
  }
  const Json::Array* children = node["Plans"].as_array();
  if (children == nullptr) return;
  double outer_rows = 1;
  for (const Json& child : *children) {
    const std::string_view relation = child.text("Parent Relationship");
    double child_times = times, child_fraction = 1;
    if (relation == "Outer") {
      outer_rows = std::max(1.0, number(child, "Plan Rows"));
      if (passes_rows_through(type)) child_fraction = fraction;
      if (type == "Limit") child_fraction = std::min(child_fraction, limit_fraction(node, child));
    }
    if ((relation == "Member" || relation == "Subquery") && passes_rows_through(type)) child_fraction = fraction;
    if (relation == "Inner" && type == "Nested Loop") child_times *= outer_rows;
    if (relation == "SubPlan") child_times *= std::max(1.0, number(node, "Plan Rows"));
    if (child.text("Node Type") == "Materialize" || child.text("Node Type") == "Memoize") child_times = std::min(child_times, times);
    read_node(child, depth + 1, child_times, child_fraction, reader);
  }
}

/// What comes out of a node.
struct Rows {
  double count = 0;
  double made = 0;      ///< bytes of a row that functions made, from nothing that was read
  double listed = 0;    ///< … and that stand in VALUES
  bool stored = false;  ///< something of it is read from a table
};

/// Bytes of the values that functions and VALUES make, about, in all rows that the plan has of them: generate_series(1, 1000) is 8 kB, and two of
/// them side by side without a condition 16 MB.
class Made {
 public:
  double bytes = 0;

  // The depth is bounded by that of the JSON.
  Rows read(const Json& node) {
    const std::string_view type = node.text("Node Type");
    Rows out{.count = number(node, "Plan Rows")};
    double pairs = 1;
    if (const Json::Array* children = node["Plans"].as_array())
      for (const Json& child : *children) pairs *= add(child, node, out);
    if (!node.text("Relation Name").empty()) out.stored = true;
    if (type == "CTE Scan" || type == "WorkTable Scan") {
      const auto found = with_.find(std::string(node.text("CTE Name")));
      out = found == with_.end() ? Rows{.stored = true} : found->second;
      out.count = number(node, "Plan Rows");
    }
    if (type == "Values Scan") out.listed = kValueBytes;
    const bool makes = type == "Table Function Scan" || (type == "Function Scan" && !names_column(node.text("Function Call"))) ||
                       (type == "ProjectSet" && !out.stored);
    if (makes) {
      out.made += kValueBytes;
      bytes += out.count * kValueBytes;
    }
    const bool filtered = !node["Join Filter"].is_null();
    const double width = out.stored ? out.made : out.made + out.listed;
    // A condition that no key serves is asked of every pair.
    if (type == "Nested Loop" && !(filtered && out.stored)) bytes += (filtered ? pairs : out.count) * width;
    if ((type == "Hash Join" || type == "Merge Join") && !out.stored) bytes += out.count * width;
    return out;
  }

 private:
  static constexpr double kValueBytes = 8;

  /// Into how many parts a parallel plan divides its rows: get_parallel_divisor in PostgreSQL's costsize.c, where the leader helps a few workers.
  static double shares_of(const Json& gather) {
    constexpr double kLeaderSpends = 0.3;
    const double workers = number(gather, "Workers Planned");
    return workers + std::max(0.0, 1 - kLeaderSpends * workers);
  }

  /// Enters what a child gives into its node's rows, and tells how many rows it has for a join.
  double add(const Json& child, const Json& parent, Rows& node) {
    const std::string_view relation = child.text("Parent Relationship"), name = child.text("Subplan Name");
    const double before = bytes;
    const Rows rows = read(child);
    // Below it stand the rows of one worker.
    if (parent.text("Node Type").starts_with("Gather")) bytes = before + (bytes - before) * shares_of(parent);
    if (relation == "SubPlan" && !is_hashed(parent, name)) bytes = before + (bytes - before) * std::max(1.0, node.count);
    if (name.starts_with("CTE ")) with_[std::string(name.substr(4))] = rows;
    if (relation == "InitPlan" || relation == "SubPlan") return 1;
    node.made += rows.made;
    node.listed += rows.listed;
    node.stored = node.stored || rows.stored;
    return rows.count;
  }

  /// Whether a subquery runs once, and each row only looks into what it gave: `x NOT IN (SELECT …)`.
  static bool is_hashed(const Json& node, std::string_view subplan) {
    const std::string words = "hashed " + std::string(subplan);
    for (const char* key : {"Filter", "Join Filter"})
      if (node.text(key).find(words) != std::string_view::npos) return true;
    const Json::Array* output = node["Output"].as_array();
    return output != nullptr && std::ranges::any_of(*output, [&](const Json& column) {
             return column.as_string() != nullptr && column.as_string()->find(words) != std::string::npos;
           });
  }

  /// Whether a call as PostgreSQL writes it, `unnest(o.tags)`, names a column: something.something, outside of quotes.
  static bool names_column(std::string_view call) {
    char quote = 0;
    for (std::size_t i = 0; i < call.size(); ++i) {
      const char c = call[i];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '\'') {
        quote = c;
      } else if (c == '.' && i > 0 && i + 1 < call.size() && std::isdigit(static_cast<unsigned char>(call[i + 1])) == 0) {
        return true;
      }
    }
    return false;
  }

  std::map<std::string, Rows> with_{};
};

Result<std::map<TableName, double>> table_sizes(Session& session, const std::vector<Scan>& scans) {
  std::vector<std::string> schemas, names;
  for (const Scan& scan : scans) {
    schemas.push_back(scan.table.schema);
    names.push_back(scan.table.name);
  }
  const std::vector<std::string> parameters{array_literal(schemas), array_literal(names)};
  TRY(Reply reply,
      session.ask("SELECT n.nspname, c.relname, pg_catalog.pg_relation_size(c.oid) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
                  "ON n.oid = c.relnamespace WHERE (n.nspname, c.relname) IN (SELECT * FROM unnest($1::text[], $2::text[]))",
                  parameters));
  std::map<TableName, double> sizes;
  for (int i = 0; i < reply.rows(); ++i)
    sizes[{std::string(reply.text(i, 0)), std::string(reply.text(i, 1))}] = std::strtod(std::string(reply.text(i, 2)).c_str(), nullptr);
  return sizes;
}

double scan_bytes(const Scan& scan, double size) {
  if (scan.whole) return size * scan.times * scan.fraction;
  return std::min(size, std::max(1.0, scan.rows) * kPageBytes * scan.times);
}

}  // namespace

Result<Estimate> estimate_of_plan(Session& session, const std::string& plan_json) {
  Estimate estimate;
  auto json = Json::parse(plan_json);
  if (!json || json->as_array() == nullptr || json->as_array()->empty()) return estimate;
  const Json& plan = json->as_array()->front()["Plan"];
  Reader reader;
  read_node(plan, 0, 1, 1, reader);
  estimate.rows = static_cast<std::int64_t>(std::clamp(std::ceil(number(plan, "Plan Rows")), 0.0, kBytesMax));
  estimate.plan = std::move(reader.text);
  if (reader.lines > kPlanLinesMax) estimate.plan += "… " + std::to_string(reader.lines - kPlanLinesMax) + " more steps\n";
  if (reader.foreign) return estimate;
  Made made;
  made.read(plan);
  double bytes = made.bytes;
  if (!reader.scans.empty()) {
    TRY(auto sizes, table_sizes(session, reader.scans));
    for (const Scan& scan : reader.scans) bytes += scan_bytes(scan, sizes[scan.table]);
  }
  estimate.bytes = static_cast<std::int64_t>(std::min(std::ceil(bytes), kBytesMax));
  return estimate;
}

}  // namespace sluice::postgres
