#include <filesystem>
#include <optional>

#include "app/chat.h"
#include "app/init.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/finding.h"
#include "cli/record_output.h"

namespace sluice {
namespace {

std::string place_of(const ConnectionConfig& connection) {
  switch (connection.kind) {
    case ConnectionKind::duckdb:
    case ConnectionKind::sqlite: return connection.path;
    case ConnectionKind::files: return join(connection.globs, ", ");
    case ConnectionKind::postgres: return connection.replica_url.empty() ? connection.url.masked() : connection.replica_url.masked() + " (replica)";
  }
  return "";
}

/// Whether the connection answers, and what its login may do beyond reading.
Finding find_connection(const Session& session, App& app, const std::string& name, const std::string& what) {
  Finding finding{what, app.test(name, session.interrupted)};
  if (!finding.result) return finding;
  auto warnings = app.warnings(name, session.interrupted);
  finding.warnings = warnings ? *warnings : std::vector{"what the login may do could not be read: " + warnings.error().message};
  return finding;
}

/// As the file has it, without what it keeps secret.
std::string where_the_journal_is(const Config& config) { return config.journal.empty() ? config.home : config.journal.masked(); }

/// Whether the journal is whole, and how much there is in it.
Finding find_journal(App& app) {
  if (const auto sound = app.check_journal(); !sound) return {"journal", sound.error()};
  const auto sizes = app.stored_sizes();
  if (!sizes) return {"journal", sizes.error()};
  const auto& [runs, events, approvals, bytes] = sizes->journal;
  Finding finding{"journal", where_the_journal_is(app.config()) + ", read to the end: no damage; " + counted(runs, "run") + ", " +
                                 counted(events, "event") + ", " + counted(approvals, "approval") + ", " + human_bytes(bytes) + "; " +
                                 with_thousands(sizes->audit_entries) + " in the audit chain"};
  if (app.config().journal.has_literal_password() && !app.config().journal_by_variable)
    finding.warnings.push_back(
        "its password is written out in sluice.yaml, where everybody who reads that file sees it; put `${VARIABLE}` in its place");
  return finding;
}

/// The glossary held against every connection that it says something about; nothing where it says nothing.
std::optional<Finding> find_glossary(const Session& session, App& app) {
  Finding finding{"glossary", app.config().glossary};
  bool says_something = false;
  for (const ConnectionConfig& connection : app.config().connections) {
    const auto glossary = app.glossary(connection.name);
    if (!glossary) return Finding{"glossary", glossary.error()};
    if (glossary->empty()) continue;
    says_something = true;
    const auto known = app.catalog(connection.name, session.interrupted);
    const auto problems = known ? app.glossary_problems((*known)->catalog) : Result<std::vector<Error>>(known.error());
    if (!problems) finding.warnings.push_back("could not be compared with connection \"" + connection.name + "\": " + problems.error().message);
    if (problems)
      for (const Error& problem : *problems) finding.warnings.push_back(problem.message + "; " + problem.hint);
  }
  return says_something ? std::optional(std::move(finding)) : std::nullopt;
}

/// The reason keeps its code: its page says what to do. Its hint may speak of the file that was not written.
Error does_not_work(const ConnectionConfig& connection, Error reason) {
  static constexpr std::string_view kInFile = " in sluice.yaml";
  reason.message = "nothing was written, because connection \"" + connection.name + "\" does not work: " + reason.message;
  if (const auto at = reason.hint.find(kInFile); at != std::string::npos) reason.hint.erase(at, kInFile.size());
  // A file that is no database does not become one.
  const bool hopeless = reason.kind == ErrorKind::input && connection.kind != ConnectionKind::postgres;
  if (!hopeless) reason.hint += (reason.hint.empty() ? "" : "; ") + std::string("to write it all the same: --force");
  return reason;
}

}  // namespace

int run_init(Session& session, const InitOptions& options) {
  std::error_code failure;
  const std::string folder = std::filesystem::current_path(failure).string();
  Result<std::string> reached = std::string();
  const auto works = [&](const ConnectionConfig& connection) -> Result<> {
    reached = session.ports.probe(connection, session.interrupted);
    return reached || options.force ? Result<>() : does_not_work(connection, reached.error());
  };
  auto added = init_connection(
      folder,
      {options.name, options.duckdb, options.postgres, options.replica, options.sqlite, options.dbt_profile, options.dbt_target, options.files},
      works);
  if (!added) return report(session, added.error());
  if (session.output != OutputFormat::table)
    print_record(session, Json::object()
                              .set("path", added->path)
                              .set("created", added->created)
                              .set("connection", options.name)
                              .set("variables", encode(added->variables))
                              .set("reached", reached ? Json(*reached) : Json())
                              .set("error", reached ? Json() : encode(reached.error())));
  say((added->created ? "wrote " : "added to ") + added->path + ": connection \"" + options.name + "\"");
  for (const std::string& variable : added->variables) say("  the password is not written there; set it: export " + variable + "=…");
  if (reached) {
    say("  reached " + show_hidden(*reached, false));
    say("Ask something: sluice ask \"how many … are there?\" --on " + options.name);
    say("Words of your own (client, revenue, domestic) can be explained in a glossary.yml beside sluice.yaml: docs/glossary.md");
  } else {
    say("  it does not work yet: " + show_hidden(reached.error().message, false));
    say("  next: " + show_hidden(reached.error().hint, true));
  }
  return kExitOk;
}

int run_connections_list(Session& session) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  TableView table;
  for (const char* title : {"connection", "kind", "place", "default"}) table.column(title);
  const Config& config = (*app)->config();
  for (const ConnectionConfig& connection : config.connections)
    table.row(
        {connection.name, std::string(enum_name(connection.kind)), place_of(connection), connection.name == config.default_connection ? "yes" : ""});
  const auto record = [&](const ConnectionConfig& connection) {
    return Json::object()
        .set("connection", connection.name)
        .set("kind", std::string(enum_name(connection.kind)))
        .set("place", place_of(connection))
        .set("default", connection.name == config.default_connection);
  };
  return print_list(session, config.connections, record, table, "no connection yet; add one: sluice init NAME --duckdb FILE");
}

int run_connections_test(Session& session, const std::string& name) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  std::vector<Finding> findings;
  if (!name.empty()) {
    auto connection = (*app)->connection(name);
    if (!connection) return report(session, connection.error());
  }
  for (const ConnectionConfig& connection : (*app)->config().connections)
    if (name.empty() || connection.name == name) findings.push_back(find_connection(session, **app, connection.name, connection.name));
  return show_findings(session, findings);
}

int run_doctor(Session& session) {
  std::vector<Finding> findings;
  findings.push_back({"sluice", session.ports.version});
  for (auto& [what, result] : session.ports.installation()) findings.push_back({what, std::move(result)});
  auto app = session.open();
  if (!app) {
    findings.push_back({"configuration", app.error()});
    return show_findings(session, findings);
  }
  findings.push_back({"configuration", (*app)->config().path});
  findings.push_back(find_journal(**app));
  for (const ConnectionConfig& connection : (*app)->config().connections)
    findings.push_back(find_connection(session, **app, connection.name, "connection " + connection.name));
  if (auto glossary = find_glossary(session, **app)) findings.push_back(*std::move(glossary));
  for (Finding& finding : find_models(**app)) findings.push_back(std::move(finding));
  for (ChatState& chat : chat_states(**app)) findings.push_back({"chat " + chat.channel, std::move(chat.how)});
  return show_findings(session, findings);
}

}  // namespace sluice
