#include "journal/pg_errors.h"

#include <algorithm>
#include <array>

namespace sluice::journal_detail {
namespace {

Error no_access(const std::string& shown, const std::string& why, const std::string& hint) {
  return {ErrorKind::storage, "E0211", "the journal " + shown + " cannot be used: " + why, hint, 0};
}

}  // namespace

Error pg_error(std::string_view sqlstate, const std::string& shown) {
  const std::string_view of_class = sqlstate.substr(0, 2);
  if (sqlstate == "53100")
    return {ErrorKind::storage, "E0204", "the disk of the journal " + shown + " is full",
            "free some space on the database's machine and run the command again; nothing confirmed is lost", 0};
  if (sqlstate == "25006")
    return {ErrorKind::storage, "E0206", "the journal " + shown + " cannot be written: its server is read-only, perhaps a replica",
            "let the journal's URL name the primary server", 0};
  if (sqlstate == "42501")
    return no_access(shown, "the login lacks rights on its tables",
                     "grant it CREATE on the database for the first start, and all on the schema's tables");
  if (sqlstate == "22021" || sqlstate == "22P05")
    return {ErrorKind::input, "E0111", "a text for the journal " + shown + " holds a NUL or is no valid UTF-8", "leave such characters out", 0};
  if (sqlstate == "57014")
    return {ErrorKind::storage, "E0210", "the journal " + shown + " took too long to answer",
            "look at the server's load and locks, then run the command again", 0};
  if (of_class == "08" || of_class == "57") return pg_lost(shown);
  if (of_class == "28" || of_class == "3D") return pg_unreachable(sqlstate, shown);
  if (of_class == "53")
    return {ErrorKind::storage, "E0210", "the server of the journal " + shown + " has no room for more connections or memory",
            "raise its limits, or run fewer workers", 0};
  if (pg_may_try_again(sqlstate))
    return {ErrorKind::storage, "E0210", "others were in the way of a write to the journal " + shown + ", again and again", "run the command again",
            0};
  if (sqlstate == "42P01" || sqlstate == "42703")
    return {ErrorKind::storage, "E0202", "the journal " + shown + " is damaged: its tables are not as they were made",
            "restore a backup, or use another schema", 0};
  return {ErrorKind::bug, "E0209", "the journal " + shown + " refused a statement (SQLSTATE " + std::string(sqlstate) + ")",
          "this is a defect in Sluice; please report it with `sluice doctor --output json`", 0};
}

bool pg_may_try_again(std::string_view sqlstate) {
  // serialization_failure, deadlock_detected, lock_not_available; idle_in_transaction_session_timeout; admin_shutdown, crash_shutdown,
  // cannot_connect_now; connections that broke.
  constexpr std::array<std::string_view, 7> kStates{"40001", "40P01", "55P03", "25P03", "57P01", "57P02", "57P03"};
  return sqlstate.starts_with("08") || std::find(kStates.begin(), kStates.end(), sqlstate) != kStates.end();
}

Error pg_lost(const std::string& shown) {
  return {ErrorKind::storage, "E0210", "the connection to the journal " + shown + " was lost",
          "see that the server runs, then run the command again; nothing confirmed is lost", 0};
}

Error pg_unreachable(std::string_view said, const std::string& shown) {
  const auto has = [&](std::string_view words) { return said.find(words) != std::string_view::npos; };
  if (has("password authentication failed") || has("no password supplied") || has("28P01") || has("pg_hba.conf") || has("28000") ||
      (has("role ") && has("does not exist")))
    return no_access(shown, "the server refused the login",
                     "check user and password in the journal's URL (`journal:` in sluice.yaml, or SLUICE_JOURNAL), and the server's pg_hba.conf");
  if ((has("database ") && has("does not exist")) || has("3D000"))
    return no_access(shown, "there is no such database", "create it: createdb " + shown.substr(shown.rfind('/') + 1));
  if (has("could not translate host name"))
    return no_access(shown, "its host name is not known", "check the journal's URL (`journal:` in sluice.yaml, or SLUICE_JOURNAL)");
  if (has("server does not support SSL"))
    return no_access(shown, "the server offers no TLS, which the URL does not switch off",
                     "on your own machine that is fine: add ?sslmode=disable to the journal's URL; elsewhere turn TLS on at the server");
  if (has("SSL") || has("certificate"))
    return no_access(shown, "the server's certificate is not one to be trusted, or TLS failed",
                     "check the server's certificate, and sslmode and sslrootcert in the journal's URL");
  return {ErrorKind::storage, "E0210", "the journal " + shown + " cannot be reached",
          "see that the server runs and that this machine may connect; nothing confirmed is lost", 0};
}

Error pg_too_new(const std::string& shown, int format, int known) {
  return {
      ErrorKind::storage, "E0203",
      "the journal " + shown + " was written by a newer Sluice (format " + std::to_string(format) + ", this one knows " + std::to_string(known) + ")",
      "use that version of sluice, or another schema; the journal was not touched", 0};
}

}  // namespace sluice::journal_detail
