#pragma once
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/access.h"
#include "app/agent_memory.h"
#include "app/changes.h"
#include "app/eval.h"
#include "app/models.h"
#include "app/ports/login_provider.h"
#include "app/ports/outbox.h"
#include "app/preflight.h"
#include "app/retention.h"
#include "app/run_at.h"
#include "app/run_copy.h"
#include "app/run_diff.h"
#include "app/run_fork.h"
#include "app/run_prompts.h"
#include "app/run_search.h"
#include "app/run_view.h"
#include "app/tokens.h"
#include "approvals/message.h"
#include "approvals/policy.h"
#include "config/config.h"
#include "data/catalog.h"
#include "data/rows.h"
#include "flows/ask/services.h"
#include "flows/ask/table_profile.h"
#include "telemetry/telemetry.h"
#include "workflow/engine.h"
#include "workflow/worker.h"

namespace sluice {

/// How the operations reach the outside. main.cc fills it in with concrete adapters; everything is opened on first use.
struct AppPorts {
  std::function<Result<std::unique_ptr<DataEngine>>(const ConnectionConfig&, const LimitsConfig&)> open_engine;
  std::function<Result<std::unique_ptr<Journal>>(const Config&)> open_journal;
  std::function<Result<std::unique_ptr<Artifacts>>(const Config&)> open_artifacts;
  std::function<void()> stop_waiting{};  ///< for a journal's server that is away: this process ends, with nothing in hand. Any thread
  std::function<Result<std::unique_ptr<ResultStore>>(const std::string& home)> open_results;
  std::function<Result<std::unique_ptr<Ledger>>(const std::string& home)> open_ledger{};
  std::function<Result<std::unique_ptr<ReplyStore>>(const std::string& folder)> open_replies{};
  std::function<Result<const Parser*>(Dialect)> parser;
  Proposer& planner;
  Clock& clock;
  Random& random;
  std::function<std::string()> today;  ///< the date where the person is: "2013-01-31"
  std::string person;                  ///< who decides here: "ada@workstation"
  /// Makes the client of a plain model. It sends nothing and reveals no key before it is asked.
  std::function<Result<std::unique_ptr<Model>>(const ModelConfig&)> open_model{};
  /// The tokens that are kept beside the runs of this journal, which outlives them; nullptr where there are none.
  std::function<TokenStore*(Journal&)> tokens{};
  /// The same for what chat channels are to be told.
  std::function<Outbox*(Journal&)> outbox{};
  Telemetry* telemetry = nullptr;                         ///< hears of everything that is done; it outlives the App
  std::function<std::vector<std::string>()> kept_from{};  ///< origins of services that calls are kept from, because they kept failing
};

/// Whether the built-in planner is asked before a model.
enum class FastPath : std::uint8_t { as_configured, off };

struct AskRequest {
  std::string connection{};  ///< "" for the default one
  std::string question{}, sql{};
  std::string by{};                        ///< who asks; "" for AppPorts::person
  bool policy_decides = false;             ///< where the configured policy allows it, nobody is asked
  bool interactive = false;                ///< somebody is there whom the proposer may ask back
  std::vector<std::string> feedback{};     ///< refinements that are given with the question
  std::optional<ApprovalPolicy> policy{};  ///< decides in the place of the configured one
  std::optional<std::chrono::milliseconds> approval_timeout{};
  std::optional<std::string> model{};  ///< in sluice.yaml; "": none; unset: as `agents.ask` says
  FastPath fast_path = FastPath::as_configured;
  bool model_alone = false;      ///< the planner does not stand in for a model that fails
  bool fresh = false;            ///< no reply that a model gave an earlier run is used
  bool without_catalog = false;  ///< the model sees the question alone: the control of `sluice eval`
};

/// What somebody wants to get at. What is empty is not known, or all of it: `may` says what that takes.
struct AccessTo {
  std::string connection{}, workflow{};
  RunId run{};
  ApprovalId approval{};
};

/// An approval that somebody may do something with, and what it is about.
struct PermittedApproval {
  ApprovalInfo approval{};
  AccessTo about{};
};

/// Where a question waits for a worker.
struct QueuedAs {
  std::string queue{"default"};
  int priority = 0;         ///< the lower number goes first
  std::string dedup_key{};  ///< the same question with the same key again is the run that there is: E0121 for another question
};

struct Enqueued {
  RunId run{};
  bool existed = false;  ///< the key belongs to a run with this question already
};

/// What a worker tells, with the run's status as lists show it: none where there is no run.
using TellWork = std::function<void(const WorkerNews& news, std::optional<AskStatus> status)>;

/// What a worker is to do; what is not given is as `worker:` in sluice.yaml says.
struct WorkRequest {
  std::vector<std::string> queues{};
  std::optional<int> concurrency{};
  std::optional<std::chrono::milliseconds> drain{};
  bool until_idle = false;
};

/// The operations that people call, the same for every face (terminal now, server later). One object per process; any thread.
class App {
 public:
  App(Config config, AppPorts ports);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  const Config& config() const;
  /// Who decides where nobody else is named: "ada@workstation".
  const std::string& person() const;
  /// The connection that the name means ("" for the default one). E0810 with "did you mean".
  Result<const ConnectionConfig*> connection(const std::string& name) const;

