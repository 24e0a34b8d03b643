#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "agents/model_caller.h"
#include "app/app.h"
#include "app/catalogs.h"
#include "app/glossaries.h"
#include "app/models.h"

namespace sluice {

constexpr const char* kAsk = "ask";  ///< the workflow's name

Budget budget_of(const BudgetConfig& config);

/// What the operations share: everything that is opened on first use. Its members below `mutex` are made under it.
struct App::Inner {
  Inner(Config given, AppPorts wired) : config(std::move(given)), ports(std::move(wired)), models(config, ports.open_model) {}
  Config config;
  AppPorts ports;
  Models models;
  std::mutex mutex{};
  std::map<std::string, std::shared_ptr<DataEngine>> engines{};  // shared: who works with one keeps it open over a `rest`
  std::unique_ptr<Journal> journal{};                            ///< observed, where there is somebody to tell
  TokenStore* token_store = nullptr;                             ///< of the same journal; nullptr where it keeps none
  Outbox* outbox_store = nullptr;                                ///< the same
  std::unique_ptr<Artifacts> artifacts{};
  std::unique_ptr<ResultStore> results{};
  std::unique_ptr<Ledger> model_ledger{};
  std::unique_ptr<ReplyStore> model_replies{};
  std::unique_ptr<ModelCaller> model_caller{};
  std::unique_ptr<CachedCatalogs> catalogs{};
  std::unique_ptr<Glossaries> glossaries{};
  std::unique_ptr<AskServices> services{};
  AskPorts ask_ports{};
  std::unique_ptr<Engine> engine{};
  std::unique_ptr<Worker> worker{};  // outlives what it could not stop

  Result<std::shared_ptr<DataEngine>> data_engine(const std::string& name);
  Result<ResultStore*> result_store();
  /// The journals whose results lie in this folder: one, unless `journal` was changed.
  Result<std::vector<std::string>> journals_of_results();
  CachedCatalogs::Comments dbt_comments() const;
  Result<Ledger*> ledger();
  Result<ReplyStore*> replies();
  /// What a run of `ask` begins with. Once `workflows` has opened the journal.
  Result<AskInput> ask_input(const AskRequest& request);
  StartOptions start_options(const AskInput& input, const std::string& by) const;
  /// Who acts: "" is whoever sits here.
  const std::string& actor(const std::string& by) const { return by.empty() ? ports.person : by; }
  Result<TokenStore*> tokens();
  /// Notes it; that the journal cannot, changes nothing of the refusal.
  void note(const NewRefusal& refusal);
  /// What a run is about, as it recorded it. E0102.
  Result<AccessTo> subject_of(const RunId& run);
  /// E1302, where four eyes are wanted and `by` proposed what is to be approved.
  Result<> check_four_eyes(const ApprovalInfo& asked, const std::string& by);
  /// The same, noted.
  Result<> decide_by_other_eyes(const ApprovalInfo& asked, const std::string& by);
  Result<std::optional<RunId>> asked_before(const std::string& dedup_key, const AskInput& input);
  Result<AgentSettings> agent_settings(const AskRequest& request);
  /// Once `workflows` has opened the journal.
  Result<AgentMemory> agent_memory(const std::string& connection);
  Result<AskServices*> ask_services();
  Result<Engine*> workflows();
  /// The same for a question that can be asked: E0811, E0810.
  Result<Engine*> workflows_for(const AskRequest& request);
  Result<AskStatus> status_of(Engine& of, RunInfo& run) const;
  static Result<AskStatus> outcome_status(const RunId& run, const Json& output);
  /// What a completed step gave.
  Result<Json> value_of(const EventInfo& event) const;
};

}  // namespace sluice
