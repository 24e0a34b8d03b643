#include <algorithm>
#include <atomic>

#include "app/documents.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"
#include "server/api.h"
#include "server/json_rows.h"
#include "server/row_body.h"

namespace sluice {
namespace {

constexpr std::int64_t kRowsShownMax = 10'000;
constexpr std::size_t kIdempotencyKeyMax = 150;

/// A client that waits for a run's answer holds a thread of the pool: some are left for everybody else, and who comes on top hears how it stands now.
class WaitingPlace {
 public:
  WaitingPlace() : number_(++taken) {}
  ~WaitingPlace() { --taken; }
  WaitingPlace(const WaitingPlace&) = delete;
  WaitingPlace& operator=(const WaitingPlace&) = delete;
  bool is_free() const { return number_ <= kWaitersMax; }

 private:
  static constexpr int kWaitersMax = 4;
  static inline std::atomic<int> taken{0};
  const int number_;
};

std::vector<std::string> status_names() {
  std::vector<std::string> names;
  for (const auto& [status, name] : EnumNames<AskStatus>::names) names.emplace_back(name);
  return names;
}

/// Facts of the run itself, more than a list shows.
Json run_facts(const RunView& view) {
  const RunInfo& run = view.state.run;
  const auto time_or_null = [](const std::optional<TimeMs>& time) { return time ? Json(iso_time(*time)) : Json(); };
  return run_json({run, view.status})
      .set("code_version", run.code_version)
      .set("deadline_at", time_or_null(run.deadline_at))
      .set("wake_at", time_or_null(run.wake_at));
}

Json run_document(const RunView& view) {
  const std::string& sql = view.answer.proposal.sql;
  return answer_json(view).set("run", run_facts(view)).set("sql_lines", sql.empty() ? Json() : shown_sql(sql));
}

Result<std::optional<TimeMs>> moment(const ApiCall& call, std::string_view name) {
  const std::string text = call.text(name);
  if (text.empty()) return std::optional<TimeMs>{};
  TRY(const TimeMs at, parse_moment(text, wall_clock_ms()));
  return std::optional(at);
}

ApiAnswer list_runs(const Api& api, const ApiCall& call) {
  RunSearch search{.workflow = call.text("workflow"), .connection = call.text("connection"), .queue = call.text("queue"), .text = call.text("text")};
  if (const std::string status = call.text("status"); !status.empty()) {
    TRY(search.status, decode<AskStatus>(Json(status)));
  }
  TRY(search.since, moment(call, "since"));
  TRY(search.until, moment(call, "until"));
  if (const RunId before{call.text("before")}; !before.empty()) {
    TRY_VOID(api.app.permit(call.who, Deed::look, before));
    search.before_run = before;
  }
  search.limit = call.number("limit");
  search.sight = sight_of(call.who);
  TRY(RunList list, api.app.runs(search));
  Json runs = Json::array(), damaged = Json::array();
  for (RunSummary& run : list.runs) runs.push(run_json(told(std::move(run), Words::ours)));  // as live events have them, which are for all
  for (const Error& error : list.damaged) damaged.push(encode(told(error, Words::ours)));
  return json_response(
      Json::object().set("runs", std::move(runs)).set("damaged", std::move(damaged)).set("next", list.next.empty() ? Json() : Json(list.next.text)));
}

ApiAnswer show_run(const Api& api, const ApiCall& call) {
  TRY(const RunView view, permitted_run(api, call, call.at("run_id"), Deed::look));
  return json_response(run_document(view));
}

ApiAnswer list_events(const Api& api, const ApiCall& call) {
  TRY(const RunView view, permitted_run(api, call, call.at("run_id"), Deed::see_rows));
  TRY(const std::vector<EventInfo> events, api.app.events(view.state.run.id));
  const std::int64_t after = call.query.integer("after");
  Json found = Json::array();
  for (const EventInfo& event : events) {
    if (event.seq <= after) continue;
    if (found.size() >= static_cast<std::size_t>(call.number("limit"))) break;
    found.push(event_json(event));
  }
  return json_response(Json::object().set("events", std::move(found)).set("head_seq", view.state.run.head_seq));
}

ApiAnswer show_rows(const Api& api, const ApiCall& call) {
  TRY(const RunView view, permitted_run(api, call, call.at("run_id"), Deed::see_rows));
  if (view.status != AskStatus::answered)
    return Error{ErrorKind::conflict, "E1212", "run " + view.state.run.id.text + " has no rows: it is " + std::string(enum_name(view.status)),
                 "its status says what it waits for, or why it ended", 0};
  const std::string format = call.text("format");
  const std::int64_t limit = call.query.integer("limit");
  if (format == "json") {
    TRY(const Json document, rows_document(api, view, limit == 0 ? kRowsShownMax : std::min(limit, kRowsShownMax)));
    return json_response(document);
  }
  return download_rows(api.app, view, format, limit);
}

ApiAnswer list_prompts(const Api& api, const ApiCall& call) {
  TRY(const RunView view, permitted_run(api, call, call.at("run_id"), Deed::see_rows));
  TRY(const std::vector<PromptView> prompts, api.app.prompts(view.state.run.id));
  Json calls = Json::array();
  for (const PromptView& prompt : prompts) calls.push(prompt_json(prompt));
  return json_response(Json::object().set("calls", std::move(calls)));
}

/// Keys are a client's own: two people who use the same one mean different things.
Result<std::string> idempotency_key(const ApiCall& call) {
  const std::string key(call.http.header("idempotency-key"));
  if (key.size() > kIdempotencyKeyMax)
    return Error{ErrorKind::input, "E1210", "the Idempotency-Key is longer than " + std::to_string(kIdempotencyKeyMax) + " bytes", "use a UUID", 0};
  if (key != replace_invalid_utf8(key) || key.find('\0') != std::string::npos)
    return Error{ErrorKind::input, "E1210", "the Idempotency-Key is no text", "use a UUID", 0};
  return key.empty() ? "" : "api:" + sha256_hex(call.who.name).substr(0, 32) + ":" + key;
}

ApiAnswer ask(const Api& api, const ApiCall& call) {
  TRY(const Enqueued started, start_ask(api, call, call.body));
  WebResponse response = json_response(Json::object().set("run_id", started.run.text).set("existed", started.existed), 202);
  response.with("Location", "/api/v1/runs/" + started.run.text);
  return response;
}

/// A worker goes on with it. Here it is taken up and, before anything of it is done, given back: then it is due, or it says why it cannot go on.
ApiAnswer resume(const Api& api, const ApiCall& call) {
  TRY(const RunView view, permitted_run(api, call, call.at("run_id"), Deed::operate));
  std::stop_source given_back;
  given_back.request_stop();
  DriveOptions options;
  options.resume = true;
  options.stop = given_back.get_token();
  TRY(const RunView now, api.app.resume(view.state.run.id, options));
  return json_response(run_document(told(now, words_for(call, now))));
}

ApiAnswer cancel(const Api& api, const ApiCall& call) {
  TRY(const RunView view, permitted_run(api, call, call.at("run_id"), Deed::operate));
  TRY(const RunView now, api.app.cancel(view.state.run.id, std::string(call.body.text("reason")), call.who.name));
  return json_response(run_document(told(now, words_for(call, now))));
}

ApiAnswer fork(const Api& api, const ApiCall& call) {
  TRY(const RunView view, permitted_run(api, call, call.at("run_id"), Deed::operate));
  ForkRequest request{.run = view.state.run.id, .from = std::string(call.body.text("from")), .set_step = std::string(call.body.text("set_step"))};
  request.by = call.who.name;
  TRY(request.dedup_key, idempotency_key(call));
  if (const Json* set = call.body.find("set_value")) request.set_value = set->as_string() != nullptr ? *set->as_string() : set->dump();
  TRY(const Forked forked, api.app.fork(request));
  WebResponse response = json_response(Json::object().set("run_id", forked.run.id.text).set("existed", forked.existed), 202);
  response.with("Location", "/api/v1/runs/" + forked.run.id.text);
  return response;
}

}  // namespace

Result<RunView> permitted_run(const Api& api, const ApiCall& call, const std::string& id, Deed deed) {
  TRY(const AccessTo about, api.app.permit(call.who, deed, RunId{id}));
  const Words words = words_for(call.who, about.connection, about.workflow);
  auto view = api.app.run({id});
  return view ? Result<RunView>(told(*std::move(view), words)) : told(std::move(view).error(), words);
}

Words words_for(const ApiCall& call, const RunView& view) { return words_for(call.who, view.input.connection, view.state.run.name); }

Result<Enqueued> start_ask(const Api& api, const ApiCall& call, const Json& body) {
  AskRequest request{
      .connection = std::string(body.text("connection")), .question = std::string(body.text("question")), .sql = std::string(body.text("sql"))};
  if (trim(request.question).empty() == trim(request.sql).empty())
    return Error{ErrorKind::input, "E0811", "give either a question or SQL", R"(for example {"question": "how many orders are there per month?"})",
                 0};
  TRY(const ConnectionConfig* connection, api.app.permit_connection(call.who, Deed::ask, request.connection));
  request.connection = connection->name;
  request.by = call.who.name;
  request.interactive = true;
  request.policy_decides = body.text("approve") == "policy";
  if (const std::string model(body.text("model")); !model.empty()) {
    TRY_VOID(api.app.find_model(model));
    request.model = model;
  }
  QueuedAs as;
  TRY(as.dedup_key, idempotency_key(call));
  return api.app.enqueue(request, as);
}

Result<Json> rows_document(const Api& api, const RunView& view, std::int64_t rows_max) {
  TRY(Json document, JsonRows::of([&](RowSink& sink) { return api.app.rows(view, rows_max, sink); }));
  return std::move(document.set("row_count", view.answer.execution.stats.rows));
}

Result<Json> settled(const Api& api, const RunId& run, std::chrono::seconds at_most) {
  constexpr std::chrono::milliseconds kLook{50};
  const WaitingPlace place;
  const auto until = std::chrono::steady_clock::now() + (place.is_free() ? at_most : std::chrono::seconds(0));
  for (;;) {
    TRY(const RunView view, api.app.run(run));
    const RunStatus status = view.state.status();
    const bool moves = status == RunStatus::ready || status == RunStatus::running || (status == RunStatus::parked && view.state.due);
    const bool over = std::chrono::steady_clock::now() >= until || api.stop.stop_requested();
    if (moves && !over) {
      std::this_thread::sleep_for(kLook);
      continue;
    }
    Json document = run_document(view);
    if (view.status == AskStatus::answered) {
      TRY(const Json rows, rows_document(api, view, kRowsShownMax));
      document.set("rows", rows["rows"]);
    }
    return document;
  }
}

std::vector<ApiRoute> run_reading_routes(const Api& api) {
  const ApiField limit{.name = "limit", .about = "how many at most", .type = ApiField::Type::integer, .least = 1, .most = kListMax, .otherwise = 50};
  return {
      {.method = "GET",
       .path = "/api/v1/runs",
       .id = "listRuns",
       .tag = "runs",
       .about = "Runs, newest first",
       .query = {{.name = "status", .about = "only those", .one_of = status_names()},
                 {.name = "workflow", .about = "only its runs"},
                 {.name = "connection", .about = "only runs on it"},
                 {.name = "queue", .about = "only runs of it"},
                 {.name = "text", .about = "part of what was asked"},
                 {.name = "since", .about = "begun at this time or later, RFC 3339"},
                 {.name = "until", .about = "begun before this time, RFC 3339"},
                 {.name = "before", .about = "`next` of the page before"},
                 limit},
       .answers = "RunPage",
       .handle = bound(api, list_runs)},
      {.method = "GET",
       .path = "/api/v1/runs/{run_id}",
       .id = "showRun",
       .tag = "runs",
       .about = "A run: proposal, proof, approval, effect",
       .answers = "Run",
       .handle = bound(api, show_run)},
      {.method = "GET",
       .path = "/api/v1/runs/{run_id}/events",
       .id = "listEvents",
       .tag = "runs",
       .about = "What the journal holds of a run, in order",
       .query = {{.name = "after",
                  .about = "only events with a higher number",
                  .type = ApiField::Type::integer,
                  .least = 0,
                  .most = 1'000'000'000,
                  .otherwise = 0},
                 {.name = "limit", .about = "how many at most", .type = ApiField::Type::integer, .least = 1, .most = 10'000, .otherwise = 1'000}},
       .answers = "EventPage",
       .handle = bound(api, list_events)},
      {.method = "GET",
       .path = "/api/v1/runs/{run_id}/rows",
       .id = "showRows",
       .tag = "runs",
       .about = "The rows of an answered run",
       .query = {{.name = "format",
                  .about = "json gives at most 10,000 rows, the others all of them",
                  .one_of = {"json", "csv", "jsonl", "parquet"},
                  .otherwise = "json"},
                 {.name = "limit",
                  .about = "how many at most; 0: as many as there are",
                  .type = ApiField::Type::integer,
                  .least = 0,
                  .most = 1'000'000'000,
                  .otherwise = 0}},
       .answers = "Rows",
       .types = {"text/csv", "application/jsonl", "application/vnd.apache.parquet"},
       .handle = bound(api, show_rows)},
      {.method = "GET",
       .path = "/api/v1/runs/{run_id}/prompts",
       .id = "listPrompts",
       .tag = "runs",
       .about = "What models were asked, and replied",
       .answers = "Calls",
       .handle = bound(api, list_prompts)},
  };
}

std::vector<ApiRoute> run_acting_routes(const Api& api) {
  const ApiField connection{.name = "connection", .about = "a connection of sluice.yaml; the default one where it is left out"};
  return {
      {.method = "POST",
       .path = "/api/v1/ask",
       .id = "ask",
       .tag = "runs",
       .about = "Begins a run that answers a question, or runs SQL, once that is approved",
       .body = {{.name = "question", .about = "in plain language"},
                {.name = "sql", .about = "SQL of one's own, in the place of a question"},
                connection,
                {.name = "model", .about = "a model of sluice.yaml"},
                {.name = "approve", .about = "policy: where `approvals.auto` allows it, nobody is asked", .one_of = {"ask", "policy"}}},
       .answers = "Started",
       .status = 202,
       .starts = true,
       .handle = bound(api, ask)},
      {.method = "POST",
       .path = "/api/v1/runs/{run_id}/resume",
       .id = "resumeRun",
       .tag = "runs",
       .about = "Goes on with a run that stands still",
       .answers = "Run",
       .handle = bound(api, resume)},
      {.method = "POST",
       .path = "/api/v1/runs/{run_id}/cancel",
       .id = "cancelRun",
       .tag = "runs",
       .about = "Asks a run to end",
       .body = {{.name = "reason", .about = "for whoever looks at it later", .most = 1'000}},
       .answers = "Run",
       .handle = bound(api, cancel)},
      {.method = "POST",
       .path = "/api/v1/runs/{run_id}/fork",
       .id = "forkRun",
       .tag = "runs",
       .about = "Begins a run with a part of this one's history",
       .body = {{.name = "from", .about = "the step from which on it is done anew; left out where `set_step` says which", .most = 1'000},
                {.name = "set_step", .about = "a step that proposes, whose result is another one in the fork", .most = 1'000},
                {.name = "set_value", .about = "that result: SQL, or JSON", .type = ApiField::Type::any}},
       .answers = "Started",
       .status = 202,
       .starts = true,
       .handle = bound(api, fork)},
  };
}

}  // namespace sluice
