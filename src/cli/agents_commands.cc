// What models were asked, what they cost, and what they are shown as examples.
#include "app/documents.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/costs_text.h"
#include "cli/record_output.h"
#include "cli/usage.h"

namespace sluice {
namespace {

Json example_json(const ApprovedQuestion& example) {
  return Json::object().set("approval_id", example.approval).set("question", example.question).set("sql", example.sql);
}

std::string call_line(const PromptView& view) {
  const ModelCalled& called = view.called;
  std::string line = view.path;
  if (!called.model.empty()) line += " · " + called.model + " (" + called.provider + ")";
  if (view.end == CallEnd::in_flight)
    return line + " · in flight: how it ended is not recorded; " +
           (called.usd ? "it counts with " + human_usd(*called.usd) + ", the most that it can cost" : std::string("price not known"));
  if (called.error) return line + " · failed: " + called.error->code + " " + called.error->message;
  line += " · " + with_thousands(called.reply.usage.input) + " tokens in";
  if (called.reply.usage.cached > 0) line += " (" + with_thousands(called.reply.usage.cached) + " cached)";
  line += ", " + with_thousands(called.reply.usage.output) + " out · " + (called.usd ? human_usd(*called.usd) : std::string("price not known"));
  return line + " · " + (called.cached ? std::string("cache hit") : human_duration(called.latency_ms));
}

std::string request_text(const PromptView& view) {
  if (!view.request) {
    const Error& why = view.request_error ? *view.request_error : Error::bug("a prompt is missing without a reason");
    return "-- the prompt is not shown: " + show_hidden(why.code + " " + why.message, false) + "\n";
  }
  std::string out = "-- system\n" + show_hidden(view.request->system, true) + "\n";
  for (const ModelMessage& message : view.request->messages)
    out += "-- " + std::string(enum_name(message.role)) + "\n" + show_hidden(message.text, true) + "\n";
  return out;
}

/// The prompt and the replies for people: what draws of one step share is shown once.
std::string prompts_text(const std::vector<PromptView>& views) {
  std::string out, step;
  for (const PromptView& view : views) {
    if (view.path != step) {
      step = view.path;
      out += "== " + step + "\n" + request_text(view);
    }
    out += "-- reply · " + show_hidden(call_line(view), false) + "\n";
    for (const std::string& note : view.called.notes) out += "   " + show_hidden(note, false) + "\n";
    if (view.replied) out += show_hidden(view.called.reply.text, true) + "\n";
  }
  return out;
}

}  // namespace

int run_costs(Session& session, const std::string& since, const std::string& by) {
  const auto group = option_value<CostsBy>("--by", by);
  if (!group) return report_usage(session, group.error());
  const auto span = parse_duration(since);
  if (!span) return report_usage(session, span.error());
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto lines = (*app)->costs(*span, *group);
  if (!lines) return report(session, lines.error());
  TableView table;
  table.column(by);
  for (const char* title : {"calls", "from cache", "failed", "tokens in", "of them cached", "tokens out", "cost", "time of calls"})
    table.column(title, TableView::Align::right);
  bool in_flight = false;
  for (const CostLine& line : *lines) {
    in_flight = in_flight || line.in_flight > 0;
    table.row({line.group, with_thousands(line.calls), with_thousands(line.cached), with_thousands(line.failed), with_thousands(line.usage.input),
               with_thousands(line.usage.cached), with_thousands(line.usage.output), costs_text(line.usd, line.calls, line.unpriced),
               human_duration(line.latency_ms)});
  }
  const int printed = print_list(session, *lines, cost_json, table, "no model was called in that time");
  if (in_flight && session.output == OutputFormat::table) say("calls whose end nobody recorded count with the most that they could cost");
  return printed;
}

int run_examples_list(Session& session, const std::string& connection) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto examples = (*app)->examples(connection);
  if (!examples) return report(session, examples.error());
  TableView table;
  for (const char* title : {"approval", "question", "sql"}) table.column(title);
  for (const ApprovedQuestion& example : *examples) table.row({example.approval, example.question, example.sql});
  return print_list(session, *examples, example_json, table, "no examples yet: approved questions become examples for models");
}

int run_examples_forget(Session& session, const std::string& connection, const std::string& id) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto forgotten = (*app)->forget_example(connection, id);
  if (!forgotten) return report(session, forgotten.error());
  if (session.output != OutputFormat::table) return print_record(session, example_json(*forgotten));
  say("forgotten as an example: " + show_hidden(forgotten->question, false) + " (the run and its approval stay)");
  return kExitOk;
}

int run_runs_prompts(Session& session, const std::string& id) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  auto run = (*app)->find_run(id);
  if (!run) return report(session, run.error());
  auto prompts = (*app)->prompts(*run);
  if (!prompts) return report(session, prompts.error());
  if (session.output == OutputFormat::table) {
    if (prompts->empty()) say("no model was asked in this run");
    return print_text(prompts_text(*prompts));
  }
  return print_list(session, *prompts, prompt_json, {}, "");
}

}  // namespace sluice
