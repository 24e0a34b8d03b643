#include "app/documents.h"
#include "base/text.h"
#include "cli/answer_view.h"
#include "cli/commands.h"
#include "cli/record_output.h"
#include "cli/run_text.h"

namespace sluice {
namespace {

Json moment_json(const RunAt& at) {
  return Json::object()
      .set("seq", at.event.seq)
      .set("at", iso_time(at.event.at))
      .set("event", std::string(enum_name(at.event.type)))
      .set("step", at.event.path)
      .set("later", at.later);
}

}  // namespace

int run_runs_show_at(Session& session, const std::string& id, const std::string& step) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto run = (*app)->find_run(id);
  if (!run) return report(session, run.error());
  auto at = (*app)->run_at(*run, step);
  if (!at) return report(session, at.error());
  const RunView& view = at->view;
  if (session.output != OutputFormat::table)
    return print_record(session, answer_json(view).set("rows", Json::array()).set("moment", moment_json(*at)));
  const std::string where = at->event.path.empty() ? "" : " · " + at->event.path;
  std::string text = text_line("event", std::to_string(at->event.seq) + " · " + std::string(enum_name(at->event.type)) + where);
  text += text_line("at", iso_time(at->event.at) + ", " + counted(at->later, "event") + " later");
  text += run_text(view, session.terminal);
  if (view.state.error) text += text_line("error", view.state.error->code + " " + view.state.error->message);
  return print_text(text);
}

}  // namespace sluice
