#include "app/app.h"

#include <algorithm>

#include "app/app_inner.h"
#include "app/dbt_comments.h"
#include "app/newest_proposal.h"
#include "app/observed_journal.h"
#include "app/observed_ledger.h"
#include "app/recorded.h"
#include "app/results_journals.h"
#include "app/run_status.h"
#include "approvals/card.h"
#include "base/text.h"
#include "flows/ask/observed_engine.h"

namespace sluice {
namespace {

constexpr const char* kAskVersion = "2";  // raised where a run that waits would find other steps than it recorded
constexpr std::size_t kQuestionBytesMax = 16 * 1024;
constexpr std::chrono::milliseconds kProveTimeout{120'000}, kReachTimeout{15'000};
constexpr int kPrefixPagesMax = 100;  // of kListMax ids each are searched for those that begin so
constexpr std::size_t kAmbiguousShownMax = 5;

ProofLimits proof_limits(const LimitsConfig& limits) {
  ProofLimits out;
  out.rows_max = limits.scan_rows_max;
  out.result_rows_max = limits.rows_max;
  out.bytes_max = limits.scan_bytes_max;
  return out;
}

/// The connection that the name means; "" is the default one.
Result<const ConnectionConfig*> find_connection(const Config& config, const std::string& name) {
  const std::string& wanted = name.empty() ? config.default_connection : name;
  std::vector<std::string> names;
  for (const ConnectionConfig& connection : config.connections) {
    if (connection.name == wanted) return &connection;
    names.push_back(connection.name);
  }
  if (names.empty())
    return Error{ErrorKind::not_found, "E0810", config.path + " has no connection yet", "add one: sluice init NAME --duckdb FILE", 0};
  if (wanted.empty())
    return Error{ErrorKind::input, "E0810", "there are several connections and none is the default", "say which: --on " + join(names, ", --on "), 0};
  const std::string meant = nearest(wanted, names);
  return Error{ErrorKind::not_found, "E0810",
               "connection \"" + show_hidden(wanted, false) + "\" is not in sluice.yaml" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
               "`sluice connections list` shows what there is", 0};
}

Error nothing_asked() {
  return {ErrorKind::input, "E0811", "the question is empty",
          "ask something about the data, for example: sluice ask \"how many orders are there per month?\"", 0};
}

Error too_long(std::size_t bytes) {
  return {ErrorKind::input, "E0811",
          "the question is " + human_bytes(static_cast<std::int64_t>(bytes)) + " long; at most " + human_bytes(kQuestionBytesMax) + " are read",
          "ask in a few sentences; for SQL use `sluice query`", 0};
}

Error ambiguous(const std::string& given, std::vector<std::string> ids) {
  const std::size_t count = ids.size();
  ids.resize(std::min(count, kAmbiguousShownMax));
  return {
      ErrorKind::input, "E0809",
      std::to_string(count) + " ids begin with \"" + show_hidden(given, false) + "\": " + join(ids, ", ") + (count > kAmbiguousShownMax ? ", …" : ""),
      "write more of the one that you mean", 0};
}

/// What was asked back and got something that is no answer to it.
Error no_answer(const ApprovalInfo& asked, const std::string& why, std::size_t answers) {
  return {ErrorKind::input, "E0505", asked.id.text + " is a question: " + why,
          "give the number of an answer, 1 to " + std::to_string(answers) + ": sluice approvals choose " + asked.id.text +
              " 1; they are shown by: " + "sluice approvals show " + asked.id.text,
          0};
}

/// An id as a list shows it where it had no room for all of it.
std::string without_cut(const std::string& id) {
  constexpr std::string_view kCut = "…";
  return id.ends_with(kCut) ? id.substr(0, id.size() - kCut.size()) : id;
}

template <class Item>
std::vector<std::string> ids_of(const std::vector<Item>& items) {
  std::vector<std::string> ids(items.size());
  std::ranges::transform(items, ids.begin(), [](const Item& item) { return item.id.text; });
  return ids;
}

/// The one id that begins so, nothing where none does; E0809 where several do. `next_page` gives the journal's next kListMax ids.
Result<std::optional<std::string>> only_one_beginning(const std::string& beginning,
                                                      const std::function<Result<std::vector<std::string>>()>& next_page) {
  std::vector<std::string> begin_so;
  for (int n = 0; n < kPrefixPagesMax; ++n) {
    TRY(const std::vector<std::string> ids, next_page());
    for (const std::string& id : ids)
      if (id.starts_with(beginning)) begin_so.push_back(id);
    if (ids.size() < kListMax) break;
  }
  if (begin_so.size() > 1) return ambiguous(beginning, begin_so);
  return begin_so.empty() ? std::nullopt : std::optional(begin_so.front());
}

}  // namespace

Result<std::shared_ptr<DataEngine>> App::Inner::data_engine(const std::string& name) {
  const std::lock_guard lock(mutex);
  if (const auto found = engines.find(name); found != engines.end()) return found->second;
  TRY(const ConnectionConfig* connection, find_connection(config, name));
  TRY(auto opened, ports.open_engine(*connection, config.limits));
  if (ports.telemetry != nullptr) opened = observed(std::move(opened), name, *ports.telemetry);
  return engines.emplace(name, std::move(opened)).first->second;
}

Result<ResultStore*> App::Inner::result_store() {
  const std::lock_guard lock(mutex);
  if (!results) {
    TRY(auto opened, ports.open_results(config.home));
    TRY_VOID(note_journal(config));
    results = std::move(opened);
  }
  return results.get();
}

Result<std::vector<std::string>> App::Inner::journals_of_results() {
  TRY_VOID(result_store());
  return noted_journals(config);
}

Result<Ledger*> App::Inner::ledger() {
  const std::lock_guard lock(mutex);
  if (!model_ledger) {
    TRY(model_ledger, ports.open_ledger(config.home));
    if (ports.telemetry != nullptr) model_ledger = observed(std::move(model_ledger), *ports.telemetry);
  }
  return model_ledger.get();
}

Result<ReplyStore*> App::Inner::replies() {
  const std::lock_guard lock(mutex);
  if (!model_replies) {
    TRY(model_replies, ports.open_replies(config.home + "/replies"));
  }
  return model_replies.get();
}

CachedCatalogs::Comments App::Inner::dbt_comments() const {
  const auto project = [this](const std::string& name) {
    const auto connection = find_connection(config, name);
    return connection ? (*connection)->dbt_project : std::string();
  };
  return {.state = [project](const std::string& name) { return project(name).empty() ? "" : dbt_project_state(project(name)); },
          .add = [project](const std::string& name, Catalog& catalog) -> Result<> {
            if (project(name).empty()) return {};
            TRY(const DbtDescriptions descriptions, read_dbt_descriptions(project(name)));
            comment_from_dbt(descriptions, catalog);
            return {};
          }};
}

Result<AskServices*> App::Inner::ask_services() {
  const std::lock_guard lock(mutex);
  if (services) return services.get();
  TRY(artifacts, ports.open_artifacts(config));
  catalogs = std::make_unique<CachedCatalogs>([this](const std::string& name) { return data_engine(name); }, dbt_comments(), *artifacts, ports.clock,
                                              CachedCatalogs::Options{.folder = config.home + "/catalogs", .ranges = !config.models.empty()});
  glossaries = std::make_unique<Glossaries>(config, *artifacts);
  model_caller = std::make_unique<ModelCaller>(ModelCaller::Ports{.model = [this](const std::string& name) { return models.open(name); },
                                                                  .ledger = [this] { return ledger(); },
                                                                  .replies = [this] { return replies(); },
                                                                  .artifacts = *artifacts,
                                                                  .clock = ports.clock});
  services = std::make_unique<AskServices>(AskServices{.catalogs = *catalogs,
                                                       .built_in = ports.planner,
                                                       .glossary = [this](const std::string& artifact) { return glossaries->load(artifact); },
                                                       .engine = [this](const std::string& name) { return data_engine(name); },
                                                       .parser = ports.parser,
                                                       .results = [this] { return result_store(); },
                                                       .memory = [this](const std::string& name) { return agent_memory(name); },
                                                       .models = *model_caller,
                                                       .artifacts = *artifacts});
  return services.get();
}

Result<Engine*> App::Inner::workflows() {
  TRY(const AskServices* ask, ask_services());
  const std::lock_guard lock(mutex);
  if (engine) return engine.get();
  TRY(journal, ports.open_journal(config));
  token_store = ports.tokens ? ports.tokens(*journal) : nullptr;
  outbox_store = ports.outbox ? ports.outbox(*journal) : nullptr;
  if (ports.telemetry != nullptr) journal = observed(std::move(journal), *ports.telemetry);
  ask_ports = make_ask_ports(*ask);
  engine = std::make_unique<Engine>(Engine::Ports{*journal, *artifacts, ports.clock, ports.random});
  engine->add<AskInput, AskAnswer>(kAsk, kAskVersion, [this](Context& run, const AskInput& input) { return sluice::ask(run, ask_ports, input); });
  return engine.get();
}

/// How the run looks; one that has ended says it in its outcome.
Result<AskStatus> App::Inner::status_of(Engine& of, RunInfo& run) const {
  if (run.status != RunStatus::done) return sluice::status_of(run, journal->now());
  TRY(const RunState state, of.state(run.id));
  return outcome_status(run.id, state.output.value_or(Json()));
}

Result<AskStatus> App::Inner::outcome_status(const RunId& run, const Json& output) {
  TRY(const AskAnswer answer, recorded<AskAnswer>(run, output));
  return answer.status;
}

Result<Json> App::Inner::value_of(const EventInfo& event) const {
  const std::string artifact(event.body.text("artifact"));
  return artifact.empty() ? Result<Json>(event.body["value"]) : read_artifact<Json>(*artifacts, artifact);
}

App::App(Config config, AppPorts ports) : inner_(std::make_unique<Inner>(std::move(config), std::move(ports))) {}
App::~App() = default;

const Config& App::config() const { return inner_->config; }

const std::string& App::person() const { return inner_->ports.person; }

Result<const ConnectionConfig*> App::connection(const std::string& name) const { return find_connection(inner_->config, name); }

Result<AskInput> App::Inner::ask_input(const AskRequest& request) {
  TRY(const ConnectionConfig* connection, find_connection(config, request.connection));
  AskInput input{.connection = connection->name, .question = request.question, .sql = request.sql, .limits = proof_limits(config.limits)};
  input.today = ports.today();
  input.interactive = request.interactive;
  input.result = {config.limits.rows_max, config.limits.bytes_max, config.limits.seconds};
  input.feedback = request.feedback;
  if (request.policy) input.policy = *request.policy;
  if (request.policy_decides) input.policy = {.reads = config.approvals.auto_reads, .bytes_max = config.approvals.auto_max_bytes};
  input.approval_timeout_ms = request.approval_timeout.value_or(std::chrono::seconds(config.approvals.timeout_seconds)).count();
  if (request.sql.empty()) {  // a person's own SQL says what it means
    TRY(input.glossary, glossaries->record(connection->name));
  }
  TRY(input.agent, agent_settings(request));
  return input;
}

StartOptions App::Inner::start_options(const AskInput& input, const std::string& by) const {
  constexpr std::size_t kLabelMax = 200;
  const std::string& text = input.question.empty() ? input.sql : input.question;
  StartOptions options{.labels = Json::object().set("connection", input.connection).set("text", text.substr(0, kLabelMax)).set("by", actor(by))};
  // Whoever calls looks at a trace: the run is a part of it, also where another process executes it.
  if (const Doing& now = doing(); now.pass_on) options.labels.set("traceparent", traceparent_of(now.trace));
  return options;
}

Result<Engine*> App::Inner::workflows_for(const AskRequest& request) {
  if (trim(request.question).empty() && trim(request.sql).empty()) return nothing_asked();
  if (request.question.size() > kQuestionBytesMax) return too_long(request.question.size());
  TRY_VOID(find_connection(config, request.connection));
  return workflows();
}

Result<RunView> App::ask(const AskRequest& request, const DriveOptions& options) {
  TRY(Engine * engine, inner_->workflows_for(request));
  TRY(const AskInput input, inner_->ask_input(request));
  TRY(const RunState state, engine->run(kAsk, encode(input), inner_->start_options(input, request.by), options));
  return run(state.run.id);
}

Result<RunView> App::resume(const RunId& id, const DriveOptions& options) {
  TRY(Engine * engine, inner_->workflows());
  TRY_VOID(engine->drive(id, options));
  return run(id);
}

void App::rest() {
  const std::lock_guard lock(inner_->mutex);
  inner_->engines.clear();
}

Result<> App::wait(const RunId& id, std::chrono::milliseconds at_most, const std::stop_token& stop) {
  TRY(Engine * engine, inner_->workflows());
  TRY_VOID(engine->wait(id, at_most, stop));
  return {};
}

Result<RunView> App::cancel(const RunId& id, const std::string& reason, const std::string& by) {
  TRY(Engine * engine, inner_->workflows());
  TRY_VOID(engine->cancel(id, inner_->actor(by), reason));
  return run(id);
}

Result<RunView> App::run(const RunId& id) {
  TRY(Engine * engine, inner_->workflows());
  RunView view;
  TRY(view.state, engine->state(id));
  TRY(view.input, recorded<AskInput>(id, view.state.input));
  const TimeMs now = inner_->journal->now();
  view.status = status_of(view.state.run, now);
  TRY(const std::vector<ApprovalInfo> newest, inner_->journal->approvals({.open_only = false, .run = id, .limit = 1}));
  if (!newest.empty()) view.approval = as_of(newest.front(), now);
  if (view.input.agent.has_model()) {
    TRY(Ledger * ledger, inner_->ledger());
    TRY(view.models, ledger->spent(id.text));
  }
  if (view.state.output) {
    TRY(view.answer, recorded<AskAnswer>(id, *view.state.output));
    view.status = view.answer.status;
    return view;
  }
  TRY(const std::vector<EventInfo> events, workflow_detail::EventForms().read(*inner_->journal, id));
  TRY(view.answer, newest_proposal(id, events, view.approval, [this](const EventInfo& event) { return inner_->value_of(event); }));
  return view;
}

Result<RunId> App::find_run(const std::string& given) {
  TRY_VOID(inner_->workflows());
  const std::string id = without_cut(given);
  auto exact = inner_->journal->run({id});
  if (exact || exact.error().kind != ErrorKind::not_found || id.empty()) return exact ? Result<RunId>(exact->id) : exact.error();
  RunFilter page{.limit = kListMax};
  TRY(const auto found, only_one_beginning(id, [&]() -> Result<std::vector<std::string>> {
        TRY(const std::vector<RunInfo> runs, inner_->journal->runs(page));
        if (!runs.empty()) page.before = runs.back().id;
        return ids_of(runs);
      }));
  return found ? Result<RunId>(RunId{*found}) : std::move(exact).error();
}

Result<std::vector<EventInfo>> App::events(const RunId& id) {
  TRY_VOID(inner_->workflows());
  TRY_VOID(inner_->journal->run(id));
  return workflow_detail::EventForms().read(*inner_->journal, id);
}

Result<> App::rows(const RunView& view, std::int64_t rows_max, RowSink& sink) {
  TRY(ResultStore * results, inner_->result_store());
  return results->read(view.answer.execution.result, rows_max, sink);
}

Result<> App::copy_result(const RunView& view, const std::function<Result<>(std::string_view part)>& to) {
  TRY(ResultStore * results, inner_->result_store());
  return results->copy(view.answer.execution.result, to);
}

Result<> App::preview(const std::string& name, const TableName& table, std::int64_t rows_max, RowSink& sink, std::stop_token stop) {
  TRY(const ConnectionConfig* connection, find_connection(inner_->config, name));
  TRY(const AskServices* services, inner_->ask_services());
  const LimitsConfig& limits = inner_->config.limits;
  const Call call{inner_->ports.clock.steady() + std::chrono::seconds(limits.seconds), std::move(stop)};
  TRY(const std::string sql, preview_sql(*services, connection->name, table, rows_max));
  return read_once(*services, connection->name, sql, proof_limits(limits), {.rows_max = rows_max, .bytes_max = limits.bytes_max}, call, sink);
}

Result<TableProfile> App::profile(const std::string& name, const Table& table, std::stop_token stop) {
  TRY(const AskServices* services, inner_->ask_services());
  TRY(const auto engine, services->engine(name));
  const LimitsConfig& limits = inner_->config.limits;
  const Call call{inner_->ports.clock.steady() + std::chrono::seconds(limits.seconds), std::move(stop)};
  RowBuffer rows(1);
  const ReadLimits one{.rows_max = 1, .bytes_max = limits.bytes_max};
  TRY_VOID(read_once(*services, name, profile_sql(table, engine->dialect()), proof_limits(limits), one, call, rows));
  return profile_of(table, rows.kept);
}

Result<std::vector<ApprovalInfo>> App::approvals(const ApprovalFilter& filter) {
  TRY_VOID(inner_->workflows());
  const TimeMs now = inner_->journal->now();
  std::vector<ApprovalInfo> found;
  ApprovalFilter page = filter;
  for (;;) {  // bounded by the approvals there are
    page.limit = std::min(filter.limit - static_cast<int>(found.size()), kListMax);
    TRY(std::vector<ApprovalInfo> more, inner_->journal->approvals(page));
    const bool last = more.empty() || std::ssize(more) < page.limit;
    if (!last) page.after = more.back().id;
    for (ApprovalInfo& approval : more) {
      approval = as_of(std::move(approval), now);
      if (!filter.open_only || approval.status == ApprovalStatus::open) found.push_back(std::move(approval));
    }
    if (last || std::ssize(found) >= filter.limit) return found;
  }
}

Result<ApprovalInfo> App::approval(const ApprovalId& id) {
  TRY_VOID(inner_->workflows());
  TRY(ApprovalInfo found, inner_->journal->approval(id));
  return as_of(std::move(found), inner_->journal->now());
}

Result<ApprovalInfo> App::find_approval(const std::string& given) {
  const std::string id = without_cut(given);
  auto exact = approval({id});
  if (exact || exact.error().kind != ErrorKind::not_found || id.empty()) return exact;
  ApprovalFilter page{.open_only = false, .limit = kListMax};
  TRY(const auto found, only_one_beginning(id, [&]() -> Result<std::vector<std::string>> {
        TRY(const std::vector<ApprovalInfo> approvals, inner_->journal->approvals(page));
        if (!approvals.empty()) page.after = approvals.back().id;
        return ids_of(approvals);
      }));
  return found ? approval({*found}) : exact;
}

Result<ApprovalInfo> App::decide(const ApprovalId& id, DecisionInput decision) {
  TRY_VOID(inner_->workflows());
  decision.decided_by = inner_->actor(decision.decided_by);
  if (decision.action == DecisionAction::approve) {
    TRY(const ApprovalInfo asked, inner_->journal->approval(id));
    if (const auto choices = card_choices(asked.card); asked.status == ApprovalStatus::open && !choices.empty())
      return no_answer(asked, "a yes does not say which of its answers is meant", choices.size());
    if (asked.status == ApprovalStatus::open) TRY_VOID(inner_->decide_by_other_eyes(asked, decision.decided_by));
  }
  return inner_->journal->decide(id, decision);
}

Result<ApprovalInfo> App::choose(const ApprovalInfo& shown, std::int64_t number, const std::string& by) {
  const auto choices = card_choices(shown.card);
  if (choices.empty())
    return Error{ErrorKind::input, "E0505", shown.id.text + " asks for a yes or a no, not for a choice",
                 "look at it, then decide: sluice approvals show " + shown.id.text, 0};
  if (number < 1 || number > std::ssize(choices)) return no_answer(shown, "it has no answer " + std::to_string(number), choices.size());
  return decide(shown.id, {.action = DecisionAction::refine,
                           .feedback = choices[static_cast<std::size_t>(number - 1)].feedback,
                           .decided_by = by,
                           .expected_subject_hash = shown.subject_hash});
}

Result<ApprovalInfo> App::only_approval_of(const RunId& run) {
  TRY_VOID(inner_->workflows());
  TRY(ApprovalInfo open, inner_->journal->open_approval_of(run));
  TRY(const std::vector<ApprovalInfo> all, inner_->journal->approvals({.open_only = false, .run = run, .limit = 2}));
  if (all.size() == 1) return open;
  return Error{ErrorKind::conflict, "E0503",
               "the run has asked more than once, and its id does not say which round is meant; it now waits for " + open.id.text,
               "look at it, then decide by that id: sluice approvals show " + open.id.text, 0};
}

Result<ApprovalInfo> App::decide(const DecisionMessage& message, const std::string& by) {
  TRY_VOID(inner_->workflows());
  const bool bound = !message.approval_id.empty() || !message.subject_hash.empty();
  DecisionInput decision{.action = message.action, .decided_by = by, .expected_subject_hash = message.subject_hash};
  (message.action == DecisionAction::reject ? decision.reason : decision.feedback) = message.feedback;
  auto asked = bound ? inner_->journal->open_approval_of({message.thread_id}) : only_approval_of({message.thread_id});
  if (!asked && asked.error().code == "E0106" && !message.approval_id.empty()) {
    // Who comes too late hears who decided.
    const auto named = inner_->journal->approval({message.approval_id});
    if (named && named->run_id.text == message.thread_id) return decide(named->id, decision);
  }
  if (!asked) return std::move(asked).error();
  const ApprovalInfo open = *std::move(asked);
  if (!message.approval_id.empty() && message.approval_id != open.id.text)
    return Error{ErrorKind::conflict, "E0503",
                 "the message decides about " + show_hidden(message.approval_id, false) + ", but the run now waits for " + open.id.text,
                 "look at it again: sluice approvals show " + open.id.text, 0};
  return decide(open.id, decision);
}

Result<eval::Report> App::evaluate(const EvalRequest& request, const EvalEvents& events, const std::stop_token& stop) {
  TRY(const AskServices* services, inner_->ask_services());
  const LimitsConfig& limits = inner_->config.limits;
  const GoldPorts golds{.read = [&](const std::string& on, const std::string& sql, std::int64_t rows_max, RowSink& sink) -> Result<> {
                          const Call call{inner_->ports.clock.steady() + std::chrono::seconds(limits.seconds), stop};
                          return read_once(*services, on, sql, proof_limits(limits), {.rows_max = rows_max, .bytes_max = limits.bytes_max}, call,
                                           sink);
                        },
                        .parser = [&](const std::string& on) -> Result<const Parser*> {
                          TRY(const auto engine, inner_->data_engine(on));
                          return inner_->ports.parser(engine->dialect());
                        }};
  return sluice::evaluate(*this, golds, request, events, stop);
}

Result<Proof> App::prove(const std::string& name, const std::string& sql, std::stop_token stop) {
  TRY(const ConnectionConfig* connection, find_connection(inner_->config, name));
  TRY(const AskServices* services, inner_->ask_services());
  return prove_once(*services, connection->name, sql, proof_limits(inner_->config.limits),
                    {inner_->ports.clock.steady() + kProveTimeout, std::move(stop)});
}

Result<std::shared_ptr<const KnownCatalog>> App::catalog(const std::string& name, std::stop_token stop) {
  TRY(const ConnectionConfig* connection, find_connection(inner_->config, name));
  TRY(const AskServices* services, inner_->ask_services());
  TRY(const CatalogRef ref, services->catalogs.read(connection->name, true, {inner_->ports.clock.steady() + kProveTimeout, std::move(stop)}));
  return services->catalogs.load(ref);
}

Result<Glossary> App::glossary(const std::string& name) const {
  TRY(const ConnectionConfig* connection, find_connection(inner_->config, name));
  return Glossaries::read(inner_->config, connection->name);
}

Result<std::vector<Error>> App::glossary_problems(const Catalog& of) const {
  TRY(const Glossary known, glossary(of.connection));
  return sluice::glossary_problems(known, of);
}

Result<std::string> App::test(const std::string& name, std::stop_token stop) {
  TRY(const auto engine, inner_->data_engine(name));
  return engine->describe({inner_->ports.clock.steady() + kReachTimeout, std::move(stop)});
}

Result<std::vector<std::string>> App::warnings(const std::string& name, std::stop_token stop) {
  TRY(const ConnectionConfig* connection, find_connection(inner_->config, name));
  TRY(const auto engine, inner_->data_engine(connection->name));
  TRY(std::vector<std::string> out, engine->warnings({inner_->ports.clock.steady() + kReachTimeout, std::move(stop)}));
  if (connection->dbt_project.empty()) return out;
  TRY(const DbtDescriptions descriptions, read_dbt_descriptions(connection->dbt_project));
  for (const std::string& why : descriptions.skipped) out.push_back("descriptions that were passed over: " + why);
  return out;
}

std::vector<ModelView> App::models() { return inner_->models.views(); }

Result<ModelTest> App::test_model(const std::string& model, const std::stop_token& stop, const ModelEvents& events) {
  TRY_VOID(inner_->models.find(model));
  TRY(Ledger * ledger, inner_->ledger());
  return inner_->models.test(model, *ledger, budget_of(inner_->config.budgets.day), inner_->ports.clock, stop, events);
}

Result<> App::check_journal() {
  TRY_VOID(inner_->workflows());
  return inner_->journal->check();
}

}  // namespace sluice
