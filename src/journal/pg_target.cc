#include <algorithm>

#include "base/hash.h"
#include "journal/pg_schema.h"
#include "journal/postgres_journal.h"
#include "libpq/functions.h"
#include "libpq/settings.h"

namespace sluice::journal_detail {
namespace {

bool is_plain_name(const std::string& name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), plain);
}

}  // namespace

Result<PgTarget> target_of(const PostgresJournalOptions& options) {
  PgTarget target;
  target.schema = options.schema;
  target.clock = options.clock;
  target.reconnect = options.reconnect;
  target.outage = options.outage;
  TRY(target.library, libpq::load());
  if (!is_plain_name(options.schema))
    return Error{ErrorKind::input, "E0211", "the journal's schema may have small letters, digits and underscores in its name only",
                 "choose another name", 0};
  PQconninfoOption* parsed = target.library->PQconninfoParse(options.url.c_str(), nullptr);
  if (parsed == nullptr)
    return Error{ErrorKind::input, "E0211", "the journal's URL cannot be read", "write it as postgresql://user@host:5432/database", 0};
  std::string host, port = "5432", database;
  for (const PQconninfoOption* option = parsed; option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string keyword = option->keyword;
    if (keyword == "host") host = option->val;
    if (keyword == "port") port = option->val;
    if (keyword == "dbname") database = option->val;
    target.settings.emplace_back(keyword, option->val);
  }
  target.library->PQconninfoFree(parsed);
  const auto wrong = [](const std::string& why) {
    return Error{ErrorKind::input, "E0211", "the journal's URL cannot be used: " + why, libpq::kUrlForm, 0};
  };
  if (const std::string why = libpq::wrong_place(target.settings); !why.empty()) return wrong(why);
  libpq::set_tls_defaults(target.settings);
  const auto& modes = libpq::ssl_modes();
  if (std::find(modes.begin(), modes.end(), libpq::value_of(target.settings, "sslmode")) == modes.end()) return wrong("there is no such sslmode");
  // Later settings win: a peer that is gone is noticed, and the server's log says who we are.
  for (const auto& [keyword, value] : {std::pair("application_name", "sluice"),
                                       {"connect_timeout", "10"},
                                       {"keepalives_idle", "10"},
                                       {"keepalives_interval", "5"},
                                       {"keepalives_count", "3"},
                                       {"tcp_user_timeout", "20000"}})
    target.settings.emplace_back(keyword, value);
  target.shown = "\"" + options.schema + "\" at " + host + ":" + port + "/" + database;
  target.channel = "sluice_" + sha256_hex(options.schema).substr(0, 12);
  return target;
}

}  // namespace sluice::journal_detail
