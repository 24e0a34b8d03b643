#include <array>

#include "sql/postgres_tree.h"

namespace sluice {
namespace {

/// FRAMEOPTION_* of PostgreSQL 15's parsenodes.h.
enum FrameBit : std::int64_t {
  kNonDefault = 0x1,
  kRange = 0x2,
  kRows = 0x4,
  kGroups = 0x8,
  kBetween = 0x10,
  kStartUnboundedPreceding = 0x20,
  kEndUnboundedPreceding = 0x40,
  kStartUnboundedFollowing = 0x80,
  kEndUnboundedFollowing = 0x100,
  kStartCurrentRow = 0x200,
  kEndCurrentRow = 0x400,
  kStartOffsetPreceding = 0x800,
  kEndOffsetPreceding = 0x1000,
  kStartOffsetFollowing = 0x2000,
  kEndOffsetFollowing = 0x4000,
  kExcludeCurrentRow = 0x8000,
  kExcludeGroup = 0x10000,
  kExcludeTies = 0x20000,
  kAll = 0x3FFFF,
};

std::string edge_words(std::int64_t options, bool start) {
  const auto has = [&](FrameBit at_start, FrameBit at_end) { return (options & (start ? at_start : at_end)) != 0; };
  if (has(kStartUnboundedPreceding, kEndUnboundedPreceding)) return "unbounded preceding";
  if (has(kStartUnboundedFollowing, kEndUnboundedFollowing)) return "unbounded following";
  if (has(kStartCurrentRow, kEndCurrentRow)) return "current row";
  if (has(kStartOffsetPreceding, kEndOffsetPreceding)) return "? preceding";
  if (has(kStartOffsetFollowing, kEndOffsetFollowing)) return "? following";
  return "";
}

}  // namespace

Result<> PostgresTree::frame(const Json& body, Window& out) {
  const std::int64_t options = body.integer("frameOptions");
  if ((options & ~kAll) != 0) return refuse(StatementClass::other, "a window frame that Sluice does not know");
  if ((options & kNonDefault) != 0) {
    const std::string start = edge_words(options, true), end = edge_words(options, false);
    if (start.empty() || end.empty()) return refuse(StatementClass::other, "a window frame that Sluice does not know");
    out.frame = (options & kRows) != 0 ? "rows" : (options & kGroups) != 0 ? "groups" : "range";
    // Both are given even where only the start was written: it means the same.
    out.frame += " between " + start + " and " + end;
    if ((options & kExcludeCurrentRow) != 0) out.frame += " exclude current row";
    if ((options & kExcludeGroup) != 0) out.frame += " exclude group";
    if ((options & kExcludeTies) != 0) out.frame += " exclude ties";
  }
  for (const char* offset : {"startOffset", "endOffset"}) {
    const Json* node = body.find(offset);
    if (node == nullptr) continue;
    TRY(Expr value, expr(*node));
    out.bounds.push_back(std::move(value));
  }
  return {};
}

/// In OVER, `name` is a whole named window (OVER w); in a WINDOW clause it is the name being defined. `refname` is one that is extended.
Result<Window> PostgresTree::window(const Json& body, bool definition) {
  TRY_VOID(known(body, "WindowDef", {"name", "refname", "partitionClause", "orderClause", "frameOptions", "startOffset", "endOffset", "location"}));
  Window out;
  out.reference = body.text("refname");
  if (!definition && out.reference.empty()) out.reference = body.text("name");
  if (const Json* list = body.find("partitionClause")) {
    TRY(out.partition_by, exprs(*list));
  }
  if (const Json* list = body.find("orderClause")) {
    TRY(out.order_by, sort_keys(*list));
  }
  TRY_VOID(frame(body, out));
  return out;
}

Result<std::vector<SortKey>> PostgresTree::sort_keys(const Json& list) {
  std::vector<SortKey> out;
  if (list.as_array() == nullptr) return refuse(StatementClass::other, "an ORDER BY that Sluice does not know");
  for (const Json& node : *list.as_array()) {
    const auto [kind, body] = unwrapped(node);
    if (kind != "SortBy") return refuse(StatementClass::other, "an ORDER BY that Sluice does not know (" + std::string(kind) + ")");
    if (body.find("useOp") != nullptr) return refuse(StatementClass::other, "ORDER BY … USING an operator, which Sluice does not know");
    TRY_VOID(known(body, kind, {"node", "sortby_dir", "sortby_nulls", "location"}));
    SortKey key;
    TRY(key.value, expr(body["node"]));
    const std::string_view direction = body.text("sortby_dir"), nulls = body.text("sortby_nulls");
    if (direction != "SORTBY_DEFAULT" && direction != "SORTBY_ASC" && direction != "SORTBY_DESC")
      return refuse(StatementClass::other, "an ORDER BY that Sluice does not know (" + std::string(direction) + ")");
    key.descending = direction == "SORTBY_DESC";
    if (nulls == "SORTBY_NULLS_FIRST") key.nulls_first = true;
    if (nulls == "SORTBY_NULLS_LAST") key.nulls_first = false;
    out.push_back(std::move(key));
  }
  return out;
}

}  // namespace sluice
