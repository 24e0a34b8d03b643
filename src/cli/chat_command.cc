#include "app/chat.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/record_output.h"

namespace sluice {

int run_chat_test(Session& session, const std::string& words) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  const auto told = tell_chats(**app, words.empty() ? "Sluice reaches this channel." : words);
  if (!told) return report(session, told.error());
  if (session.output != OutputFormat::table) return print_record(session, Json::object().set("channels", encode(*told)));
  say("to be sent to " + join(*told, ", ") + " by `sluice serve`, at once where it runs; `sluice doctor` says how that went");
  return kExitOk;
}

}  // namespace sluice