  /// Records the question and works on it until it ends or waits for a person.
  Result<RunView> ask(const AskRequest& request, const DriveOptions& options);
  /// Records the question; a worker works on it. E0814.
  Result<Enqueued> enqueue(const AskRequest& request, const QueuedAs& as);
  /// How a worker would serve its queues. E0814.
  Result<WorkerOptions> worker_options(const WorkRequest& request) const;
  /// Works on what is due in the queues until it is stopped, and then as `Worker::run` says. Once in a process.
  /// This process ends: nobody waits any more for a journal's server that is away. Any thread.
  void stop_waiting();
  Result<WorkerReport> work(WorkerOptions options, TellWork tell, const std::stop_token& stop, const std::stop_token& hurry);
  /// Queues other than these in which runs wait for a worker, with how many (of the newest kListMax that wait).
  Result<std::map<std::string, std::int64_t>> waiting_elsewhere(const std::vector<QueueLimits>& served);
  /// Sends a run a message that it waits for, or will. The same `id` again is the same message; "" for a new one. E0102, E0115, E0124, E0815.
  Result<> signal(const RunId& run, const std::string& topic, const Json& data, const std::string& id, const std::string& by = {});
  Result<RunView> resume(const RunId& run, const DriveOptions& options);
  /// Closes what is open of the connections' data, as soon as nobody works with it, until it is needed again: while a person thinks, a DuckDB file
  /// that is open here could be written by nobody.
  void rest();
  /// Blocks until the run is due, has ended, or the time is up; then `resume`.
  Result<> wait(const RunId& run, std::chrono::milliseconds at_most, const std::stop_token& stop);
  Result<RunView> cancel(const RunId& run, const std::string& reason, const std::string& by = {});
  Result<RunView> run(const RunId& run);
  /// Newest first. E0102 and E0809 where the cursor names none, or several.
  Result<RunList> runs(const RunSearch& search);
  /// The run that the id, or the only one whose id begins so (also with "…" behind it), names: E0102, E0809.
  Result<RunId> find_run(const std::string& id);
  Result<std::vector<EventInfo>> events(const RunId& run);
  /// What is new in the journal, from now on, by whichever process. It uses this object.
  Result<std::unique_ptr<ChangeWatch>> watch_changes();
  /// What chat channels are to be told: the journal keeps it.
  Result<Outbox*> outbox();
  /// The run as it was right after the step, or the event with this number: E0127.
  Result<RunAt> run_at(const RunId& run, const std::string& step);
  /// Where two runs differ, step by step.
  Result<RunDiff> diff(const RunId& one, const RunId& other);
  /// Begins a run with a part of another one's history; `resume` goes on with it. E0127, E0130, E0133.
  Result<Forked> fork(const ForkRequest& request);
  /// Writes the run, the runs that it started and what they refer to; import takes that in. E0124, E0134, and what the stores say.
  Result<CopySummary> export_run(const RunId& run, std::ostream& to);
  Result<CopySummary> import_runs(std::istream& from, const std::string& by = {});
  /// E0750 with "did you mean" for a name that no model or chain has.
  Result<> find_model(const std::string& name) const;
  /// Every model call of the run that journal or ledger knows of, in order.
  Result<std::vector<PromptView>> prompts(const RunId& run);
  /// A run's calls as the ledger has them, in order.
  Result<std::vector<LedgerEntry>> model_calls(const RunId& run);
  Result<std::vector<CostLine>> costs(std::chrono::milliseconds since, CostsBy by);
  /// Approved questions that models are shown as examples on the connection, newest first.
  Result<std::vector<ApprovedQuestion>> examples(const std::string& connection);
  /// E0106 for an approval that is no example.
  Result<ApprovedQuestion> forget_example(const std::string& connection, const std::string& approval);
  /// Streams the rows of an answered run.
  Result<> rows(const RunView& run, std::int64_t rows_max, RowSink& sink);
  /// The same as the Parquet file that is kept, part by part.
  Result<> copy_result(const RunView& run, const std::function<Result<>(std::string_view part)>& to);
  /// Reads the table's first rows, outside of any run: proven and read as a person's own SELECT is. E0340, E0350 to E0353.
  Result<> preview(const std::string& connection, const TableName& table, std::int64_t rows_max, RowSink& sink, std::stop_token stop);
  /// What the columns of a table of the catalog hold, by its first rows: read as a preview is.
  Result<TableProfile> profile(const std::string& connection, const Table& table, std::stop_token stop);

