#include "journal/token_rows.h"

namespace sluice::journal_detail {
namespace {

constexpr std::int64_t kLookedAtMax = 8;  // hashes that begin alike in 64 bits: there is one

/// The rows that the query gives, as far as its LIMIT lets it.
Result<std::vector<StoredToken>> rows_of(Query& query) {
  std::vector<StoredToken> found;
  for (;;) {  // bounded by LIMIT
    TRY(const bool more, query.next());
    if (!more) return found;
    StoredToken token{.name = query.text(0), .hash = query.text(1), .created_by = query.text(2), .revoked_by = query.text(3)};
    token.created_at = query.integer(4);
    token.expires_at = query.maybe_integer(5);
    token.revoked_at = query.maybe_integer(6);
    token.used_at = query.maybe_integer(7);
    found.push_back(std::move(token));
  }
}

void audit_token(Db& db, const StoredToken& token, const char* what, const std::string& by) {
  Json body = Json::object().set("name", token.name).set("what", what).set("by", by);
  if (token.expires_at) body.set("expires_at", *token.expires_at);
  db.audit({"token", {}, "", std::move(body)});
}

}  // namespace

Result<StoredToken> insert_token(Db& db, const StoredToken& token) {
  TRY(const std::int64_t there, integer_of(db, "SELECT count(*) FROM wf_token WHERE revoked_at IS NULL"));
  StoredToken added = token;
  added.created_at = db.now();
  Query insert(db,
               "INSERT INTO wf_token (name, hash_begin, hash, created_by, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
               " ON CONFLICT DO NOTHING");
  const std::string beginning = token.hash.substr(0, kHashBeginning);
  insert.bind(token.name).bind(beginning).bind(token.hash).bind(token.created_by).bind(added.created_at);
  if (there >= kTokensMax) return too_many_tokens();
  TRY(const int inserted, insert.bind(token.expires_at).run());
  if (inserted == 0) return token_name_taken(token.name);
  audit_token(db, added, "created", token.created_by);
  return added;
}

Result<std::vector<StoredToken>> read_tokens(Db& db) {
  Query query(db,
              "SELECT name, hash, created_by, revoked_by, created_at, expires_at, revoked_at, used_at FROM wf_token ORDER BY token_no DESC LIMIT ?1");
  query.bind(std::int64_t{kTokensListed});
  return rows_of(query);
}

Result<std::vector<StoredToken>> read_tokens_beginning(Db& db, std::string_view beginning) {
  Query query(db,
              "SELECT name, hash, created_by, revoked_by, created_at, expires_at, revoked_at, used_at FROM wf_token WHERE hash_begin = ?1"
              " ORDER BY token_no LIMIT ?2");
  query.bind(beginning).bind(kLookedAtMax);
  return rows_of(query);
}

Result<StoredToken> revoke_token(Db& db, const std::string& name, const std::string& by) {
  Query find(db,
             "SELECT name, hash, created_by, revoked_by, created_at, expires_at, revoked_at, used_at FROM wf_token"
             " WHERE name = ?1 AND revoked_at IS NULL LIMIT 1");
  find.bind(name);
  TRY(const std::vector<StoredToken> found, rows_of(find));
  if (found.empty()) return no_such_token(name);
  StoredToken token = found.front();
  token.revoked_by = by;
  token.revoked_at = db.now();
  Query set(db, "UPDATE wf_token SET revoked_by = ?2, revoked_at = ?3 WHERE hash = ?1 AND revoked_at IS NULL");
  TRY(const int revoked, set.bind(token.hash).bind(by).bind(*token.revoked_at).run());
  if (revoked == 0) return no_such_token(name);  // somebody else was quicker
  audit_token(db, token, "revoked", by);
  return token;
}

Result<> note_token_used(Db& db, const std::string& hash) {
  Query set(db, "UPDATE wf_token SET used_at = ?2 WHERE hash = ?1 AND (used_at IS NULL OR used_at <= ?3)");
  TRY_VOID(set.bind(hash).bind(db.now()).bind(db.now() - kTokenUsedMs).run());
  return {};
}

}  // namespace sluice::journal_detail
