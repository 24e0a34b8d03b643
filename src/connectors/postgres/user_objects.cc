#include "connectors/postgres/user_objects.h"

namespace sluice::postgres {
namespace {

/// Extensions whose functions and operators only compute. Their overloads of common names (citext's =, max and replace, hstore's ->) would otherwise
/// make every query on such a database unprovable. Only members that a superuser owns count, as an extension's owner may add functions to it, and
/// no volatile ones in SQL or PL/pgSQL (postgis brings some that change tables).
constexpr const char* kComputingExtensions =
    "{btree_gin,btree_gist,citext,cube,fuzzystrmatch,hstore,intarray,ip4r,isn,ltree,pgcrypto,pg_trgm,postgis,seg,unaccent,uuid-ossp,vector}";

// Objects that a person made have oids from 16384 (FirstNormalObjectId), in whatever schema they lie.
//
// `runs` begins with the functions and operators of users, and with domains whose CHECK calls anything that is not immutable (a CHECK's functions of
// the server's own are not in pg_depend, but in its tree), and follows what depends on them up to the tables and views. Extensions' functions in SQL
// (languages 12 and 13 are the server's and C) find what they call on the search path, so they are followed too. The functions of a range type that
// the server made with it are its own. "everywhere": what runs, or may be taken for the server's own, without any object of a user's in the
// statement.
//
// Every name is cast to text, the type that the server's own functions take: an overload for `name` in pg_catalog would fit better.
constexpr const char* kUserObjects = R"(
WITH RECURSIVE known AS (
  SELECT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = ANY ($1::text[])),
super AS (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolsuper),
functions AS (SELECT p.oid, p.proname::text AS name, p.pronamespace FROM pg_catalog.pg_proc p WHERE p.oid >= 16384 AND NOT ((p.provolatile <> 'v' OR p.prolang IN (12, 13))
  AND p.proowner IN (SELECT oid FROM super) AND p.oid IN (SELECT objid FROM known WHERE classid = 'pg_proc'::regclass))),
operators AS (SELECT o.oid, o.oprname::text AS name FROM pg_catalog.pg_operator o WHERE o.oid >= 16384 AND NOT (o.oprowner IN (SELECT oid FROM super)
  AND o.oid IN (SELECT objid FROM known WHERE classid = 'pg_operator'::regclass))),
casts AS (SELECT c.* FROM pg_catalog.pg_cast c WHERE c.oid >= 16384 AND c.castfunc <> 0 AND NOT EXISTS (
  SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i')),
follow(used, user_of_it) AS (SELECT u::regclass::oid, w::regclass::oid FROM (VALUES
  ('pg_proc', 'pg_operator'), ('pg_proc', 'pg_class'), ('pg_proc', 'pg_statistic_ext'), ('pg_proc', 'pg_type'), ('pg_proc', 'pg_constraint'),
  ('pg_proc', 'pg_amproc'), ('pg_proc', 'pg_rewrite'), ('pg_operator', 'pg_class'), ('pg_operator', 'pg_statistic_ext'),
  ('pg_operator', 'pg_constraint'), ('pg_operator', 'pg_amop'), ('pg_operator', 'pg_rewrite'), ('pg_opclass', 'pg_class'), ('pg_opclass', 'pg_type'),
  ('pg_type', 'pg_class'), ('pg_type', 'pg_type'), ('pg_type', 'pg_constraint'), ('pg_type', 'pg_rewrite'),
  ('pg_proc', 'pg_policy'), ('pg_operator', 'pg_policy'), ('pg_type', 'pg_policy')) AS f(u, w)),
runs(classid, objid, by_class, by_id) AS (
  (SELECT 'pg_proc'::regclass::oid, p.oid, 0::oid, 0::oid FROM pg_catalog.pg_proc p
   WHERE p.oid >= 16384 AND (p.prolang NOT IN (12, 13) OR p.oid IN (SELECT oid FROM functions)) AND NOT (p.prolang = 12 AND EXISTS (
     SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i'))
   UNION ALL SELECT 'pg_operator'::regclass::oid, o.oid, 0::oid, 0::oid FROM operators o
   UNION ALL SELECT 'pg_type'::regclass::oid, t.id, 'pg_cast'::regclass::oid, c.oid FROM casts c JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc
   CROSS JOIN unnest(ARRAY[c.castsource, c.casttarget]) AS t(id) WHERE p.oid < 16384 AND p.provolatile <> 'i' AND t.id >= 16384
   UNION ALL SELECT 'pg_constraint'::regclass::oid, k.oid, 0::oid, 0::oid FROM pg_catalog.pg_constraint k
   WHERE k.contypid >= 16384 AND EXISTS (SELECT 1 FROM pg_catalog.regexp_matches(k.conbin::text, ':(?:op)?funcid (\d+)', 'g') AS m(id)
     JOIN pg_catalog.pg_proc p ON p.oid = m.id[1]::oid WHERE p.provolatile <> 'i'))
  UNION
  SELECT n.classid, n.objid, r.classid, r.objid FROM runs r CROSS JOIN LATERAL (
    SELECT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN follow f ON f.used = r.classid AND f.user_of_it = d.classid
      WHERE d.refclassid = r.classid AND d.refobjid = r.objid
    UNION ALL SELECT 'pg_type'::regclass, k.contypid FROM pg_catalog.pg_constraint k
      WHERE r.classid = 'pg_constraint'::regclass AND k.oid = r.objid AND k.contypid <> 0
    UNION ALL SELECT 'pg_type'::regclass, t.id FROM casts c CROSS JOIN unnest(ARRAY[c.castsource, c.casttarget]) AS t(id)
      WHERE r.classid = 'pg_proc'::regclass AND c.castfunc = r.objid AND t.id >= 16384
    UNION ALL SELECT 'pg_opclass'::regclass, k.oid FROM pg_catalog.pg_amproc a JOIN pg_catalog.pg_opclass k ON k.opcfamily = a.amprocfamily
      WHERE r.classid = 'pg_amproc'::regclass AND a.oid = r.objid
    UNION ALL SELECT 'pg_opclass'::regclass, k.oid FROM pg_catalog.pg_amop a JOIN pg_catalog.pg_opclass k ON k.opcfamily = a.amopfamily
      WHERE r.classid = 'pg_amop'::regclass AND a.oid = r.objid
    UNION ALL SELECT 'pg_type'::regclass, k.opcintype FROM pg_catalog.pg_opclass k
      WHERE r.classid = 'pg_opclass'::regclass AND k.oid = r.objid AND k.opcdefault AND k.opcintype >= 16384
    UNION ALL SELECT 'pg_class'::regclass, i.indexrelid FROM pg_catalog.pg_index i
      WHERE r.classid = 'pg_opclass'::regclass AND r.objid = ANY (i.indclass::oid[])
    UNION ALL SELECT 'pg_type'::regclass, t.typelem FROM pg_catalog.pg_type t
      WHERE r.classid = 'pg_type'::regclass AND t.oid = r.objid AND t.typelem >= 16384
    UNION ALL SELECT 'pg_class'::regclass, t.typrelid FROM pg_catalog.pg_type t
      WHERE r.classid = 'pg_type'::regclass AND t.oid = r.objid AND t.typrelid <> 0
    UNION ALL SELECT 'pg_type'::regclass, c.reltype FROM pg_catalog.pg_class c WHERE r.classid = 'pg_class'::regclass AND c.oid = r.objid AND c.reltype <> 0
    UNION ALL SELECT 'pg_class'::regclass, i.indrelid FROM pg_catalog.pg_index i WHERE r.classid = 'pg_class'::regclass AND i.indexrelid = r.objid
    UNION ALL SELECT 'pg_class'::regclass, i.inhparent FROM pg_catalog.pg_inherits i WHERE r.classid = 'pg_class'::regclass AND i.inhrelid = r.objid
    UNION ALL SELECT 'pg_class'::regclass, s.stxrelid FROM pg_catalog.pg_statistic_ext s
      WHERE r.classid = 'pg_statistic_ext'::regclass AND s.oid = r.objid
    UNION ALL SELECT 'pg_class'::regclass, w.ev_class FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class v ON v.oid = w.ev_class
      WHERE r.classid = 'pg_rewrite'::regclass AND w.oid = r.objid AND v.relkind = 'v') AS n),
types AS (
  SELECT t.oid, n.nspname::text AS schema, t.typname::text AS name FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  WHERE t.oid >= 16384 AND (t.typtype = 'e' OR (t.typtype = 'b' AND t.oid IN (SELECT objid FROM known WHERE classid = 'pg_type'::regclass)))
    AND t.typowner IN (SELECT CASE WHEN t.typtype = 'e' THEN t.typowner ELSE oid END FROM super)
    AND t.oid NOT IN (SELECT r.objid FROM runs r WHERE r.classid = 'pg_type'::regclass)),
everywhere AS (
  SELECT c.castfunc AS function FROM casts c WHERE c.castsource < 16384 AND c.casttarget < 16384
  UNION ALL SELECT f.oid FROM functions f WHERE f.pronamespace = 'pg_catalog'::regnamespace AND EXISTS (SELECT 1 FROM pg_catalog.pg_proc o
    WHERE o.proname = f.name AND o.oid < 16384 AND o.pronamespace = f.pronamespace)
  UNION ALL SELECT u.oprcode FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_operator u ON u.oid IN (o.oprcom, o.oprnegate)
    WHERE o.oid < 16384 AND u.oid >= 16384
  UNION ALL SELECT a.amproc FROM runs r JOIN pg_catalog.pg_amproc a ON r.classid = 'pg_amproc'::regclass AND a.oid = r.objid
    JOIN pg_catalog.pg_opclass k ON k.opcfamily = a.amprocfamily JOIN pg_catalog.pg_am m ON m.oid = k.opcmethod
    WHERE k.opcdefault AND k.opcintype < 16384 AND m.amname IN ('btree', 'hash')
  UNION ALL SELECT o.oprcode FROM runs r JOIN pg_catalog.pg_amop a ON r.classid = 'pg_amop'::regclass AND a.oid = r.objid
    JOIN pg_catalog.pg_operator o ON o.oid = a.amopopr
    JOIN pg_catalog.pg_opclass k ON k.opcfamily = a.amopfamily JOIN pg_catalog.pg_am m ON m.oid = k.opcmethod
    WHERE k.opcdefault AND k.opcintype < 16384 AND m.amname IN ('btree', 'hash'))
(SELECT DISTINCT 'function', lower(f.name), '' FROM functions f
UNION SELECT 'function', lower(t.typname::text), '' FROM pg_catalog.pg_type t WHERE t.oid >= 16384 AND t.typrelid = 0 AND t.typcategory <> 'A'
UNION SELECT DISTINCT 'operator', lower(o.name), '' FROM operators o
UNION SELECT 'everywhere', lower(p.proname::text), '' FROM everywhere e JOIN pg_catalog.pg_proc p ON p.oid = e.function
UNION SELECT 'type', written.name, '' FROM (
  SELECT t.oid, t.name, CASE WHEN t.name ~ '^[a-z_][a-z0-9_]*$' THEN t.name ELSE '"' || replace(t.name, '"', '""') || '"' END AS word,
    CASE WHEN t.schema ~ '^[a-z_][a-z0-9_]*$' THEN t.schema ELSE '"' || replace(t.schema, '"', '""') || '"' END AS schema FROM types t) AS e
  CROSS JOIN LATERAL (SELECT e.schema || '.' || e.word UNION ALL SELECT e.word WHERE NOT EXISTS (
    SELECT 1 FROM pg_catalog.pg_type o WHERE o.typname = e.name AND o.oid <> e.oid)) AS written(name)
UNION (SELECT DISTINCT ON (c.oid) 'table', c.oid::text, coalesce(pg_catalog.pg_describe_object(r.by_class, r.by_id, 0), 'something that was just dropped')
  FROM runs r JOIN pg_catalog.pg_class c ON r.classid = 'pg_class'::regclass AND c.oid = r.objid WHERE c.relkind IN ('r', 'p', 'm', 'f', 'v')
  ORDER BY c.oid, r.by_class = 'pg_type'::regclass AND r.by_id = c.reltype, 3)
UNION (SELECT DISTINCT ON (p.polrelid) 'policy', p.polrelid::text, coalesce(pg_catalog.pg_describe_object(r.classid, r.objid, 0), 'a dropped policy')
  FROM runs r JOIN pg_catalog.pg_policy p ON r.classid = 'pg_policy'::regclass AND p.oid = r.objid ORDER BY p.polrelid, 3))
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
    if (kind == "type") catalog.user_types.push_back(name);
    if (kind == "table") code.tables.emplace(name, objects.text(i, 2));
    if (kind == "policy") code.policies.emplace(name, objects.text(i, 2));
  }
  return code;
}

}  // namespace sluice::postgres
