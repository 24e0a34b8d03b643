#include "connectors/postgres/catalog.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "connectors/postgres/key_evidence.h"
#include "connectors/postgres/types.h"
#include "connectors/postgres/user_objects.h"
#include "data/inferred_keys.h"

namespace sluice::postgres {
namespace {

constexpr int kTablesMax = 100'000;
/// Tables up to this size are counted exactly, at most so many, each waiting for a lock at most this long.
constexpr std::int64_t kCountableBytes = 1 << 20;
constexpr std::size_t kCountedMax = 200;

/// By pg_class.oid.
using Tables = std::map<std::string, Table, std::less<>>;
/// The tables of which every column may be read: asking column by column is what takes the time in a large catalog.
using ReadableWhole = std::set<std::string, std::less<>>;

std::string text_of(const Reply& reply, int row, int column) { return std::string(reply.text(row, column)); }
std::int64_t integer_of(const Reply& reply, int row, int column) { return std::strtoll(text_of(reply, row, column).c_str(), nullptr, 10); }

TableKind kind_of_relation(std::string_view relkind) {
  if (relkind == "v") return TableKind::view;
  if (relkind == "m") return TableKind::materialized_view;
  if (relkind == "f") return TableKind::foreign_table;  // itself, or one of its partitions
  return TableKind::table;
}

// Row-level security counts where it holds for the role, or may hold for whom a view or another table's policy over the table is read: a view is read
// as its owner, and a policy as whoever reads the table that it guards.
// Relations that nobody may or should ask for come too: they stand in front of others on the search path, and views read them as their owners.
// Sizes come from the last VACUUM or ANALYZE where there was one: asking for the real size waits for whoever has the table locked.
constexpr const char* kRelations = R"(
SELECT c.oid, n.nspname, c.relname,
  CASE WHEN c.relhassubclass AND EXISTS (
    WITH RECURSIVE part(oid) AS (SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid
      UNION ALL SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN part ON i.inhparent = part.oid)
    SELECT 1 FROM part JOIN pg_catalog.pg_class l USING (oid) WHERE l.relkind = 'f') THEN 'f' ELSE c.relkind END, coalesce(d.description, ''),
  CASE WHEN c.relkind = 'p' THEN (
    WITH RECURSIVE part(oid) AS (SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid
      UNION ALL SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN part ON i.inhparent = part.oid)
    SELECT CASE WHEN min(l.reltuples) < 0 THEN -1 ELSE sum(l.reltuples) END FROM part JOIN pg_catalog.pg_class l USING (oid) WHERE l.relkind <> 'p')
  WHEN c.relkind = 'v' OR c.relhassubclass THEN -1 ELSE c.reltuples END,
  CASE WHEN c.relhassubclass THEN NULL WHEN c.relkind IN ('r', 'm') AND c.relpages = 0 THEN pg_catalog.pg_total_relation_size(c.oid)
  WHEN c.relkind IN ('r', 'm') THEN pg_catalog.current_setting('block_size')::int8 * (c.relpages
    + coalesce((SELECT sum(x.relpages) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid), 0)
    + coalesce((SELECT x.relpages FROM pg_catalog.pg_class x WHERE x.oid = c.reltoastrelid), 0)) END,
  CASE WHEN n.nspname = 'information_schema' THEN '' WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) WHEN c.relrowsecurity THEN (
    SELECT 'SELECT ' || pg_catalog.string_agg(pg_catalog.pg_get_expr(p.polqual, p.polrelid), ', ' ORDER BY p.polname) || ' FROM '
      || pg_catalog.quote_ident(n.nspname::text) || '.' || pg_catalog.quote_ident(c.relname::text)
    FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*') AND (pg_catalog.row_security_active(c.oid) OR EXISTS (
      SELECT 1 FROM pg_catalog.pg_depend d LEFT JOIN pg_catalog.pg_rewrite w ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid
      LEFT JOIN pg_catalog.pg_class v ON v.oid = w.ev_class LEFT JOIN pg_catalog.pg_roles o ON o.oid = v.relowner
      WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = c.oid AND (v.relkind = 'v'
        AND NOT (o.rolsuper OR o.rolbypassrls OR (o.oid = c.relowner AND NOT c.relforcerowsecurity))
        OR d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid NOT IN (
          SELECT own.oid FROM pg_catalog.pg_policy own WHERE own.polrelid = c.oid))))) END, pg_catalog.has_table_privilege(c.oid, 'SELECT'),
  CASE WHEN n.nspname = 'information_schema' THEN 'is one of the server''s own' WHEN c.relispartition THEN 'is a part of another table' WHEN c.relkind = 'S' THEN 'is a sequence'
  WHEN NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') OR NOT (pg_catalog.has_table_privilege(c.oid, 'SELECT')
    OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT')) THEN 'is none that the login may read' ELSE '' END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_'
  AND ($1::text[] = '{}' OR (n.nspname, c.relname) IN (SELECT * FROM unnest($1::text[], $2::text[])))
