#include <algorithm>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/record_output.h"

namespace sluice {
namespace {

constexpr const char* kActive = "active";

std::string state_of(const StoredToken& token, TimeMs now) {
  if (token.revoked_at) return "revoked";
  return token.expires_at && *token.expires_at <= now ? "expired" : kActive;
}

Json time_or_null(const std::optional<std::int64_t>& time) { return time ? Json(iso_time(*time)) : Json(); }

Json token_json(const StoredToken& token) {
  return Json::object()
      .set("name", token.name)
      .set("status", state_of(token, wall_clock_ms()))
      .set("created_at", iso_time(token.created_at))
      .set("created_by", token.created_by)
      .set("expires_at", time_or_null(token.expires_at))
      .set("used_at", time_or_null(token.used_at))
      .set("revoked_at", time_or_null(token.revoked_at))
      .set("revoked_by", token.revoked_by);
}

bool has_grant(const Config& config, const std::string& name) { return !token_principal(config.server, name).grants.empty(); }

}  // namespace

int run_tokens_create(Session& session, const std::string& name, const std::string& expires) {
  std::optional<std::chrono::milliseconds> lives;
  if (!expires.empty()) {
    const auto duration = parse_duration(expires);
    if (!duration) return report_usage(session, duration.error());
    lives = *duration;
  }
  auto app = session.open();
  if (!app) return report(session, app.error());
  const auto made = (*app)->create_token(name, lives);
  if (!made) return report(session, made.error());
  if (!has_grant((*app)->config(), name))
    say("The token may do nothing yet. Say in sluice.yaml what it may:\nserver:\n  access:\n    - {who: \"" + std::string(kTokenPrefix) + name +
        "\", role: viewer, connections: all, workflows: [ask]}");
  if (session.output != OutputFormat::table) return print_record(session, token_json(made->stored).set("token", made->secret));
  say("This is shown once and kept nowhere; what is kept cannot be turned back into it:");
  return print_text(made->secret + "\n");
}

int run_tokens_list(Session& session) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  const auto tokens = (*app)->tokens();
  if (!tokens) return report(session, tokens.error());
  const TimeMs now = wall_clock_ms();
  TableView table;
  table.whole_column("name");
  for (const char* title : {"status", "created", "by", "expires", "last used"}) table.column(title);
  for (const StoredToken& token : *tokens)
    table.row({token.name, state_of(token, now), ago(token.created_at, now), token.created_by,
               token.expires_at ? iso_time(*token.expires_at) : "never", token.used_at ? ago(*token.used_at, now) : "not yet"});
  return print_list(session, *tokens, token_json, table, "there is no token yet: sluice tokens create NAME");
}

int run_tokens_revoke(Session& session, const std::string& name) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  const auto revoked = (*app)->revoke_token(name);
  if (!revoked) return report(session, revoked.error());
  if (session.output != OutputFormat::table) return print_record(session, token_json(*revoked));
  say("revoked · " + name + ": from the next request on it is not accepted");
  return kExitOk;
}

}  // namespace sluice
