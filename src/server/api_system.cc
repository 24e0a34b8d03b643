#include <algorithm>
#include <map>

#include "app/chat.h"
#include "app/documents.h"
#include "base/text.h"
#include "base/time.h"
#include "server/api.h"
#include "server/openapi.h"
#include "server/recent.h"

namespace sluice {
namespace {

/// None named: all.
Json names_of(const Scope& scope) { return scope.all ? Json::array() : encode(scope.names); }

ApiAnswer show_session(const Api& api, const ApiCall& call) {
  const Config& config = api.app.config();
  const bool seen_default = bool(may(call.who, Deed::look, config.default_connection, kAskWorkflow));
  Json roles = Json::array();
  for (const Grant& grant : call.who.grants)
    roles.push(Json::object()
                   .set("role", std::string(enum_name(grant.role)))
                   .set("connections", names_of(grant.connections))
                   .set("workflows", names_of(grant.workflows)));
  return json_response(Json::object()
                           .set("version", api.version)
                           .set("person", call.who.name)
                           .set("login", call.who.how == SignedIn::off             ? "off"
                                         : call.who.name.starts_with(kTokenPrefix) ? "token"
                                                                                   : "oidc")
                           .set("roles", std::move(roles))
                           .set("csrf_token", call.csrf)
                           .set("environment", config.server.environment)
                           .set("workflows", Json::array().push("ask"))
                           .set("default_connection", seen_default ? config.default_connection : "")
                           .set("approvals", Json::object().set("four_eyes", config.approvals.four_eyes)));
}

ApiAnswer list_costs(const Api& api, const ApiCall& call) {
  TRY(const auto since, parse_duration(call.text("since")));
  TRY(const CostsBy by, decode<CostsBy>(call.query["by"]));
  TRY_VOID(api.app.check(call.who, Deed::look, AccessTo{}));
  TRY(const std::vector<CostLine> lines, api.app.costs(since, by));
  Json costs = Json::array();
  for (const CostLine& line : lines) costs.push(cost_json(line));
  return json_response(Json::object().set("costs", std::move(costs)));
}

/// What an event says in one line.
std::string line_of(const EventInfo& event) {
  const Json& error = event.body["error"];
  std::string line(enum_name(event.type));
  if (!error.is_null()) return line + ": " + std::string(error.text("code")) + " " + std::string(error.text("message"));
  for (const char* member : {"status", "decided_by", "reason", "difference", "approval_id"})
    if (const std::string_view text = event.body.text(member); !text.empty()) line += " · " + std::string(text);
  return line;
}

/// The run's events as lines of a log. (What the process says of itself goes to its standard error.)
ApiAnswer show_logs(const Api& api, const ApiCall& call) {
  TRY(const RunView view, permitted_run(api, call, call.at("run_id"), Deed::look));
  TRY(const std::vector<EventInfo> events, api.app.events(view.state.run.id));
  Json lines = Json::array();
  for (const EventInfo& whole : events) {
    const EventInfo event = told(whole, words_for(call, view));
    const bool failed = event.type == EventType::failed || event.type == EventType::drift || !event.body["error"].is_null();
    const bool odd = event.type == EventType::paused || event.type == EventType::cancelled || event.type == EventType::step_attempt_failed;
    lines.push(Json::object()
                   .set("at", iso_time(event.at))
                   .set("level", odd      ? "warning"
                                 : failed ? "error"
                                          : "info")
                   .set("step", event.path)
                   .set("message", line_of(event)));
  }
  return json_response(Json::object().set("run_id", view.state.run.id.text).set("lines", std::move(lines)));
}

Json part(const std::string& name, const char* kind, const char* status, const std::string& detail, const std::string& hint = "") {
  return Json::object().set("name", name).set("kind", kind).set("status", status).set("detail", detail).set("hint", hint);
}

/// Runs that have not ended, by queue.
Result<Json> queues_of(const Api& api, const Sight& sight) {
  struct Count {
    std::int64_t ready = 0, running = 0, waiting = 0;
  };
  std::map<std::string, Count> counts;
  TRY(const std::vector<RunCount> census, api.app.run_counts(sight));
  for (const RunCount& of : census) {
    Count& count = counts[of.queue];
    (of.status == RunStatus::ready ? count.ready : of.status == RunStatus::running ? count.running : count.waiting) += of.runs;
  }
  Json out = Json::array();
  for (const auto& [queue, count] : counts)
    out.push(Json::object().set("queue", queue).set("ready", count.ready).set("running", count.running).set("waiting", count.waiting));
  return out;
}

using ConnectionParts = std::map<std::string, Result<std::string>>;

/// Every connection, reached. Each may keep this waiting for as long as it takes to give it up.
ConnectionParts reach_connections(const Api& api) {
  ConnectionParts out;
  for (const ConnectionConfig& connection : api.app.config().connections) {
    out.emplace(connection.name, api.app.test(connection.name, api.stop));
  }
  return out;
}

Json connection_part(const std::string& name, const Result<std::string>& source, Words words) {
  if (source) return part(name, "connection", "ok", *source);
  const Error error = told(source.error(), words);
  return part(name, "connection", "failed", error.message, error.hint);
}

ApiAnswer show_health(const Api& api, Recent<ConnectionParts>& reached, const ApiCall& call) {
  Json parts = Json::array();
  const Sight sight = sight_of(call.who);
  const auto queues = queues_of(api, sight);
  parts.push(queues ? part("journal", "journal", "ok", "runs and approvals can be read")
                    : part("journal", "journal", "failed", queues.error().message, queues.error().hint));
  const auto connections = reached.of([&api] { return reach_connections(api); }, std::chrono::seconds(10));
  for (const ConnectionConfig& connection : api.app.config().connections) {
    if (!may(call.who, Deed::look, connection.name, kAskWorkflow)) continue;
    parts.push(connections ? connection_part(connection.name, connections->at(connection.name), words_for(call.who, connection.name, kAskWorkflow))
                           : part(connection.name, "connection", "failed", "the connections have not all answered yet", "look again in a moment"));
  }
  for (const ModelView& model : api.app.models()) {
    if (model.is_chain()) continue;
    parts.push(model.problem ? part(model.info.name, "model", "failed", model.problem->message, model.problem->hint)
                             : part(model.info.name, "model", "ok", model.info.provider + ", " + model.info.model + "; not called to find out"));
  }
  for (const ChatState& chat : chat_states(api.app))
    parts.push(chat.how ? part(chat.channel, "chat", "ok", *chat.how)
                        : part(chat.channel, "chat", "failed", chat.how.error().message, chat.how.error().hint));
  parts.push(part("server", "server", "ok", api.server_figures ? api.server_figures() : ""));
  if (!may(call.who, Deed::look, "", "")) {  // what is of no connection is said to those who look after all of it
    for (Json& of : *parts.as_array())
      if (of.text("kind") != "connection") of.set("detail", "").set("hint", "");
  }
  const bool ok = std::ranges::none_of(*parts.as_array(), [](const Json& of) { return of.text("status") == "failed"; });
  Json approvals = Json::object().set("open", 0).set("oldest_at", Json());
  if (const auto open = api.app.approvals({.limit = kListMax, .sight = sight}); open && !open->empty())
    approvals.set("open", std::int64_t{std::ssize(*open)}).set("oldest_at", iso_time(open->back().created_at));
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - api.started);
  return json_response(Json::object()
                           .set("status", ok ? "ok" : "degraded")
                           .set("version", api.version)
                           .set("uptime_s", std::int64_t{uptime.count()})
                           .set("parts", std::move(parts))
                           .set("queues", queues ? *queues : Json::array())
                           .set("approvals", std::move(approvals)));
}

ApiAnswer live(const Api& api, const ApiCall& call) {
  LiveWish wish{.run = call.text("run"), .since = call.text("since"), .person = call.who.name};
  if (const std::string_view last = call.http.header("last-event-id"); wish.since.empty() && !last.empty()) wish.since = last;
  if (const std::string topics = call.text("topics"); !topics.empty()) {
    wish.runs = wish.approvals = false;
    for (const std::string_view topic : split(topics, ',')) {
      if (topic == "runs")
        wish.runs = true;
      else if (topic == "approvals")
        wish.approvals = true;
      else if (topic == "metrics")
        wish.metrics = true;
      else
        return Error{ErrorKind::input, "E1210", "there is no topic \"" + show_hidden(topic, false) + "\"", "known are: runs, approvals, metrics", 0};
    }
  }
  if (wish.metrics) TRY_VOID(api.app.check(call.who, Deed::look, AccessTo{}));  // they count everybody's runs
  wish.may = [who = call.who](std::string_view connection, std::string_view workflow) {
    return bool(may(who, Deed::look, connection, workflow.empty() ? kAskWorkflow : workflow));
  };
  wish.may_view = [&app = api.app, who = call.who](const std::string& id) {
    const auto approval = app.approval({id});
    return approval && app.check(who, Deed::look, *approval);
  };
  wish.is_welcome = call.is_welcome;
  WebResponse response{.live = api.feed.open(std::move(wish))};
  response.with("Cache-Control", "no-store").with("X-Accel-Buffering", "no");  // a proxy that buffers would hold events back
  return response;
}

ApiAnswer alive(const Api&, const ApiCall&) { return json_response(Json::object().set("status", "ok")); }

/// Strangers may ask: they hear whether, not why.
ApiAnswer ready(const Api& api, Recent<bool>& readable) {
  if (api.stop.stop_requested())
    return Error{ErrorKind::transient, "E1215", "the server is about to end", "another one takes its place, or it starts again", 1'000};
  constexpr std::chrono::seconds kPatience{1};
  const bool held_up = readable.at_it_for() > kPatience;
  const auto can = readable.of([&api] { return bool(api.app.run_counts()); });
  if (held_up || !can.value_or(false))
    return Error{ErrorKind::transient, "E1226", "the journal cannot be read now", "`sluice doctor`, where the server runs, says why", 1'000};
  return json_response(Json::object().set("status", "ready"));
}

std::vector<std::string> names_of_costs() {
  std::vector<std::string> names;
  for (const auto& [by, name] : EnumNames<CostsBy>::names) names.emplace_back(name);
  return names;
}

}  // namespace

std::vector<ApiRoute> system_routes(const Api& api) {
  return {
      {.method = "GET",
       .path = "/api/v1/session",
       .id = "showSession",
       .tag = "system",
       .about = "Who is asking, and what they may",
       .answers = "Session",
       .handle = bound(api, show_session)},
      {.method = "GET",
       .path = "/api/v1/events",
       .id = "events",
       .tag = "system",
       .about = "What happens from now on, as a WebSocket or as server-sent events",
       .query = {{.name = "topics", .about = "runs, approvals, metrics, with commas; runs and approvals where it is left out"},
                 {.name = "run", .about = "only this run's"},
                 {.name = "since", .about = "`seq` of the last message: goes on after it"}},
       .types = {"text/event-stream"},
       .handle = bound(api, live)},
      {.method = "GET",
       .path = "/api/v1/costs",
       .id = "listCosts",
       .tag = "system",
       .about = "What models' calls cost",
       .query = {{.name = "since", .about = "how far back: 24h, 30d, 1y", .otherwise = "30d"},
                 {.name = "by", .about = "what a line is", .one_of = names_of_costs(), .otherwise = "day"}},
       .answers = "Costs",
       .handle = bound(api, list_costs)},
      {.method = "GET",
       .path = "/api/v1/logs/{run_id}",
       .id = "showLogs",
       .tag = "system",
       .about = "A run's events as lines of a log",
       .answers = "Logs",
       .handle = bound(api, show_logs)},
      {.method = "GET",
       .path = "/get/logs/{run_id}",
       .id = "getLogs",
       .tag = "older interface",
       .about = "As GET /api/v1/logs/{run_id}",
       .answers = "Logs",
       .handle = bound(api, show_logs)},
      {.method = "GET",
       .path = "/api/v1/health",
       .id = "showHealth",
       .tag = "system",
       .about = "Every part, reached and described",
       .answers = "Health",
       .lane = Lane::databases,
       .handle = [&api, reached = std::make_shared<Recent<ConnectionParts>>(std::chrono::seconds(5))](
                     const ApiCall& call) { return show_health(api, *reached, call); }},
  };
}

std::vector<ApiRoute> alive_routes(const Api& api) {
  return {
      {.method = "GET",
       .path = "/health",
       .id = "health",
       .tag = "older interface",
       .about = "Whether the server answers",
       .answers = "Alive",
       .open_to_all = true,
       .lane = Lane::quick,
       .handle = bound(api, alive)},
      {.method = "GET",
       .path = "/healthz",
       .id = "alive",
       .tag = "system",
       .about = "Whether the server answers",
       .answers = "Alive",
       .open_to_all = true,
       .lane = Lane::quick,
       .handle = bound(api, alive)},
      {.method = "GET",
       .path = "/readyz",
       .id = "ready",
       .tag = "system",
       .about = "Whether it can work: 503 while the journal is away, or the server is about to end",
       .answers = "Alive",
       .open_to_all = true,
       .lane = Lane::quick,
       .handle = [&api, readable = std::make_shared<Recent<bool>>(std::chrono::seconds(1))](const ApiCall&) { return ready(api, *readable); }},
  };
}

}  // namespace sluice