ORDER BY 10 LIMIT $3::int4)";

constexpr const char* kColumns = R"(
SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), coalesce(b.typname, t.typname), t.typcategory,
  coalesce(b.typtype, t.typtype), a.attnotnull OR t.typnotnull, coalesce(d.description, ''),
  coalesce(a.attnum = ANY (p.partattrs::int2[]), false)
FROM unnest($1::oid[], $2::bool[]) AS r(oid, whole) JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_description d ON d.objoid = a.attrelid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = a.attnum
LEFT JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = a.attrelid
WHERE a.attnum > 0 AND NOT a.attisdropped AND (r.whole OR pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT'))
ORDER BY a.attrelid, a.attnum)";

// Unique indexes without a condition or an expression say the same as unique constraints.
constexpr const char* kKeys = R"(
SELECT i.indrelid, i.indisprimary,
  (SELECT pg_catalog.json_agg(a.attname ORDER BY k.n) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n)
   JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE k.n <= i.indnkeyatts)
FROM pg_catalog.pg_index i
WHERE i.indrelid = ANY ($1::oid[]) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY i.indrelid, i.indexrelid)";

constexpr const char* kForeignKeys = R"(
SELECT k.conrelid, n.nspname, c.relname,
  (SELECT pg_catalog.json_agg(a.attname ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY AS u(attnum, n)
   JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum),
  (SELECT pg_catalog.json_agg(a.attname ORDER BY u.n) FROM unnest(k.confkey) WITH ORDINALITY AS u(attnum, n)
   JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum)
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.confrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conrelid = ANY ($1::oid[]) AND NOT c.relispartition
ORDER BY k.conrelid, k.conname)";

Result<std::vector<std::string>> names_in(std::string_view json) {
  TRY(Json parsed, Json::parse(json));
  return decode<std::vector<std::string>>(parsed);
}

Result<Tables> read_relations(Session& session, std::span<const TableName> only, ReadableWhole& whole) {
  std::vector<std::string> schemas, names;
  for (const TableName& table : only) {
    schemas.push_back(table.schema);
    names.push_back(table.name);
  }
  const std::vector<std::string> parameters{array_literal(schemas), array_literal(names), std::to_string(kTablesMax)};
  TRY(Reply reply, session.ask(kRelations, parameters));
  Tables tables;
  for (int i = 0; i < reply.rows(); ++i) {
    Table table;
    table.name = {text_of(reply, i, 1), text_of(reply, i, 2)};
    table.kind = kind_of_relation(reply.text(i, 3));
    table.comment = text_of(reply, i, 4);
    if (const double rows = std::strtod(text_of(reply, i, 5).c_str(), nullptr); !reply.is_null(i, 5) && rows >= 0)
      table.row_count = static_cast<std::int64_t>(rows);
    if (!reply.is_null(i, 6)) table.bytes = integer_of(reply, i, 6);
    table.definition = trim(reply.text(i, 7));
    if (table.definition.ends_with(';')) table.definition.pop_back();
    if (reply.text(i, 8) == "t") whole.insert(text_of(reply, i, 0));
    table.unreadable = reply.text(i, 9);
    tables.emplace(text_of(reply, i, 0), std::move(table));
  }
  return tables;
}

Result<> read_columns(Session& session, const std::string& oids, const ReadableWhole& whole, Tables& tables) {
  std::vector<std::string> flags;
  for (const auto& [oid, table] : tables)
    if (table.unreadable.empty()) flags.emplace_back(whole.contains(oid) ? "t" : "f");
  const std::vector<std::string> parameters{oids, array_literal(flags)};
  TRY(Reply reply, session.ask(kColumns, parameters));
  for (int i = 0; i < reply.rows(); ++i) {
    const auto table = tables.find(reply.text(i, 0));
    if (table == tables.end()) continue;
    const Type type{kind_of(reply.text(i, 3), reply.text(i, 4).front(), reply.text(i, 5).front()), text_of(reply, i, 2)};
    table->second.columns.push_back({text_of(reply, i, 1), type, reply.text(i, 6) != "t", reply.text(i, 8) == "t", text_of(reply, i, 7)});
  }
  return {};
}

/// A key over a column that the role may not see is of no use to it.
bool all_visible(const Table& table, const std::vector<std::string>& columns) {
  return !columns.empty() && std::all_of(columns.begin(), columns.end(), [&](const std::string& name) {
    return std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) { return column.name == name; });
  });
}

