// The operations that have to do with models and agents.
#include <algorithm>

#include "app/app_inner.h"
#include "app/project_prompts.h"
#include "base/text.h"

namespace sluice {
Budget budget_of(const BudgetConfig& config) {
  return {.usd = config.usd, .tokens = config.tokens, .calls = config.calls, .seconds = config.seconds};
}

/// What decides about the agent, as it is when the run begins: a later change of the configuration does not reach into it.
Result<AgentSettings> App::Inner::agent_settings(const AskRequest& request) {
  const AgentConfig& agent = config.agents.ask;
  AgentSettings settings{.model = request.model.value_or(agent.model)};
  if (!settings.has_model()) return settings;
  TRY_VOID(models.find(settings.model));
  settings.fast_path = agent.fast_path && request.fast_path == FastPath::as_configured && !request.without_catalog;
  settings.stand_in = !request.model_alone;
  settings.candidates = agent.candidates;
  settings.rounds = agent.rounds;
  settings.context_tokens = agent.context_tokens;
  settings.catalog = !request.without_catalog;
  settings.fresh = request.fresh;
  settings.run_budget = budget_of(config.budgets.run);
  settings.day_budget = budget_of(config.budgets.day);
  TRY(const std::optional<Prompt> prompts, project_prompt(config, "ask"));
  if (prompts) {
    TRY(settings.prompts, artifacts->put(encode(*prompts).dump()));
  }
  return settings;
}

Result<AgentMemory> App::Inner::agent_memory(const std::string& connection) {
  TRY(Ledger * costs, ledger());
  return read_agent_memory(*journal, *costs, connection);
}

Result<> App::find_model(const std::string& name) const {
  TRY_VOID(inner_->models.find(name));
  return {};
}

Result<std::vector<PromptView>> App::prompts(const RunId& id) {
  TRY(const std::vector<EventInfo> all, events(id));
  TRY(Ledger * ledger, inner_->ledger());
  TRY(const std::vector<LedgerEntry> calls, ledger->entries(id.text));
  return run_prompts(all, calls, *inner_->artifacts,
                     [this](const LedgerEntry& call, const ModelRequest& request) { return inner_->model_caller->kept_reply(call, request); });
}

Result<std::vector<LedgerEntry>> App::model_calls(const RunId& id) {
  TRY(Ledger * ledger, inner_->ledger());
  return ledger->entries(id.text);
}

Result<std::vector<CostLine>> App::costs(std::chrono::milliseconds since, CostsBy by) {
  TRY_VOID(inner_->workflows());
  TRY(Ledger * ledger, inner_->ledger());
  return ledger->costs(inner_->journal->now() - since.count(), by);
}

Result<std::vector<ApprovedQuestion>> App::examples(const std::string& name) {
  TRY(const ConnectionConfig* of, connection(name));
  TRY_VOID(inner_->workflows());
  TRY(AgentMemory memory, inner_->agent_memory(of->name));
  return std::move(memory.examples);
}

Result<ApprovedQuestion> App::forget_example(const std::string& name, const std::string& approval) {
  TRY(const std::vector<ApprovedQuestion> known, examples(name));
  const auto found = std::ranges::find(known, approval, &ApprovedQuestion::approval);
  if (found == known.end())
    return Error{ErrorKind::not_found, "E0106", "\"" + show_hidden(approval, false) + "\" is no example that models are shown",
                 "`sluice examples list` shows those that there are", 0};
  TRY(Ledger * ledger, inner_->ledger());
  TRY_VOID(ledger->forget_example(approval));
  return *found;
}

}  // namespace sluice
