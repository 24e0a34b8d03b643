#include "connectors/postgres/user_objects.h"

namespace sluice::postgres {
namespace {

/// Extensions whose functions and operators only compute. Their overloads of common names (citext's =, max and replace, hstore's ->) would otherwise
/// make every query on such a database unprovable. Only members that a superuser owns count: an extension's owner may add functions to it.
constexpr const char* kComputingExtensions =
    "{btree_gin,btree_gist,citext,cube,earthdistance,fuzzystrmatch,hstore,intarray,isn,ltree,pg_trgm,postgis,seg,unaccent,uuid-ossp,vector}";

// Objects that a person made have oids from 16384 (FirstNormalObjectId), in whatever schema they lie.
//
// `runs` begins with the functions of users, and with domains whose CHECK calls anything volatile (a CHECK's functions of the server's own are not in
// pg_depend, but in its tree), and follows what depends on them up to the tables. Views are not followed: they are looked through.
constexpr const char* kUserObjects = R"(
WITH RECURSIVE known AS (
  SELECT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e' AND e.extname = ANY ($1::text[])),
super AS (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolsuper),
functions AS (SELECT p.oid, p.proname FROM pg_catalog.pg_proc p WHERE p.oid >= 16384 AND NOT (p.proowner IN (SELECT oid FROM super)
  AND p.oid IN (SELECT objid FROM known WHERE classid = 'pg_catalog.pg_proc'::regclass))),
follow(used, user_of_it) AS (SELECT u::regclass::oid, w::regclass::oid FROM (VALUES
  ('pg_proc', 'pg_operator'), ('pg_proc', 'pg_cast'), ('pg_proc', 'pg_class'), ('pg_proc', 'pg_statistic_ext'), ('pg_proc', 'pg_type'),
  ('pg_proc', 'pg_constraint'), ('pg_proc', 'pg_amproc'), ('pg_operator', 'pg_class'), ('pg_operator', 'pg_statistic_ext'),
  ('pg_operator', 'pg_constraint'), ('pg_opclass', 'pg_class'), ('pg_opclass', 'pg_type'), ('pg_type', 'pg_class'), ('pg_type', 'pg_type')) AS f(u, w)),
runs(classid, objid, by_class, by_id) AS (
  (SELECT 'pg_catalog.pg_proc'::regclass::oid, f.oid, 0::oid, 0::oid FROM functions f
   UNION ALL SELECT 'pg_catalog.pg_constraint'::regclass::oid, k.oid, 0::oid, 0::oid FROM pg_catalog.pg_constraint k
   WHERE k.contypid >= 16384 AND EXISTS (SELECT 1 FROM pg_catalog.regexp_matches(k.conbin::text, ':funcid (\d+)', 'g') AS m(id)
     JOIN pg_catalog.pg_proc p ON p.oid = m.id[1]::oid WHERE p.provolatile = 'v'))
  UNION
  SELECT n.classid, n.objid, r.classid, r.objid FROM runs r CROSS JOIN LATERAL (
    SELECT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN follow f ON f.used = r.classid AND f.user_of_it = d.classid
      WHERE d.refclassid = r.classid AND d.refobjid = r.objid
    UNION ALL SELECT 'pg_catalog.pg_type'::regclass, k.contypid FROM pg_catalog.pg_constraint k
      WHERE r.classid = 'pg_catalog.pg_constraint'::regclass AND k.oid = r.objid AND k.contypid <> 0
    UNION ALL SELECT 'pg_catalog.pg_type'::regclass, t.id FROM pg_catalog.pg_cast c CROSS JOIN unnest(ARRAY[c.castsource, c.casttarget]) AS t(id)
      WHERE r.classid = 'pg_catalog.pg_cast'::regclass AND c.oid = r.objid AND t.id >= 16384
    UNION ALL SELECT 'pg_catalog.pg_opclass'::regclass, k.oid FROM pg_catalog.pg_amproc a JOIN pg_catalog.pg_opclass k ON k.opcfamily = a.amprocfamily
      WHERE r.classid = 'pg_catalog.pg_amproc'::regclass AND a.oid = r.objid
    UNION ALL SELECT 'pg_catalog.pg_type'::regclass, k.opcintype FROM pg_catalog.pg_opclass k
      WHERE r.classid = 'pg_catalog.pg_opclass'::regclass AND k.oid = r.objid AND k.opcdefault AND k.opcintype >= 16384
    UNION ALL SELECT 'pg_catalog.pg_type'::regclass, t.typelem FROM pg_catalog.pg_type t
      WHERE r.classid = 'pg_catalog.pg_type'::regclass AND t.oid = r.objid AND t.typelem >= 16384
    UNION ALL SELECT 'pg_catalog.pg_class'::regclass, t.typrelid FROM pg_catalog.pg_type t
      WHERE r.classid = 'pg_catalog.pg_type'::regclass AND t.oid = r.objid AND t.typrelid <> 0
    UNION ALL SELECT 'pg_catalog.pg_type'::regclass, c.reltype FROM pg_catalog.pg_class c
      WHERE r.classid = 'pg_catalog.pg_class'::regclass AND c.oid = r.objid AND c.reltype <> 0
    UNION ALL SELECT 'pg_catalog.pg_class'::regclass, i.indrelid FROM pg_catalog.pg_index i
      WHERE r.classid = 'pg_catalog.pg_class'::regclass AND i.indexrelid = r.objid
    UNION ALL SELECT 'pg_catalog.pg_class'::regclass, i.inhparent FROM pg_catalog.pg_inherits i
      WHERE r.classid = 'pg_catalog.pg_class'::regclass AND i.inhrelid = r.objid
    UNION ALL SELECT 'pg_catalog.pg_class'::regclass, s.stxrelid FROM pg_catalog.pg_statistic_ext s
      WHERE r.classid = 'pg_catalog.pg_statistic_ext'::regclass AND s.oid = r.objid) AS n)
(SELECT DISTINCT 'function', lower(f.proname), '' FROM functions f
UNION SELECT DISTINCT 'operator', lower(o.oprname), '' FROM pg_catalog.pg_operator o WHERE o.oid >= 16384 AND NOT (o.oprowner IN (SELECT oid FROM super)
  AND o.oid IN (SELECT objid FROM known WHERE classid = 'pg_catalog.pg_operator'::regclass))
UNION SELECT 'everywhere', lower(f.proname), '' FROM functions f JOIN pg_catalog.pg_cast c ON c.castfunc = f.oid
  WHERE c.castsource < 16384 AND c.casttarget < 16384
UNION SELECT 'everywhere', lower(f.proname), '' FROM functions f JOIN pg_catalog.pg_amproc a ON a.amproc = f.oid
  JOIN pg_catalog.pg_opclass k ON k.opcfamily = a.amprocfamily WHERE k.opcdefault AND k.opcintype < 16384
UNION SELECT 'enum', name, '' FROM (
  SELECT t.oid, n.nspname, t.typname, CASE WHEN t.typname ~ '^[a-z_][a-z0-9_]*$' THEN t.typname::text
    ELSE '"' || pg_catalog.replace(t.typname, '"', '""') || '"' END AS word, CASE WHEN n.nspname ~ '^[a-z_][a-z0-9_]*$' THEN n.nspname::text
    ELSE '"' || pg_catalog.replace(n.nspname, '"', '""') || '"' END AS schema
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  WHERE t.typtype = 'e' AND t.oid >= 16384 AND NOT EXISTS (
    SELECT 1 FROM runs r WHERE r.classid = 'pg_catalog.pg_type'::regclass AND r.objid = t.oid)) AS e
  CROSS JOIN LATERAL (SELECT e.schema || '.' || e.word UNION ALL SELECT e.word WHERE NOT EXISTS (
    SELECT 1 FROM pg_catalog.pg_type o WHERE o.typname = e.typname AND o.oid <> e.oid)) AS written(name)
UNION (SELECT DISTINCT ON (c.oid) 'table', c.oid::text, pg_catalog.pg_describe_object(r.by_class, r.by_id, 0)
  FROM runs r JOIN pg_catalog.pg_class c ON r.classid = 'pg_catalog.pg_class'::regclass AND c.oid = r.objid WHERE c.relkind IN ('r', 'p', 'm', 'f')
  ORDER BY c.oid, r.by_class = 'pg_catalog.pg_type'::regclass AND r.by_id = c.reltype, 3))
ORDER BY 1, 2)";

}  // namespace

Result<UserCode> read_user_objects(Session& session, Catalog& catalog) {
  const std::vector<std::string> extensions{kComputingExtensions};
  TRY(Reply objects, session.ask(kUserObjects, extensions));
  UserCode code;
  for (int i = 0; i < objects.rows(); ++i) {
    const std::string_view kind = objects.text(i, 0);
    const std::string name(objects.text(i, 1));
    if (kind == "function") catalog.user_functions.push_back(name);
    if (kind == "operator") catalog.user_operators.push_back(name);
    if (kind == "everywhere") catalog.shadowing_functions.push_back(name);
    if (kind == "enum") catalog.enums.push_back(name);
    if (kind == "table") code.emplace(name, objects.text(i, 2));
  }
  return code;
}

}  // namespace sluice::postgres
