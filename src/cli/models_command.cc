#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/finding.h"
#include "cli/progress.h"
#include "cli/record_output.h"

namespace sluice {
namespace {

constexpr const char* kNoModels = "no model is configured: the built-in planner answers alone; docs/models.md shows how to add one";

/// Dollars for a million tokens; what is not known is not 0.
std::string price_text(const std::optional<ModelPrice>& price) {
  return price ? human_usd(price->input) + " in, " + human_usd(price->output) + " out" : "";
}

std::string chain_text(const ModelView& view) { return "chain: " + join(view.first_of, " → "); }

std::string key_text(const ModelView& view) {
  const std::string state(enum_name(view.key));
  return view.key == KeyState::set || view.key == KeyState::not_set ? view.key_from + " " + state : state;
}

Json price_json(const std::optional<ModelPrice>& price) {
  if (!price) return {};
  return Json::object()
      .set("input", price->input)
      .set("output", price->output)
      .set("cached", price->cached)
      .set("cache_written", price->cache_written);
}

Json view_record(const ModelView& view) {
  const bool plain = !view.is_chain();
  return Json::object()
      .set("name", view.info.name)
      .set("provider", plain ? Json(view.info.provider) : Json())
      .set("model", plain ? Json(view.info.model) : Json())
      .set("endpoint", plain ? Json(view.info.endpoint) : Json())
      .set("temperature", plain ? Json(view.info.temperature) : Json())
      .set("max_tokens", plain ? Json(view.info.max_tokens) : Json())
      .set("price", price_json(view.info.price))
      .set("structured", plain ? encode(view.structured) : Json())
      .set("first_of", encode(view.first_of))
      .set("on", encode(view.on))
      .set("key", plain ? encode(view.key) : Json())
      .set("key_from", plain && !view.key_from.empty() ? Json(view.key_from) : Json())
      .set("agents", encode(view.agents));
}

/// A model that was asked, and what came of it.
struct Tested {
  ModelView model{};
  Result<ModelTest> result{ModelTest{}};
};

Json tested_record(const Tested& tested) {
  const bool ok = static_cast<bool>(tested.result);
  const ModelUsage usage = ok ? tested.result->reply.usage : ModelUsage{};
  return Json::object()
      .set("model", tested.model.info.name)
      .set("ok", ok)
      .set("answered", ok ? Json(tested.result->answered.name) : Json())
      .set("answered_by", ok ? Json(tested.result->reply.answered_by) : Json())
      .set("latency_ms", ok ? Json(tested.result->latency_ms) : Json())
      .set("tokens_in", ok ? Json(usage.input) : Json())
      .set("tokens_cached", ok ? Json(usage.cached) : Json())
      .set("tokens_out", ok ? Json(usage.output) : Json())
      .set("usd", ok && tested.result->usd ? Json(*tested.result->usd) : Json())
      .set("structured", tested.model.is_chain() ? Json() : encode(tested.model.structured))
      .set("error", ok ? Json() : encode(tested.result.error()));
}

std::string answer_text(const Tested& tested) {
  const ModelTest& test = *tested.result;
  std::string text = test.reply.answered_by.empty() ? test.answered.model : test.reply.answered_by;
  if (test.answered.name != tested.model.info.name) text = test.answered.name + " (" + text + ")";
  text += " answered in " + human_duration(test.latency_ms) + " · " + counted(test.reply.usage.input, "token") + " in, " +
          with_thousands(test.reply.usage.output) + " out · " + (test.usd ? human_usd(*test.usd) : "price not known");
  return tested.model.is_chain() ? text : text + " · JSON: " + std::string(enum_name(tested.model.structured));
}

Finding as_finding(const Tested& tested) {
  return {tested.model.info.name, tested.result ? Result<std::string>(answer_text(tested)) : Result<std::string>(tested.result.error())};
}

/// One after the other: a person reads who is asked, and a server of one's own may hold one model at a time.
Tested test_one(const Session& session, App& app, ModelView view, Progress& progress) {
  const std::string name = view.info.name, asking = "asking " + name + (view.is_chain() ? "" : " (" + show_hidden(view.info.model, false) + ")");
  progress.stage(asking);
  ModelEvents events;
  events.on_retry = [&](std::size_t, const Error& why) -> Result<> {
    progress.stage(asking + " again: " + show_hidden(why.message, false));
    return {};
  };
  events.on_move = [&](std::size_t, const ModelInfo& next, const Error& why) -> Result<> {
    progress.stage(asking + ", now " + next.name + ": " + show_hidden(why.message, false));
    return {};
  };
  auto result = app.test_model(name, session.interrupted, events);
  progress.stage("");
  return {std::move(view), std::move(result)};
}

Finding finding_of(const ModelView& view) {
  Finding finding{"model " + view.info.name};
  const bool unused = view.agents.empty();
  finding.result = view.is_chain() ? chain_text(view) + " (on " + join(view.on, ", ") + ")"
                                   : view.info.provider + " " + view.info.model + " at " + view.info.endpoint + ", key " + key_text(view);
  if (!unused) *finding.result += "; asked by " + join(view.agents, ", ");
  if (view.problem && unused) finding.warnings.push_back(view.problem->message + "; " + view.problem->hint);
  if (view.problem && !unused) finding.result = *view.problem;
  if (view.key == KeyState::written_out)
    finding.warnings.push_back(
        "its key is written out in sluice.yaml, where everybody who reads that file sees it; write `api_key: ${VARIABLE}` instead");
  if (view.password_written_out) finding.warnings.push_back("a password is written out in its base_url or proxy; put `${VARIABLE}` in its place");
  return finding;
}

}  // namespace

std::vector<Finding> find_models(App& app) {
  const std::vector<ModelView> views = app.models();
  if (views.empty()) return {{"models", std::string(kNoModels)}};
  std::vector<Finding> findings;
  findings.reserve(views.size());
  for (const ModelView& view : views) findings.push_back(finding_of(view));
  if (app.config().agents.ask.model.empty()) findings.back().warnings.emplace_back("no agent asks a model: name one in `agents: {ask: {model: …}}`");
  return findings;
}

int run_models_list(Session& session) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  TableView table;
  for (const char* title : {"name", "provider", "model", "endpoint"}) table.column(title);
  for (const char* title : {"temperature", "max tokens"}) table.column(title, TableView::Align::right);
  for (const char* title : {"$ per million tokens", "key", "asked by"}) table.column(title);
  const std::vector<ModelView> views = (*app)->models();
  for (const ModelView& view : views) {
    if (view.is_chain())
      table.row({view.info.name, "", chain_text(view), "", "", "", "", "", join(view.agents, ", ")});
    else
      table.row({view.info.name, view.info.provider, view.info.model, view.info.endpoint, number_text(view.info.temperature),
                 with_thousands(view.info.max_tokens), price_text(view.info.price), key_text(view), join(view.agents, ", ")});
  }
  return print_list(session, views, view_record, table, kNoModels);
}

int run_models_test(Session& session, const std::string& name) {
  auto app = session.open();
  if (!app) return report(session, app.error());
  std::vector<ModelView> views = (*app)->models();
  if (!name.empty()) {
    std::erase_if(views, [&](const ModelView& view) { return view.info.name != name; });
    // Asked all the same, it says that there is no such model, and which there are.
    if (views.empty()) return report(session, (*app)->test_model(name, session.interrupted).error());
  }
  if (views.empty()) say(kNoModels);
  std::vector<Tested> tested;
  Progress progress(session.terminal);
  for (ModelView& view : views) {
    if (session.interrupted.stop_requested()) break;
    tested.push_back(test_one(session, **app, std::move(view), progress));
  }
  const bool fine = tested.size() == views.size() && std::ranges::all_of(tested, [](const Tested& one) { return static_cast<bool>(one.result); });
  if (session.output != OutputFormat::table) {
    print_list(session, tested, tested_record, {}, "");
    return fine ? kExitOk : kExitHandled;
  }
  std::vector<Finding> findings;
  findings.reserve(tested.size());
  for (const Tested& one : tested) findings.push_back(as_finding(one));
  const int status = show_findings(session, findings);
  return fine ? status : kExitHandled;
}

}  // namespace sluice
