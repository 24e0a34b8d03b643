#include "agents/catalog_text.h"

#include <algorithm>

#include "agents/fence.h"
#include "agents/token_estimate.h"
#include "base/text.h"

namespace sluice {
namespace {

/// For the two lines of the fence and the lines that say what is not there.
constexpr std::int64_t kFrameTokens = 120;
/// The part of the budget that is kept for the names of tables that did not fit.
constexpr std::int64_t kNamesShare = 20;
/// So many tables in succession may be too large for the room that is left before the rest is given up.
constexpr int kTooLargeMax = 8;
constexpr std::string_view kLabel = "catalog";

/// The text as it grows, within its budget.
class Page {
 public:
  explicit Page(std::int64_t tokens_max) : left_(tokens_max) { add(TableText::legend()); }

  bool add(std::string_view lines) {
    const std::int64_t tokens = estimated_tokens(lines);
    if (tokens > left_) return false;
    left_ -= tokens;
    text_ += lines;
    return true;
  }
  void give_back(std::int64_t tokens) { left_ += tokens; }
  const std::string& text() const { return text_; }

 private:
  std::int64_t left_;
  std::string text_{};
};

/// ", and 1,912 others" or so; the names of the next best as long as there is room.
void add_names(Page& page, TableText& writer, const Catalog& catalog, std::span<const std::uint32_t> next, CatalogText& out) {
  if (out.left_out == 0) return;
  page.add("-- " + counted(out.left_out, "more table") + " not shown; the likeliest, by name:\n");
  for (const std::uint32_t table : next) {
    if (out.named.size() >= kNamedMax || !page.add("--   " + writer.name(catalog.tables[table].name) + "\n")) break;
    out.named.push_back(table);
  }
}

CatalogText finished(const Page& page, CatalogText out) {
  // The budget bounds the page; the fence cuts nothing.
  out.text = fenced(kLabel, page.text(), page.text().size());
  out.tokens = estimated_tokens(out.text);
  return out;
}

/// Puts these tables on the page in their order, as far as they fit; returns those that did not.
std::vector<std::uint32_t> add_tables(Page& page, TableText& writer, std::span<const std::uint32_t> tables, std::size_t in_detail, CatalogText& out) {
  std::vector<std::uint32_t> left;
  int too_large = 0;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const bool tried = too_large < kTooLargeMax;
    const bool fits = tried && ((out.kept.size() < in_detail && page.add(writer.in_detail(tables[i], TableText::Columns::best))) ||
                                page.add(writer.on_a_line(tables[i])));
    too_large = fits ? 0 : too_large + 1;
    (fits ? out.kept : left).push_back(tables[i]);
  }
  return left;
}

std::vector<std::uint32_t> shown_tables(const Catalog& catalog, CatalogTextOptions::Views views) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < catalog.tables.size(); ++i)
    if (may_be_shown(catalog.tables[i], views)) out.push_back(i);
  return out;
}

/// Whether the names and types alone are too long, so that nobody need write the tables to see it.
bool surely_too_long(const Catalog& catalog, std::span<const std::uint32_t> tables, std::int64_t tokens_max) {
  constexpr std::int64_t kTokensPerLine = 3;  // a name, another word, the line's end
  std::int64_t lines = 0;
  for (const std::uint32_t table : tables) lines += 1 + std::ssize(catalog.tables[table].columns);
  return kTokensPerLine * lines > tokens_max;
}

/// The whole catalog in its order; false where that does not fit.
bool add_all(Page& page, TableText& writer, std::span<const std::uint32_t> tables) {
  return std::ranges::all_of(tables, [&](std::uint32_t table) { return page.add(writer.in_detail(table, TableText::Columns::all)); });
}

CatalogText chosen(TableText& writer, const Catalog& catalog, std::span<const std::uint32_t> order, std::size_t in_detail, std::int64_t tokens_max) {
  const std::int64_t for_tables = tokens_max - kFrameTokens, for_names = for_tables / kNamesShare;
  Page page(for_tables - for_names);
  CatalogText out;
  const std::vector<std::uint32_t> next = add_tables(page, writer, order, in_detail, out);
  out.left_out = std::ssize(next);
  page.give_back(for_names);
  add_names(page, writer, catalog, next, out);
  return finished(page, std::move(out));
}

}  // namespace

bool may_be_shown(const Table& table, CatalogTextOptions::Views views) {
  return table.unreadable.empty() && (views == CatalogTextOptions::Views::shown || !runs_on_read(table));
}

CatalogText catalog_text(const CatalogSearch& search, const ColumnSamples& samples, const TableQuery& query, const CatalogTextOptions& options) {
  const Catalog& catalog = search.catalog();
  TableText writer(search, samples, search.terms_of(query));
  std::vector<std::uint32_t> order = shown_tables(catalog, options.views);
  if (const std::int64_t room = options.tokens_max - kFrameTokens; !surely_too_long(catalog, order, room))
    if (Page page(room); add_all(page, writer, order)) return finished(page, {.kept = std::move(order)});
  std::vector<bool> found(catalog.tables.size());
  order.clear();
  for (const FoundTable& one : search.retrieve(query, catalog.tables.size())) {
    if (!may_be_shown(catalog.tables[one.table], options.views)) continue;
    found[one.table] = true;
    order.push_back(one.table);
  }
  // What no word speaks of comes last.
  for (const std::uint32_t table : shown_tables(catalog, options.views))
    if (!found[table]) order.push_back(table);
  return chosen(writer, catalog, order, kInDetail, options.tokens_max);
}

}  // namespace sluice
