#include "app/documents.h"
#include "approvals/card.h"
#include "cli/answer_view.h"
#include "cli/commands.h"
#include "cli/record_output.h"

namespace sluice {

int run_prove(Session& session, const std::string& sql, const std::string& connection) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto proof = (*app)->prove(connection, sql, session.interrupted);
  if (!proof) return report(session, proof.error());
  if (session.output == OutputFormat::json) {
    Json out = Json::object().set("holds", proof->holds()).set("statement_hash", proof->statement_hash).set("explanation", encode(proof->reading));
    print_json(out.set("proof", proof_json(*proof)));
  } else if (session.output != OutputFormat::table) {
    print_list(session, proof->checks, check_json, {}, "");
  } else {
    std::string text = checks_text(proof->checks, session.terminal.color_output);
    for (const std::string& sentence : proof->reading) text += sentence + "\n";
    print_text(text);
  }
  return proof->holds() ? kExitOk : kExitHandled;
}

}  // namespace sluice
