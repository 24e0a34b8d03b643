#pragma once
#include <string>
#include <vector>

#include "agents/agent_loop.h"
#include "agents/ports/proposer.h"
#include "agents/settings.h"
#include "agents/sql_reply.h"
#include "approvals/policy.h"
#include "proof/prove.h"
#include "proof/recheck.h"
#include "workflow/context.h"

namespace sluice {

/// How much of a result is fetched at most, and for how long; a query that gives more or takes longer fails, it is never cut silently.
struct ResultCap {
  std::int64_t rows_max = 100'000, bytes_max = 256'000'000, seconds = 60;

  static constexpr auto fields() {
    return std::tuple{Field{"rows_max", &ResultCap::rows_max}, Field{"bytes_max", &ResultCap::bytes_max}, Field{"seconds", &ResultCap::seconds}};
  }
};

/// What a person wants to know, or the SQL that a person wrote (then `question` may be empty). Everything that decides about the run is
/// recorded here: a later change of the configuration does not reach into a run that has begun.
struct AskInput {
  std::string connection{};
  std::string question{};
  std::string sql{};
  ApprovalPolicy policy{};
  ProofLimits limits{};
  ResultCap result{};
  std::int64_t approval_timeout_ms = 0;
  std::string today{};                  ///< the person's date when the run began, 2013-01-31; "" where it was not recorded
  std::string glossary{};               ///< the artifact that holds what the house's words meant when the run began; "" where there is nothing
  bool interactive = false;             ///< somebody is there to choose where the question has several meanings
  AgentSettings agent{};                ///< which model may be asked, how often and for how much
  std::vector<std::string> feedback{};  ///< refinements that were given with the question, before there was a proposal

  static constexpr auto fields() {
    return std::tuple{Field{"connection", &AskInput::connection},
                      Field{"question", &AskInput::question},
                      Field{"sql", &AskInput::sql},
                      Field{"policy", &AskInput::policy},
                      Field{"limits", &AskInput::limits},
                      Field{"result", &AskInput::result},
                      Field{"approval_timeout_ms", &AskInput::approval_timeout_ms},
                      Field{"today", &AskInput::today},
                      Field{"glossary", &AskInput::glossary},
                      Field{"interactive", &AskInput::interactive},
                      Field{"agent", &AskInput::agent},
                      Field{"feedback", &AskInput::feedback}};
  }
};

struct ReadCatalog {
  std::string connection{};
  bool fresh = false;  ///< read it from the engine, also where one was read a moment ago

  static constexpr auto fields() { return std::tuple{Field{"connection", &ReadCatalog::connection}, Field{"fresh", &ReadCatalog::fresh}}; }
};

/// A catalog (with samples of its values) kept as an artifact.
struct CatalogRef {
  std::string connection{}, artifact{};

  static constexpr auto fields() { return std::tuple{Field{"connection", &CatalogRef::connection}, Field{"artifact", &CatalogRef::artifact}}; }
};

struct ProposeInput {
  CatalogRef catalog{};
  std::string question{}, sql{};
  std::vector<std::string> feedback{};
  std::string today{}, glossary{};

  static constexpr auto fields() {
    return std::tuple{Field{"catalog", &ProposeInput::catalog}, Field{"question", &ProposeInput::question},
                      Field{"sql", &ProposeInput::sql},         Field{"feedback", &ProposeInput::feedback},
                      Field{"today", &ProposeInput::today},     Field{"glossary", &ProposeInput::glossary}};
  }
};

struct ProveInput {
  CatalogRef catalog{};
  std::string sql{};
  ProofLimits limits{};

  static constexpr auto fields() {
    return std::tuple{Field{"catalog", &ProveInput::catalog}, Field{"sql", &ProveInput::sql}, Field{"limits", &ProveInput::limits}};
  }
};

struct ReadMemory {
  std::string connection{};
  bool examples = true;  ///< false where a model is to be shown none

