#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "app/ports/token_store.h"
#include "journal/db.h"

// The tokens' rows.
namespace sluice::journal_detail {

Result<StoredToken> insert_token(Db& db, const StoredToken& token);  // E1304, E1306
Result<std::vector<StoredToken>> read_tokens(Db& db);
Result<std::vector<StoredToken>> read_tokens_beginning(Db& db, std::string_view beginning);
Result<StoredToken> revoke_token(Db& db, const std::string& name, const std::string& by);  // E1305
Result<> note_token_used(Db& db, const std::string& hash);

}  // namespace sluice::journal_detail
