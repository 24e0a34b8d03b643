#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/session.h"

namespace sluice {

/// One function a command, each returning the exit status. Options are what the command line said.
struct AskOptions {
  std::string text{}, connection{};
  bool is_sql = false;
  std::string approve = "ask";  ///< ask | policy, as the command line says it
  std::string approval_timeout{};
  std::string model{};  ///< --model; "": as configured
  bool no_model = false, no_fast_path = false, no_cache = false;
  std::optional<std::string> queue{}, dedup_key{};  ///< with a queue, a worker works on it
  std::string priority{};
};
int run_ask(Session& session, const AskOptions& options);
int run_prove(Session& session, const std::string& sql, const std::string& connection);

struct EvalOptions {
  EvalRequest request{};
  std::string against{}, save{};  ///< files of former reports, "" for none
};
int run_eval(Session& session, const EvalOptions& options);

struct InitOptions {
  std::string name{}, duckdb{}, postgres{}, replica{}, sqlite{}, dbt_profile{}, dbt_target{};
  std::vector<std::string> files{};
  bool force = false;  ///< write it even if it cannot be reached
};
int run_init(Session& session, const InitOptions& options);
int run_catalog_profile(Session& session, const std::string& table, const std::string& connection);
int run_catalog_show(Session& session, const std::string& table, const std::string& connection);
int run_connections_list(Session& session);
int run_connections_test(Session& session, const std::string& connection);
int run_models_list(Session& session);
int run_models_test(Session& session, const std::string& model);
int run_doctor(Session& session);

struct ApprovalListOptions {
  bool all = false;
  std::string before{};
  int limit = 0;
};
int run_approvals_list(Session& session, const ApprovalListOptions& options);
int run_approvals_show(Session& session, const std::string& id);
int run_approvals_decide(Session& session, const std::string& id, const DecisionInput& decision);
int run_approvals_choose(Session& session, const std::string& id, std::int64_t number);
int run_approvals_send(Session& session, const std::string& file);

/// What the command line says of the runs to list.
struct RunListOptions {
  std::string status{}, workflow{}, connection{}, queue{}, text{}, since{}, until{}, before{};
  int limit = 0;
};
int run_runs_list(Session& session, const RunListOptions& options);
int run_runs_show(Session& session, const std::string& id);
int run_runs_show_at(Session& session, const std::string& id, const std::string& step);
int run_runs_prompts(Session& session, const std::string& id);
int run_runs_events(Session& session, const std::string& id);
int run_runs_resume(Session& session, const std::string& id);
int run_runs_cancel(Session& session, const std::string& id, const std::string& reason);
int run_runs_diff(Session& session, const std::string& one, const std::string& other);
struct ForkOptions {
  std::string run{}, from{}, set{};
  bool no_wait = false;
};
int run_runs_fork(Session& session, const ForkOptions& options);
int run_runs_export(Session& session, const std::string& id, const std::string& file);
int run_runs_import(Session& session, const std::string& file);

int run_runs_signal(Session& session, const std::string& id, const std::string& topic, const std::string& data, const std::string& message_id);

struct WorkerCommand {
  std::string queues{}, concurrency{}, drain{};  ///< as the command line says; "": as sluice.yaml does
  bool some_queues = false;                      ///< `queues` was given
  bool until_idle = false;
};
int run_worker(Session& session, const WorkerCommand& command);

struct ServeCommand {
  std::string listen{};
  bool no_worker = false;
};
int run_serve(Session& session, const ServeCommand& command);

int run_tokens_create(Session& session, const std::string& name, const std::string& expires);
int run_chat_test(Session& session, const std::string& words);
int run_tokens_list(Session& session);
int run_tokens_revoke(Session& session, const std::string& name);

struct AuditOptions {
  std::string file{};   ///< of anchors, or to export to; "": none, or standard output
  std::string since{};  ///< a duration; "": everything
};
int run_audit_verify(Session& session, const AuditOptions& options);
int run_audit_anchor(Session& session, const AuditOptions& options);
int run_audit_export(Session& session, const AuditOptions& options);
struct PruneOptions {
  std::string older_than{}, approvals_older_than = "1y";
  bool dry = false;
};
int run_runs_prune(Session& session, const PruneOptions& options);
int run_runs_preflight(Session& session, const std::vector<std::string>& ids);

int run_costs(Session& session, const std::string& since, const std::string& by);
int run_examples_list(Session& session, const std::string& connection);
int run_examples_forget(Session& session, const std::string& connection, const std::string& id);

}  // namespace sluice
