#include "connectors/postgres/values.h"

#include <algorithm>

#include "base/json.h"

namespace sluice::postgres {
namespace {

constexpr int kColumnsMax = 500;
constexpr std::size_t kValueBytesMax = 100;
/// Tables above this are not read; the statistics have to do.
constexpr std::int64_t kReadableTableBytes = 64LL << 20;
/// One column may take this share of the time that is left, and at most so long.
constexpr std::int64_t kColumnShare = 4;
constexpr std::int64_t kColumnMaxMs = 1000;
/// Below this no further column is begun.
constexpr std::int64_t kEnoughMs = 20;

struct Candidate {
  ColumnValues sample{};
  std::int64_t bytes = 0;
};

/// Text columns of the tables that the role may read, with what pg_stats knows about them.
Result<std::vector<Candidate>> candidates(Session& session, std::span<const TableName> tables, int values_max) {
  std::vector<std::string> schemas, names;
  for (const TableName& table : tables) {
    schemas.push_back(table.schema);
    names.push_back(table.name);
  }
  const std::vector<std::string> parameters{array_literal(schemas), array_literal(names), std::to_string(kColumnsMax)};
  TRY(Reply reply,
      session.ask("SELECT n.nspname, c.relname, a.attname, CASE WHEN t.typtype = 'e' THEN -1 ELSE pg_catalog.pg_relation_size(c.oid) END, "
                  "CASE WHEN t.typtype = 'e' THEN (SELECT pg_catalog.json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e "
                  "WHERE e.enumtypid = t.oid) ELSE (SELECT pg_catalog.array_to_json(s.most_common_vals::text::text[]) FROM pg_catalog.pg_stats s "
                  "WHERE s.schemaname = n.nspname "
                  "AND s.tablename = c.relname AND s.attname = a.attname ORDER BY s.inherited DESC LIMIT 1) END, c.relkind "
                  "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                  "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
                  "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid AND t.typcategory IN ('S', 'E') "
                  "WHERE (n.nspname, c.relname) IN (SELECT * FROM unnest($1::text[], $2::text[])) AND c.relkind IN ('r', 'p', 'm') "
                  "AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') "
                  "ORDER BY 1, 2, a.attnum LIMIT $3::int4",
                  parameters));
  std::vector<Candidate> out;
  for (int i = 0; i < reply.rows(); ++i) {
    Candidate column;
    column.sample.table = {std::string(reply.text(i, 0)), std::string(reply.text(i, 1))};
    column.sample.column = reply.text(i, 2);
    // A partitioned table has no bytes of its own; how large it is is not known here, so it is not read. Of an enum its labels are known.
    const std::int64_t bytes = std::strtoll(std::string(reply.text(i, 3)).c_str(), nullptr, 10);
    column.bytes = reply.text(i, 5) == "p" || bytes < 0 ? kReadableTableBytes + 1 : bytes;
    if (auto common = Json::parse(reply.text(i, 4)); common && common->as_array() != nullptr)
      for (const Json& value : *common->as_array())
        if (const auto* text = value.as_string();
            text != nullptr && text->size() <= kValueBytesMax && column.sample.values.size() < static_cast<std::size_t>(values_max))
          column.sample.values.push_back(*text);
    out.push_back(std::move(column));
  }
  return out;
}

/// Reads the distinct values of a column, most frequent first.
Result<> read_column(Session& session, Candidate& column, int values_max, const Until& until) {
  const std::string name = quoted(column.sample.column);
  const std::string sql = "SELECT v, pg_catalog.octet_length(v) FROM (SELECT pg_catalog.left(" + name + "::text, 200) AS v FROM " +
                          quoted(column.sample.table.schema) + "." + quoted(column.sample.table.name) + " WHERE " + name +
                          " IS NOT NULL) AS s GROUP BY v ORDER BY pg_catalog.count(*) DESC, v LIMIT " + std::to_string(values_max + 1);
  TRY_VOID(session.wait_for_locks(kBriefly));
  TRY(const Reply reply, session.ask_until(sql, {}, until));
  TRY_VOID(session.wait_for_locks(kLockWaitMax));
  column.sample.values.clear();
  column.sample.complete = reply.rows() <= values_max;
  for (int i = 0; i < reply.rows() && i < values_max; ++i) {
    if (reply.text(i, 0).size() <= kValueBytesMax)
      column.sample.values.emplace_back(reply.text(i, 0));
    else
      column.sample.complete = false;
  }
  return {};
}

}  // namespace

Result<std::vector<ColumnValues>> read_values(Session& session, std::span<const TableName> tables, int values_max) {
  std::vector<ColumnValues> samples;
  if (tables.empty() || values_max <= 0) return samples;
  TRY(auto columns, candidates(session, tables, values_max));
  for (Candidate& column : columns) {
    bool sampled = !column.sample.values.empty();
    const std::int64_t left = session.until().milliseconds_left();
    if (column.bytes <= kReadableTableBytes && left > kEnoughMs) {
      const auto share = std::chrono::milliseconds(std::min(left / kColumnShare, kColumnMaxMs));
      const Until until{std::chrono::steady_clock::now() + share, session.until().cancelled};
      auto read = read_column(session, column, values_max, until);
      if (read) sampled = true;
      // A column that took too long, or may not be read, is left to the statistics; a lost connection or a stop ends it all.
      if (!read && (read.error().kind == ErrorKind::cancelled || session.connection().is_lost())) return std::move(read).error();
    }
    if (sampled) samples.push_back(std::move(column.sample));
  }
  return samples;
}

}  // namespace sluice::postgres
