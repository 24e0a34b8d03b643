#include "base/text.h"
#include "cli/commands.h"
#include "cli/record_output.h"

namespace sluice {
namespace {

/// As `diff` does: 1 says that they differ, so trouble is 2.
constexpr int kExitDiffers = 1, kExitTrouble = 2;

int trouble(const Session& session, const Error& error) {
  report(session, error);
  return kExitTrouble;
}

Json difference_json(const StepDifference& difference) {
  return Json::object().set("step", difference.path).set("differs", std::string(enum_name(difference.what))).set("detail", difference.detail);
}

Json side_json(const RunId& run, AskStatus status) { return Json::object().set("run_id", run.text).set("status", std::string(enum_name(status))); }

Json diff_json(const RunDiff& diff) {
  Json differences = Json::array();
  for (const StepDifference& difference : diff.differences) differences.push(difference_json(difference));
  return Json::object()
      .set("same", diff.same())
      .set("first", side_json(diff.first, diff.first_status))
      .set("second", side_json(diff.second, diff.second_status))
      .set("steps_same", diff.steps_same)
      .set("differences", std::move(differences));
}

/// A step a paragraph: what differs in it, and below that where.
std::string differences_text(const RunDiff& diff, int width) {
  std::string out;
  for (const StepDifference& difference : diff.differences) {
    out += show_hidden(difference.path, false) + " · " + std::string(enum_name(difference.what)) + "\n";
    if (!difference.detail.empty()) out += wrapped(show_hidden(difference.detail, false), width, "  ");
  }
  return out;
}

}  // namespace

int run_runs_diff(Session& session, const std::string& one, const std::string& other) {
  auto app = session.open();
  if (!app) return trouble(session, app.error());
  const auto first = (*app)->find_run(one);
  if (!first) return trouble(session, first.error());
  const auto second = (*app)->find_run(other);
  if (!second) return trouble(session, second.error());
  const auto diff = (*app)->diff(*first, *second);
  if (!diff) return trouble(session, diff.error());
  const int exit_status = diff->same() ? kExitOk : kExitDiffers;
  int printed = kExitOk;
  if (session.output == OutputFormat::json) {
    printed = print_json(diff_json(*diff));
  } else {
    printed = session.output == OutputFormat::table ? print_text(differences_text(*diff, session.terminal.width))
                                                    : print_list(session, diff->differences, difference_json, TableView(), "");
  }
  if (diff->first_status != diff->second_status)
    say("the first run is " + std::string(enum_name(diff->first_status)) + ", the second " + std::string(enum_name(diff->second_status)));
  say(std::string(diff->same() ? "no difference" : "they differ") + ": " + counted(diff->steps_same, "step") +
      (diff->steps_same == 1 ? " is" : " are") + " the same in " + diff->first.text + " and " + diff->second.text);
  return printed != kExitOk ? kExitTrouble : exit_status;
}

}  // namespace sluice
