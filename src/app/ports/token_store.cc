#include "app/ports/token_store.h"

#include "base/text.h"

namespace sluice {

Error token_name_taken(const std::string& name) {
  return {ErrorKind::conflict, "E1304", "there is a token \"" + show_hidden(name, false) + "\" already",
          "choose another name, or end that one first: sluice tokens revoke " + show_hidden(name, false), 0};
}

Error no_such_token(const std::string& name) {
  return {ErrorKind::not_found, "E1305", "there is no token \"" + show_hidden(name, false) + "\" that could be revoked",
          "`sluice tokens list` shows all", 0};
}

Error too_many_tokens() {
  return {ErrorKind::refused, "E1306", "there are " + with_thousands(kTokensMax) + " tokens, and there are no more",
          "revoke those that nobody uses: `sluice tokens list` says when each was used last", 0};
}

}  // namespace sluice