  /// Newest first, any number. What nobody has decided in its time is expired here, also where the journal still holds it open.
  Result<std::vector<ApprovalInfo>> approvals(const ApprovalFilter& filter);
  Result<ApprovalInfo> approval(const ApprovalId& id);
  /// By its id, or by the beginning of it that no other has: E0106, E0809.
  Result<ApprovalInfo> find_approval(const std::string& id);
  /// E0505 for a yes to what was asked back: that takes an answer. E1302 for a yes to what `decided_by` proposed, where sluice.yaml wants four eyes.
  /// All decisions come through here, whatever the channel.
  Result<ApprovalInfo> decide(const ApprovalId& id, DecisionInput decision);
  /// Gives the answer with this number, from 1, to what was asked back; `shown` is the approval as the person saw it. E0505.
  Result<ApprovalInfo> choose(const ApprovalInfo& shown, std::int64_t number, const std::string& by = {});
  /// The approval that a run's id stands for: its open one, as long as it is the only one that the run ever had. Later rounds ask about something
  /// else, so there the approval's own id is needed: E0503.
  Result<ApprovalInfo> only_approval_of(const RunId& run);
  /// A decision message (approval.json): about the approval or the subject that it names, else as `only_approval_of` its thread.
  Result<ApprovalInfo> decide(const DecisionMessage& message, const std::string& by = {});

  // Who may do what. A face asks `check` first, with what it is about, and then does it in the principal's name: `by`, `decided_by`. Where `by` is
  // empty, it is AppPorts::person who acts.

  /// Whoever acts where nobody has to log in.
  Principal local() const;
  /// Whoever shows this token. E1303 for every one that does not count; which and why, the audit chain says.
  Result<Principal> authenticate(std::string_view secret);
  /// Somebody who has just logged in at the provider, which is noted; the same later, while their session lasts. E1301 for a name that no person has.
  Result<Principal> log_in(const LoggedIn& who);
  /// The same with a token, for a browser.
  Result<Principal> log_in(std::string_view secret);
  Result<Principal> logged_in(const LoggedIn& who) const;
  /// E1301, noted in the audit chain.
  Result<> check(const Principal& who, Deed deed, const AccessTo& to);
  /// The same for a run: of the connection that it is about, as the run itself has it. E0102.
  Result<> check(const Principal& who, Deed deed, const RunId& run);
  /// The same for who comes over the network and names a run by its whole id. One that they may not look at is not there, in the same words: E0102.
  /// Nothing is read of it but what says that. What it is about.
  Result<AccessTo> permit(const Principal& who, Deed deed, const RunId& run);
  /// The same for an approval: E0106.
  Result<PermittedApproval> permit(const Principal& who, Deed deed, const ApprovalId& approval);
  /// The same for a connection, in the workflow `ask`: E0810. "" is the default one.
  Result<const ConnectionConfig*> permit_connection(const Principal& who, Deed deed, const std::string& connection);
  /// The same for an approval, by the run that it belongs to.
  Result<> check(const Principal& who, Deed deed, const ApprovalInfo& approval);
  /// Why the principal cannot give a yes although they may decide: E1302. Notes nothing: for a page that says so beforehand.
  Result<> may_approve(const Principal& who, const ApprovalInfo& approval);
  /// For what a face refuses by itself (a foreign origin, a forged request). `who` is a principal's name, or "": never what a stranger says.
  void note_refusal(const std::string& who, const std::string& deed, const AccessTo& to, const std::string& why);
  /// E1304, E1306. Without `lives` it does not expire.
  Result<NewToken> create_token(const std::string& name, std::optional<std::chrono::milliseconds> lives, const std::string& by = {});
  /// Newest first.
  Result<std::vector<StoredToken>> tokens();
  /// E1305.
  Result<StoredToken> revoke_token(const std::string& name, const std::string& by = {});