  static constexpr auto fields() { return std::tuple{Field{"connection", &ReadMemory::connection}, Field{"examples", &ReadMemory::examples}}; }
};

/// What people decided about a connection's earlier questions (flows/ask/memory.h), as artifacts; "" where there is nothing.
struct MemoryRef {
  std::string examples{};  ///< approved questions
  std::string history{};   ///< decided scores

  static constexpr auto fields() { return std::tuple{Field{"examples", &MemoryRef::examples}, Field{"history", &MemoryRef::history}}; }
};

/// What a prompt is composed of.
struct ComposeInput {
  CatalogRef catalog{};
  std::string question{}, today{}, glossary{};
  std::vector<std::string> feedback{};  ///< a person's refinements, oldest first…
  std::string previous{};               ///< …and the query that they were said of
  std::vector<AgentTurn> turns{};       ///< what the model replied so far, and what was wrong with it
  std::int64_t context_tokens = 0;
  bool with_catalog = true;
  std::string prompts{}, examples{};

  static constexpr auto fields() {
    return std::tuple{Field{"catalog", &ComposeInput::catalog},
                      Field{"question", &ComposeInput::question},
                      Field{"today", &ComposeInput::today},
                      Field{"glossary", &ComposeInput::glossary},
                      Field{"feedback", &ComposeInput::feedback},
                      Field{"previous", &ComposeInput::previous},
                      Field{"turns", &ComposeInput::turns},
                      Field{"context_tokens", &ComposeInput::context_tokens},
                      Field{"with_catalog", &ComposeInput::with_catalog},
                      Field{"prompts", &ComposeInput::prompts},
                      Field{"examples", &ComposeInput::examples}};
  }
};

/// A request that can be sent, and what of the catalog it shows.
struct Composed {
  std::string request{};  ///< the artifact of the ModelRequest
  std::string prompt{};   ///< the version of the prompt files (see prompt_hash)
  std::int64_t tokens = 0;
  std::vector<std::string> tables{};  ///< shown with their columns
  std::int64_t tables_left_out = 0;
  std::vector<std::string> examples{};  ///< approvals whose questions it shows

  static constexpr auto fields() {
    return std::tuple{Field{"request", &Composed::request},
                      Field{"prompt", &Composed::prompt},
                      Field{"tokens", &Composed::tokens},
                      Field{"tables", &Composed::tables},
                      Field{"tables_left_out", &Composed::tables_left_out},
                      Field{"examples", &Composed::examples}};
  }
};

/// A query and what machines found out about it, or why there is none.
struct Worked {
  Proposal proposal{};
  Proof proof{};
  std::optional<Error> error{};

  static constexpr auto fields() {
    return std::tuple{Field{"proposal", &Worked::proposal}, Field{"proof", &Worked::proof}, Field{"error", &Worked::error}};
  }
};

/// A draft whose proof holds, to be given its confidence.
struct SettleInput {
  std::string question{}, model{};
  SqlReply reply{};
  Proof proof{};
  std::int64_t agreeing = 1, drawn = 1, round = 0;
  std::string history{};

  static constexpr auto fields() {
    return std::tuple{Field{"question", &SettleInput::question}, Field{"model", &SettleInput::model},       Field{"reply", &SettleInput::reply},
                      Field{"proof", &SettleInput::proof},       Field{"agreeing", &SettleInput::agreeing}, Field{"drawn", &SettleInput::drawn},
                      Field{"round", &SettleInput::round},       Field{"history", &SettleInput::history}};
  }
};

/// What a yes is given to: these bytes, on this connection's source, with this schema, up to this much.
struct SqlSubject {
  std::string connection{}, source{}, sql{}, statement_hash{}, schema_fingerprint{};
  std::string catalog{};  ///< the artifact that the proof was made with
  Ceiling ceiling{};
  ResultCap result{};

