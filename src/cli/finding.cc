#include "cli/finding.h"

#include "base/text.h"
#include "cli/record_output.h"

namespace sluice {
namespace {

Json finding_json(const Finding& finding) {
  return Json::object()
      .set("what", finding.what)
      .set("ok", static_cast<bool>(finding.result))
      .set("detail", finding.result ? Json(*finding.result) : Json())
      .set("warnings", encode(finding.warnings))
      .set("error", finding.result ? Json() : encode(finding.result.error()));
}

}  // namespace

int show_findings(const Session& session, const std::vector<Finding>& findings) {
  bool fine = true;
  std::string text;
  const bool color = session.terminal.color_output;
  for (const Finding& finding : findings) {
    fine = fine && finding.result;
    const std::string mark = finding.result ? styled(Style::green, "✓", color) : styled(Style::red, "✗", color);
    text += mark + " " + finding.what + ": " + show_hidden(finding.result ? *finding.result : finding.result.error().message, false) + "\n";
    for (const std::string& warning : finding.warnings) text += "  " + styled(Style::yellow, "!", color) + " " + show_hidden(warning, false) + "\n";
    if (!finding.result && !finding.result.error().hint.empty()) text += "    next: " + show_hidden(finding.result.error().hint, false) + "\n";
  }
  if (session.output == OutputFormat::table)
    print_text(text);
  else
    print_list(session, findings, finding_json, {}, "");
  return fine ? kExitOk : kExitHandled;
}

}  // namespace sluice