  /// Asks every question of a set in every arm, and compares the rows with those of its gold: each a run of its own, approved by the policy "eval".
  /// A stop gives what is there by then. E0709, E0850 to E0853.
  Result<eval::Report> evaluate(const EvalRequest& request, const EvalEvents& events, const std::stop_token& stop);

  Result<Proof> prove(const std::string& connection, const std::string& sql, std::stop_token stop);
  Result<std::shared_ptr<const KnownCatalog>> catalog(const std::string& connection, std::stop_token stop);
  /// What the glossary says for the connection; empty where there is none. E0709, E0740 and the like.
  Result<Glossary> glossary(const std::string& connection) const;
  /// What of it the connection's catalog does not bear out.
  Result<std::vector<Error>> glossary_problems(const Catalog& catalog) const;
  /// Product, version, account and address of a connection that can be reached.
  Result<std::string> test(const std::string& connection, std::stop_token stop);
  /// What makes the connection less safe than it could be, a login that may write, and what of its dbt project could not be read.
  Result<std::vector<std::string>> warnings(const std::string& connection, std::stop_token stop);
  /// The configured models, in the file's order. Touches no network.
  std::vector<ModelView> models();
  /// Asks the model for a small reply in JSON. E0750, E0752, and what the model says (E1001 to E1010).
  Result<ModelTest> test_model(const std::string& model, const std::stop_token& stop, const ModelEvents& events = {});
  /// Reads the whole journal and says what is damaged: E0202.
  Result<> check_journal();

  /// Reads the audit chain and holds the journal against it; where a file of anchors is named, also against these. E0138.
  Result<AuditReport> verify_audit(const std::string& anchors, const ProgressWords& progress, const std::stop_token& stop);
  /// Notes in the file where the chain ends now; nothing where it is empty. E0131, E0138.
  Result<std::optional<AuditAnchor>> anchor_audit(const std::string& file);
  /// The chain's entries of the newest time (all where it is 0), each a line of JSON with its newline. Returns how many.
  Result<std::int64_t> export_audit(std::chrono::milliseconds newest, const std::function<Result<>(const std::string& line)>& sink,
                                    const std::stop_token& stop);
  /// Deletes old runs, old approvals of theirs, and then artifacts and results that nothing names any more. E0139.
  Result<RetentionReport> prune(const RetentionRequest& request, const ProgressWords& progress, const std::stop_token& stop);
  Result<StoredSizes> stored_sizes();
  /// Runs that have not ended, by queue and status.
  Result<std::vector<RunCount>> run_counts(const Sight& sight = {});
  /// How the work of all processes stands, for figures: reads every run that has not ended.
  Result<std::vector<GaugeValue>> gauges();
  /// What this process tells of its work; nullptr where nobody hears it.
  Telemetry* telemetry() const;
  /// Whether this program could go on with these runs, or with all that have not ended: executes what is recorded of each, without writing and
  /// without calling anything. E0102.
  Result<PreflightReport> preflight(const std::vector<RunId>& only, const std::function<void(const Preflight&, AskStatus)>& each,
                                    const ProgressWords& progress, const std::stop_token& stop);

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace sluice