  static constexpr auto fields() {
    return std::tuple{Field{"connection", &SqlSubject::connection},
                      Field{"source", &SqlSubject::source},
                      Field{"sql", &SqlSubject::sql},
                      Field{"statement_hash", &SqlSubject::statement_hash},
                      Field{"schema_fingerprint", &SqlSubject::schema_fingerprint},
                      Field{"catalog", &SqlSubject::catalog},
                      Field{"ceiling", &SqlSubject::ceiling},
                      Field{"result", &SqlSubject::result}};
  }
};

/// What a person is to choose from before there can be a proposal.
struct Clarification {
  std::string connection{}, question{}, asks{};
  std::vector<Proposal::Choice> choices{};

  static constexpr auto fields() {
    return std::tuple{Field{"connection", &Clarification::connection}, Field{"question", &Clarification::question},
                      Field{"asks", &Clarification::asks}, Field{"choices", &Clarification::choices}};
  }
};

/// A query that ran: where its rows are kept, and what it took.
struct Execution {
  std::string result{};  ///< hash in the result store
  std::vector<ResultColumn> columns{};
  ReadStats stats{};
  double cost_usd = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"result", &Execution::result}, Field{"columns", &Execution::columns}, Field{"stats", &Execution::stats},
                      Field{"cost_usd", &Execution::cost_usd}};
  }
};

enum class AskStatus : std::uint8_t { answered, rejected, timeout, failed, unanswerable, waiting, cancelled, paused, unknown };
template <>
struct EnumNames<AskStatus> {
  static constexpr std::array<std::pair<AskStatus, std::string_view>, 9> names{{{AskStatus::answered, "answered"},
                                                                                {AskStatus::rejected, "rejected"},
                                                                                {AskStatus::timeout, "timeout"},
                                                                                {AskStatus::failed, "failed"},
                                                                                {AskStatus::unanswerable, "unanswerable"},
                                                                                {AskStatus::waiting, "waiting"},
                                                                                {AskStatus::cancelled, "cancelled"},
                                                                                {AskStatus::paused, "paused"},
                                                                                {AskStatus::unknown, "unknown"}}};
};

/// How a question ended. A failed proof is an answer too: `error` says what failed, `proof` shows every check. Where nobody was there to say which of
/// several meanings is meant, it is unanswerable, and the proposal holds what was to be asked.
struct AskAnswer {
  AskStatus status = AskStatus::failed;
  Proposal proposal{};
  Proof proof{};
  std::string decided_by{}, reason{};
  Execution execution{};
  std::optional<Error> error{};

  static constexpr auto fields() {
    return std::tuple{Field{"status", &AskAnswer::status}, Field{"proposal", &AskAnswer::proposal},
                      Field{"proof", &AskAnswer::proof},   Field{"decided_by", &AskAnswer::decided_by},
                      Field{"reason", &AskAnswer::reason}, Field{"execution", &AskAnswer::execution},
                      Field{"error", &AskAnswer::error}};
  }
};

/// The workflow's hands: each is built by an adapter that knows what its service allows.
struct AskPorts {
  Activity<ReadCatalog, CatalogRef> read_catalog;
  Activity<ProposeInput, Proposal> propose;
  Activity<ReadMemory, MemoryRef> read_memory;
  Activity<ComposeInput, Composed> compose;
  Activity<ModelCalls, ModelOutcome> call_model;
  Activity<EndedCalls, bool> release;  ///< of models' replies
  Activity<ProveInput, Proof> prove;
  Activity<SettleInput, Worked> settle;
  Activity<Approved<SqlSubject>, Execution> execute;
};

/// Rounds in a row that no refinement or choice asked for: new proofs because the data changed under an approval.
inline constexpr int kRoundsAloneMax = 10;
/// All rounds of a run. A person who refines loses the last proposal where they end, so that they are more than anybody goes through.
inline constexpr int kRoundsMax = 300;

/// Question → proposal → proof → approval → result. A refinement or an edit starts a new round with a new proof and a new approval, and so does a
/// schema or an estimate that is no longer what was approved. A refinement that leads nowhere shows what was shown before, as it was: the approval is
/// new, its subject the same. Where the proposer asks back, the person's choice is a refinement.
Result<AskAnswer> ask(Context& run, const AskPorts& ports, const AskInput& input);

}  // namespace sluice