Result<> read_keys(Session& session, Parameters oids, Tables& tables) {
  TRY(Reply keys, session.ask(kKeys, oids));
  for (int i = 0; i < keys.rows(); ++i) {
    const auto table = tables.find(keys.text(i, 0));
    if (table == tables.end() || keys.is_null(i, 2)) continue;
    TRY(auto columns, names_in(keys.text(i, 2)));
    if (!all_visible(table->second, columns)) continue;
    if (keys.text(i, 1) == "t")
      table->second.primary_key = Key{std::move(columns)};
    else
      table->second.unique_keys.push_back(Key{std::move(columns)});
  }
  TRY(Reply foreign, session.ask(kForeignKeys, oids));
  for (int i = 0; i < foreign.rows(); ++i) {
    const auto table = tables.find(foreign.text(i, 0));
    if (table == tables.end() || foreign.is_null(i, 3) || foreign.is_null(i, 4)) continue;
    TRY(auto columns, names_in(foreign.text(i, 3)));
    TRY(auto target_columns, names_in(foreign.text(i, 4)));
    if (!all_visible(table->second, columns)) continue;
    table->second.foreign_keys.push_back({std::move(columns), {text_of(foreign, i, 1), text_of(foreign, i, 2)}, std::move(target_columns)});
  }
  return {};
}

/// Counts small tables. Best effort: where one of them is locked, the estimates stay.
Result<> count_small_tables(Session& session, Tables& tables) {
  std::string sql;
  std::size_t counted = 0;
  for (const auto& [oid, table] : tables) {
    if (table.kind != TableKind::table || runs_on_read(table) || !table.bytes || *table.bytes > kCountableBytes || table.columns.empty() ||
        counted >= kCountedMax)
      continue;
    sql += (counted++ == 0 ? "SELECT " : " UNION ALL SELECT ") + ("'" + oid) + "', pg_catalog.count(*) FROM ONLY " + quoted(table.name.schema) + "." +
           quoted(table.name.name);
  }
  if (counted == 0) return {};
  TRY_VOID(session.wait_for_locks(kBriefly));
  auto reply = session.ask(sql);
  if (!reply) return reply.error().kind == ErrorKind::cancelled || session.connection().is_lost() ? Result<>(reply.error()) : Result<>();
  TRY_VOID(session.wait_for_locks(kLockWaitMax));
  for (int i = 0; i < reply->rows(); ++i) {
    Table& table = tables.at(text_of(*reply, i, 0));
    table.row_count = integer_of(*reply, i, 1);
    table.row_count_exact = true;
  }
  return {};
}

Result<> read_surroundings(Session& session, const Target& target, Catalog& catalog) {
  TRY(Reply here, session.ask("SELECT pg_catalog.current_database(), current_user"));
  catalog.source = "PostgreSQL at " + target.place + (target.replica ? " (replica)" : "") + " as " + text_of(here, 0, 1);
  catalog.database = text_of(here, 0, 0);
  TRY(const std::string path, session.search_path());
  TRY(catalog.search_path, names_in(path));
  std::erase(catalog.search_path, "pg_temp");
  return {};
}

}  // namespace

Result<Catalog> read_catalog(Session& session, const Target& target, std::span<const TableName> only) {
  Catalog catalog;
  catalog.connection = target.connection;
  catalog.dialect = Dialect::postgres;
  TRY_VOID(read_surroundings(session, target, catalog));
  ReadableWhole whole;
  TRY(Tables tables, read_relations(session, only, whole));
  std::vector<std::string> oids;
  for (const auto& [oid, table] : tables)
    if (table.unreadable.empty()) oids.push_back(oid);
  const std::vector<std::string> parameters{array_literal(oids)};
  TRY_VOID(read_columns(session, parameters.front(), whole, tables));
  TRY_VOID(read_keys(session, parameters, tables));
  // Last, as what comes before may wait for locks; then nothing is older than what it is compared with.
  TRY(const UserCode user_code, read_user_objects(session, catalog));
  for (auto& [oid, table] : tables) {
    const bool has_policies = table.kind == TableKind::table && !table.definition.empty();
    if (const auto found = user_code.policies.find(oid); has_policies && found != user_code.policies.end()) table.user_code = found->second;
    if (const auto found = user_code.tables.find(oid); found != user_code.tables.end()) table.user_code = found->second;
  }
  if (only.empty()) {
    TRY_VOID(count_small_tables(session, tables));
  }
  for (auto& [oid, table] : tables) (table.unreadable.empty() ? catalog.tables : catalog.others).push_back(std::move(table));
  for (auto* list : {&catalog.tables, &catalog.others})
    std::sort(list->begin(), list->end(), [](const Table& a, const Table& b) { return a.name < b.name; });
  if (only.empty()) {  // of some tables alone nothing can be told
    PostgresKeyEvidence evidence(session, catalog);
    TRY_VOID(infer_keys(catalog, {}, evidence));
  }
  return catalog;
}

}  // namespace sluice::postgres
