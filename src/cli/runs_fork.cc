#include "base/text.h"
#include "cli/answer_view.h"
#include "cli/approval_prompt.h"
#include "cli/commands.h"
#include "cli/input_text.h"
#include "cli/record_output.h"
#include "cli/usage.h"

namespace sluice {
namespace {

constexpr std::size_t kValueBytesMax = 2'000'000;  // read of a file; what may be set is said by the operation

Json fork_json(const Forked& fork) {
  return Json::object()
      .set("run_id", fork.run.id.text)
      .set("forked_from", fork.run.forked_from.text)
      .set("queue", fork.run.place.queue)
      .set("kept_events", fork.plan.keep_seq)
      .set("step", fork.plan.step)
      .set("set", fork.plan.last.has_value())
      .set("moved", encode(fork.plan.moved))
      .set("repeats", encode(fork.plan.repeats));
}

/// What the fork begins with, and what a person may not expect of it.
void say_fork(const Forked& fork) {
  const std::string from = fork.run.forked_from.text;
  say("fork " + fork.run.id.text + " of " + from + ": its first " + counted(fork.plan.keep_seq, "event") +
      (fork.plan.last ? ", the result of \"" + show_hidden(fork.plan.step, false) + "\" set" : ""));
  for (const std::string& why : fork.plan.moved) say("  it begins earlier: " + show_hidden(why, false));
  if (!fork.plan.repeats.empty())
    say("  " + from + " went on to these effects, which the fork may have again: " + show_hidden(join(fork.plan.repeats, ", "), false));
}

/// STEP=VALUE, with the value of @file read.
Result<> read_set(const Session& session, const std::string& text, ForkRequest& request) {
  const std::size_t mark = text.find('=');
  if (mark == std::string::npos || mark == 0)
    return wrong_usage("--set cannot be \"" + show_hidden(text, false) + "\"",
                       "write STEP=VALUE, for example: --set 'propose=SELECT 1', or STEP=@file");
  request.set_step = text.substr(0, mark);
  request.set_value = text.substr(mark + 1);
  if (!request.set_value.starts_with("@")) return {};
  TRY(request.set_value, read_input_text(request.set_value.substr(1), kValueBytesMax, session.interrupted));
  return {};
}

}  // namespace

int run_runs_fork(Session& session, const ForkOptions& options) {
  ForkRequest request{.from = options.from};
  if (options.from.empty() && options.set.empty())
    return report_usage(session, wrong_usage("`sluice runs fork` was not told where to begin", "give --from STEP or --set STEP=VALUE"));
  if (!options.set.empty())
    if (const auto read = read_set(session, options.set, request); !read)
      return read.error().code == "E0800" ? report_usage(session, read.error()) : report(session, read.error());
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto from = (*app)->find_run(options.run);
  if (!from) return report(session, from.error());
  request.run = *from;
  const auto fork = (*app)->fork(request);
  if (!fork) return report(session, fork.error());
  say_fork(*fork);
  if (options.no_wait) {
    say("  it waits in the queue \"" + fork->run.place.queue + "\", for a worker or for: sluice runs resume " + fork->run.id.text);
    return session.output == OutputFormat::table ? print_text(fork->run.id.text + "\n") : print_record(session, fork_json(*fork));
  }
  auto view = go_on_with(session, **app, fork->run.id, false);
  if (!view) return report(session, view.error());
  return show_answer(session, **app, *view);
}

}  // namespace sluice
