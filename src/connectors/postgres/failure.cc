#include "connectors/postgres/failure.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sluice::postgres {
namespace {

/// What the server says is shortened to this much in a message.
constexpr std::size_t kReasonMax = 400;
constexpr long kRetrySoonMs = 1000;

std::string cleaned(std::string_view text, const Target& target) {
  std::string line = scrub(std::string(trim(text.substr(0, text.find('\n')))), target);
  if (line.size() > kReasonMax) {
    std::size_t cut = kReasonMax;
    while (cut > 0 && (static_cast<unsigned char>(line[cut]) & 0xC0U) == 0x80U) --cut;
    line = line.substr(0, cut) + "…";
  }
  return show_hidden(line, false);
}

/// The five characters after "FATAL:  " that PQERRORS_VERBOSE adds, and the message after them.
struct ServerWords {
  std::string sqlstate{}, message{};
};
ServerWords server_words(std::string_view text) {
  for (const std::string_view severity : {"FATAL:  ", "ERROR:  ", "PANIC:  "}) {
    const std::size_t at = text.find(severity);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = text.substr(at + severity.size());
    if (rest.size() > 7 && rest.substr(5, 2) == ": ") return {std::string(rest.substr(0, 5)), std::string(trim(rest.substr(7, rest.find('\n') - 7)))};
    return {"", std::string(trim(rest.substr(0, rest.find('\n'))))};
  }
  return {};
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string to_where(const Target& target) { return target.place + " (connection \"" + target.connection + "\")"; }

Error login_error(const ServerWords& words, const Target& target) {
  const std::string who = target.user.empty() ? "the login" : "\"" + target.user + "\"";
  if (words.sqlstate == "28P01")
    return {ErrorKind::input, "E0443", "wrong password for " + who + " at " + to_where(target),
            "check user and password of the connection's url in sluice.yaml, and the variables that it refers to"};
  if (has(words.message, "pg_hba.conf"))
    return {ErrorKind::refused, "E0444",
            to_where(target) + " lets " + who + " in from here " + (target.sslmode == "disable" ? "not without TLS" : "not at all") +
                ": no entry in its pg_hba.conf fits",
            target.sslmode == "disable" ? "leave sslmode=disable out of the url, or ask the server's administrator for an entry"
                                        : "ask the server's administrator for an entry for this host, user and database"};
  if (words.sqlstate.starts_with("28"))
    return {ErrorKind::input, "E0443", to_where(target) + " does not let " + who + " in: " + cleaned(words.message, target),
            "check the user of the connection's url in sluice.yaml"};
  if (words.sqlstate == "3D000")
    return {ErrorKind::not_found, "E0446", "there is no database \"" + target.database + "\" at " + to_where(target),
            "check the name after the last / of the url; `psql -l` lists the databases"};
  if (words.sqlstate == "42501")
    return {ErrorKind::refused, "E0446", who + " may not connect to database \"" + target.database + "\" at " + to_where(target),
            "ask its owner for: GRANT CONNECT ON DATABASE " + target.database + " TO " + (target.user.empty() ? "…" : target.user)};
  if (words.sqlstate.starts_with("57P") || words.sqlstate.starts_with("53"))
    return {ErrorKind::transient, "E0447", to_where(target) + " takes no connections now: " + cleaned(words.message, target),
            "try again in a moment; where it stays so, ask the server's administrator", kRetrySoonMs};
  return {ErrorKind::transient, "E0442", "no connection to " + to_where(target) + ": " + cleaned(words.message, target),
          "check that the server is well: `sluice connections test " + target.connection + "`", kRetrySoonMs};
}

Error tls_error(std::string_view text, const Target& target) {
  const std::string where = to_where(target);
  if (has(text, "does not support SSL"))
    return {ErrorKind::refused, "E0445", where + " offers no TLS, and sslmode is " + target.sslmode,
            target.loopback ? "on your own machine that is fine: add ?sslmode=disable to the url"
                            : "turn TLS on at the server; only on a network that you trust add ?sslmode=disable to the url"};
  if (has(text, "root certificate file") || has(text, "root.crt"))
    return {ErrorKind::input, "E0445", "the certificate of " + where + " can't be checked: the file of trusted authorities is missing or unreadable",
            "name it: ?sslrootcert=/path/to/ca.pem in the url, or sslrootcert: in sluice.yaml"};
  if (has(text, "does not match host name") || has(text, "host name"))
    return {ErrorKind::refused, "E0445", "the certificate of " + where + " is for another host name",
            "use the host name that the certificate names (`openssl s_client -starttls postgres -connect HOST:PORT` shows it)"};
  if (has(text, "certificate verify failed"))
    return {ErrorKind::refused, "E0445", "the certificate of " + where + " is not signed by an authority that is trusted here",
            "name your authority: ?sslrootcert=/path/to/ca.pem in the url, or sslrootcert: in sluice.yaml"};
  return {
      ErrorKind::refused, "E0445",
      "no secure connection to " + where + ": " + cleaned(text.substr(text.rfind("SSL") == std::string_view::npos ? 0 : text.rfind("SSL")), target),
      "check the server's certificate and the connection's sslmode and sslrootcert"};
}

Error network_error(std::string_view text, const Target& target) {
  const std::string where = to_where(target);
  if (has(text, "could not translate host name"))
    return {ErrorKind::transient, "E0442", "the host of " + where + " is unknown",
            "check the host name in the url, and that this machine can resolve it", kRetrySoonMs};
  if (has(text, "Connection refused"))
    return {ErrorKind::transient, "E0442", "connection refused: nothing listens at " + where, "start the server, or correct host and port in the url",
            kRetrySoonMs};
  if (has(text, "No such file or directory"))
    return {ErrorKind::transient, "E0442", "no server listens at " + where,
            "start the server, or name its host: postgresql://user@localhost/database?sslmode=disable", kRetrySoonMs};
  if (has(text, "password supplied") || has(text, "no password"))
    return {ErrorKind::input, "E0443", where + " asks for a password and the connection has none",
            "put a reference into the url, postgresql://USER:${VARIABLE}@…, and set that variable"};
  if (has(text, "server closed the connection unexpectedly"))
    return {ErrorKind::transient, "E0442", where + " closed the connection before it was up",
            "check that a PostgreSQL server listens there and that it is well", kRetrySoonMs};
  std::string_view reason = text.substr(0, text.find('\n'));
  if (const std::size_t at = reason.find(" failed: "); at != std::string_view::npos) reason = reason.substr(at + 9);
  return {ErrorKind::transient, "E0442", "no connection to " + where + ": " + cleaned(reason, target),
          "check the url and that the server can be reached from here", kRetrySoonMs};
}

std::optional<Error> ended_early(const Failure& failure, const Target& target, const std::string& what) {
  if (failure.cause == Failure::Cause::timeout)
    return Error{ErrorKind::timeout, "E0451",
                 what + " took longer than it may (connection \"" + target.connection + "\") and was cancelled on the server",
                 "narrow the query, or raise limits.seconds in sluice.yaml"};
  if (failure.cause == Failure::Cause::cancelled)
    return Error{ErrorKind::cancelled, "E0452", what + " was cancelled (connection \"" + target.connection + "\")",
                 "nothing was changed; ask again when you like"};
  return std::nullopt;
}

struct Rule {
  std::string_view sqlstate;  ///< a whole code or a class's first characters; the first rule that fits counts
  ErrorKind kind;
  const char* code;
  const char* what;  ///< before the server's own reason
  const char* hint;
};
constexpr std::array<Rule, 19> kRules{{
    {"25006", ErrorKind::refused, "E0456", "refused: it would write", "Sluice only reads; write a SELECT without functions that change anything"},
    {"42501", ErrorKind::refused, "E0449", "permission denied",
     "ask the owner for: GRANT SELECT ON the table TO your role (and USAGE on its schema)"},
    {"42P01", ErrorKind::input, "E0450", "PostgreSQL does not accept the query", "`sluice catalog show` lists the tables"},
    {"42703", ErrorKind::input, "E0450", "PostgreSQL does not accept the query", "`sluice catalog show TABLE` lists the columns"},
    {"42", ErrorKind::input, "E0450", "PostgreSQL does not accept the query", "correct the query at the place named"},
    {"0A", ErrorKind::input, "E0450", "PostgreSQL can't do what the query asks", "write it another way"},
    {"26", ErrorKind::input, "E0450", "PostgreSQL does not accept the query", "send one SELECT"},
    {"3F", ErrorKind::input, "E0450", "PostgreSQL does not accept the query", "`sluice catalog show` lists the tables with their schemas"},
    {"2201", ErrorKind::input, "E0458", "the query failed on the data", "guard the value that is out of range"},
    {"22", ErrorKind::input, "E0458", "the query failed on the data",
     "guard the value: NULLIF(x, 0) for a division, a CASE or a filter before a cast"},
    {"21", ErrorKind::input, "E0458", "the query failed on the data", "make the subquery return one row: an aggregate or LIMIT 1"},
    {"54", ErrorKind::input, "E0457", "the query is too large for PostgreSQL", "write a smaller one"},
    {"55P03", ErrorKind::transient, "E0459", "a table is locked by somebody else",
     "try again when the other session is done (pg_stat_activity shows it)"},
    {"57014", ErrorKind::timeout, "E0451", "the query was cancelled on the server", "narrow the query, or raise limits.seconds in sluice.yaml"},
    {"40", ErrorKind::transient, "E0459", "the query met a conflict with other work on the server", "try again"},
    {"53", ErrorKind::transient, "E0457", "the server is out of resources", "try again later, or ask the server's administrator"},
    {"57P", ErrorKind::transient, "E0448", "the server ended the connection", "try again when it is up"},
    {"08", ErrorKind::transient, "E0448", "the connection was lost", "try again"},
    {"58", ErrorKind::transient, "E0457", "the server could not read its own files", "tell the server's administrator"},
}};

}  // namespace

std::string line_and_column(std::string_view sql, int position) {
  int line = 1, column = 1, seen = 1;
  for (std::size_t i = 0; i < sql.size() && seen < position; ++i) {
    if ((static_cast<unsigned char>(sql[i]) & 0xC0U) == 0x80U) continue;  // inside of a character
    // The character that begins after this one is number `seen + 1`.
    ++seen;
    if (sql[i] == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

Error connect_error(const Failure& failure, const Target& target) {
  if (auto ended = ended_early(failure, target, "connecting to " + target.place)) return *std::move(ended);
  const std::string_view text = failure.message;
  const ServerWords words = server_words(text);
  if (!words.message.empty()) return login_error(words, target);
  if (has(text, "SSL") || has(text, "certificate")) return tls_error(text, target);
  return network_error(text, target);
}

Error statement_error(const Failure& failure, const Target& target, std::string_view sql) {
  if (failure.cause == Failure::Cause::sink) return failure.sink;
  if (auto ended = ended_early(failure, target, "the query")) return *std::move(ended);
  if (failure.cause == Failure::Cause::lost) {
    const ServerWords words = server_words(failure.message);
    return {ErrorKind::transient, "E0448",
            "the connection to " + to_where(target) + " was lost" + (words.message.empty() ? "" : ": " + cleaned(words.message, target)),
            "nothing was changed; try again", kRetrySoonMs};
  }
  std::string reason = cleaned(failure.message, target);
  if (!sql.empty() && failure.position > 0) reason += " at " + line_and_column(sql, failure.position);
  if (!failure.detail.empty() && failure.sqlstate.starts_with("42")) reason += " (" + cleaned(failure.detail, target) + ")";
  for (const Rule& rule : kRules) {
    if (!failure.sqlstate.starts_with(rule.sqlstate)) continue;
    const std::string hint = failure.hint.empty() ? std::string(rule.hint) : cleaned(failure.hint, target) + " " + rule.hint;
    return {rule.kind, rule.code, std::string(rule.what) + " (connection \"" + target.connection + "\"): " + reason, hint,
            rule.kind == ErrorKind::transient ? kRetrySoonMs : 0};
  }
  return {ErrorKind::input, "E0460",
          "PostgreSQL refused a statement (SQLSTATE " + failure.sqlstate + ", connection \"" + target.connection + "\"): " + reason,
          failure.hint.empty() ? "correct the query" : cleaned(failure.hint, target)};
}

}  // namespace sluice::postgres
