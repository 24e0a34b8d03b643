#include <algorithm>

#include "base/text.h"
#include "base/whole.h"
#include "cli/commands.h"
#include "cli/record_output.h"

namespace sluice {
namespace {

constexpr std::size_t kProblemsShownMax = 5;

std::string row_count_text(const Table& table) {
  if (!table.row_count) return "?";
  return (table.row_count_exact ? "" : "~") + with_thousands(*table.row_count);
}

std::string key_text(const Key& key) { return "(" + join(key.columns, ", ") + ")" + (key.origin == KeyOrigin::inferred ? " inferred" : ""); }

std::string foreign_key_text(const Catalog& catalog, const ForeignKey& key) {
  return "(" + join(key.columns, ", ") + ") → " + catalog.display(key.target) + " (" + join(key.target_columns, ", ") + ")" +
         (key.origin == KeyOrigin::inferred ? " inferred" : "");
}

int show_tables(const Session& session, const Catalog& catalog) {
  TableView view;
  view.column("table");
  view.column("kind");
  for (const char* title : {"rows", "columns"}) view.column(title, TableView::Align::right);
  for (const char* title : {"key", "refers to", "comment"}) view.column(title);
  for (const Table& table : catalog.tables) {
    std::vector<std::string> targets;
    for (const ForeignKey& key : table.foreign_keys) {
      const std::string target = catalog.display(key.target);
      if (std::find(targets.begin(), targets.end(), target) == targets.end()) targets.push_back(target);
    }
    view.row({catalog.display(table.name), std::string(enum_name(table.kind)), row_count_text(table), std::to_string(table.columns.size()),
              table.primary_key ? key_text(*table.primary_key) : "", join(targets, ", "), table.comment});
  }
  return print_table(session, view, "connection \"" + catalog.connection + "\" has no tables that this account may read");
}

int show_table(const Session& session, const Catalog& catalog, const Table& table) {
  TableView view;
  for (const char* title : {"column", "type", "null", "comment"}) view.column(title);
  for (const Column& column : table.columns)
    view.row({column.name, column.type.native, column.nullable ? "yes" : "no", (column.partition ? "partition column. " : "") + column.comment});
  std::string text = catalog.display(table.name) + " · " + std::string(enum_name(table.kind)) + " · " + row_count_text(table) +
                     (table.row_count == 1 ? " row" : " rows");
  if (table.bytes) text += " · " + human_bytes(*table.bytes);
  text = styled(Style::bold, text, session.terminal.color_output) + "\n";
  if (!table.comment.empty()) text += show_hidden(table.comment, false) + "\n";
  text += view.render(session.terminal.output ? session.terminal.width : 0, session.terminal.color_output);
  if (table.primary_key) text += "primary key " + key_text(*table.primary_key) + "\n";
  for (const Key& key : table.unique_keys) text += "unique " + key_text(key) + "\n";
  for (const ForeignKey& key : table.foreign_keys) text += "refers " + foreign_key_text(catalog, key) + "\n";
  const auto inferred = [](const auto& key) { return key.origin == KeyOrigin::inferred; };
  if ((table.primary_key && inferred(*table.primary_key)) || std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(), inferred))
    text += "inferred: by names and today's values; nothing declares it, and nothing keeps NULL out of its columns\n";
  if (!table.definition.empty())
    text += (table.kind != TableKind::table         ? "defined as "
             : catalog.dialect == Dialect::postgres ? "row-level security: "
                                                    : "generated columns: ") +
            show_hidden(table.definition, true) + "\n";
  if (!table.user_code.empty())
    text += "not readable: reading it runs functions that somebody added to this database (" + show_hidden(table.user_code, false) + ")\n";
  return print_text(text);
}

/// What of the glossary this catalog does not bear out: every question would stop there.
void warn_about_glossary(const Session& session, const App& app, const Catalog& catalog) {
  const auto warn = [&](const Error& problem) {
    say(styled(Style::yellow, "!", session.terminal.color_errors) + " " + show_hidden(problem.message, false));
    if (!problem.hint.empty()) say(styled(Style::dim, "  next: ", session.terminal.color_errors) + show_hidden(problem.hint, false));
  };
  const auto problems = app.glossary_problems(catalog);
  if (!problems) return warn(problems.error());
  for (std::size_t i = 0; i < problems->size() && i < kProblemsShownMax; ++i) warn((*problems)[i]);
  if (problems->size() > kProblemsShownMax) say("  … and " + std::to_string(problems->size() - kProblemsShownMax) + " more: sluice doctor");
}

/// A table or a column flat, for lines and CSV; JSON has the whole catalog.
Json table_record(const Table& table) {
  std::vector<std::string> targets;
  targets.reserve(table.foreign_keys.size());
  for (const ForeignKey& key : table.foreign_keys) targets.push_back(key.target.schema + "." + key.target.name);
  return Json::object()
      .set("schema", table.name.schema)
      .set("table", table.name.name)
      .set("kind", std::string(enum_name(table.kind)))
      .set("row_count", table.row_count ? Json(*table.row_count) : Json())
      .set("row_count_exact", table.row_count_exact)
      .set("bytes", table.bytes ? Json(*table.bytes) : Json())
      .set("columns", static_cast<std::int64_t>(table.columns.size()))
      .set("primary_key", table.primary_key ? join(table.primary_key->columns, ", ") : "")
      .set("refers_to", join(targets, ", "))
      .set("comment", table.comment);
}

Json column_record(const Column& column) {
  return Json::object()
      .set("column", column.name)
      .set("type", column.type.native)
      .set("nullable", column.nullable)
      .set("partition", column.partition)
      .set("comment", column.comment);
}

/// E0807.
Result<const Table*> table_named(const Catalog& catalog, const std::string& table) {
  const auto dot = table.find('.');
  const Table* found = dot == std::string::npos ? catalog.find("", table) : catalog.find(table.substr(0, dot), table.substr(dot + 1));
  if (found != nullptr) return found;
  std::vector<std::string> names;
  names.reserve(catalog.tables.size());
  for (const Table& candidate : catalog.tables) names.push_back(catalog.display(candidate.name));
  const std::string meant = nearest(table, names);
  return Error{ErrorKind::not_found, "E0807",
               "table \"" + show_hidden(table, false) + "\" is not in connection \"" + catalog.connection + "\"" +
                   (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
               "`sluice catalog show` lists the tables", 0};
}

int show_profile(const Session& session, const TableProfile& profile) {
  if (session.output == OutputFormat::json) return print_json(encode_whole(profile));
  const auto record = [](const ColumnProfile& column) { return encode_whole(column); };
  TableView view;
  view.column("column");
  for (const char* title : {"null", "different"}) view.column(title, TableView::Align::right);
  for (const char* title : {"least", "greatest"}) view.column(title);
  for (const ColumnProfile& column : profile.columns)
    view.row({column.name, with_thousands(profile.rows - column.filled), column.distinct ? with_thousands(*column.distinct) : "–",
              column.least.value_or("–"), column.greatest.value_or("–")});
  if (session.output == OutputFormat::table) {
    const std::string left_out = profile.columns_left_out == 0 ? "" : "; " + std::to_string(profile.columns_left_out) + " columns left out";
    say((profile.whole ? "of all " + with_thousands(profile.rows) + " rows"
                       : "of the first " + with_thousands(profile.rows) + " rows; there are more") +
        left_out);
  }
  return print_list(session, profile.columns, record, view, "");
}

}  // namespace

int run_catalog_profile(Session& session, const std::string& table, const std::string& connection) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  const auto known = (*app)->catalog(connection, session.interrupted);
  if (!known) return report(session, known.error());
  const auto found = table_named((*known)->catalog, table);
  if (!found) return report(session, found.error());
  const auto profile = (*app)->profile((*known)->catalog.connection, **found, session.interrupted);
  if (!profile) return report(session, profile.error());
  return show_profile(session, *profile);
}

int run_catalog_show(Session& session, const std::string& table, const std::string& connection) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto known = (*app)->catalog(connection, session.interrupted);
  if (!known) return report(session, known.error());
  const Catalog& catalog = (*known)->catalog;
  warn_about_glossary(session, **app, catalog);
  if (table.empty()) {
    if (session.output == OutputFormat::table) return show_tables(session, catalog);
    if (session.output == OutputFormat::json) return print_json(encode(catalog));
    return print_list(session, catalog.tables, table_record, {}, "");
  }
  const auto named = table_named(catalog, table);
  if (!named) return report(session, named.error());
  const Table* found = *named;
  if (session.output == OutputFormat::table) return show_table(session, catalog, *found);
  if (session.output == OutputFormat::json) return print_json(encode(*found));
  return print_list(session, found->columns, column_record, {}, "");
}

}  // namespace sluice
