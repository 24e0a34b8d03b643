#include "flows/ask/ask.h"

#include "approvals/card.h"

namespace sluice {
namespace {

/// What a round starts from.
struct Draft {
  std::string sql{};  ///< a person's own text; "" lets the proposer write
  std::vector<std::string> feedback{};
};

/// What rounds hand on. `proven` is the last draft that passed its proof: a refinement that leads nowhere falls back to it.
struct Rounds {
  Draft draft{};
  std::optional<Draft> proven{};
  std::string notice{};    ///< why there is another round, for the person
  std::string unproven{};  ///< a person's edit that led here and did not pass: theirs to mend
  bool stale = false;      ///< the data changed under an approval
};

AskAnswer ended(AskStatus status, const Proposal& proposal, const Proof& proof) {
  AskAnswer answer;
  answer.status = status;
  answer.proposal = proposal;
  answer.proof = proof;
  return answer;
}

/// The end, or, where a person's refinement led here, another round with what was proven before.
std::optional<AskAnswer> failed(Rounds& rounds, const Proposal& proposal, const Proof& proof, Error error) {
  if (rounds.proven && !rounds.stale) {
    if (rounds.draft.sql != rounds.proven->sql) rounds.unproven = rounds.draft.sql;
    rounds.draft = *rounds.proven;
    rounds.notice = "back to the former proposal: " + error.message + (rounds.unproven.empty() ? "" : "; edit opens your text again");
    return std::nullopt;
  }
  AskAnswer answer = ended(error.kind == ErrorKind::unanswerable ? AskStatus::unanswerable : AskStatus::failed, proposal, proof);
  answer.error = std::move(error);
  return answer;
}

SqlSubject subject_of(const AskInput& input, const CatalogRef& catalog, const Proposal& proposal, const Proof& proof) {
  return {.connection = input.connection,
          .source = proof.source,
          .sql = proposal.sql,
          .statement_hash = proof.statement_hash,
          .schema_fingerprint = proof.schema_fingerprint,
          .catalog = catalog.artifact,
          .ceiling = ceiling_for(proof.estimate, input.limits),
          .result = input.result};
}

ProposedBy proposer_of(const Proposal& proposal) {
  ProposedBy by{.name = proposal.answered_by, .confidence = proposal.confidence, .model_says = proposal.model_says};
  for (const LinkedWord& word : proposal.linked) by.understood.push_back({word.word, word.meaning});
  return by;
}

void refine(Draft& draft, const Decision<SqlSubject>& decision) {
  if (decision.edited.empty()) {
    draft.feedback.push_back(decision.feedback);
  } else {
    draft = {.sql = decision.edited};
  }
}

/// Carries the approved query out; nothing where the data is no longer what was approved.
Result<std::optional<AskAnswer>> carry_out(Context& round, const AskPorts& ports, const Decision<SqlSubject>& decision, Rounds& rounds,
                                           AskAnswer answer) {
  auto execution = round.step("execute", ports.execute, *decision.approved);
  answer.decided_by = decision.decided_by;
  if (execution) {
    answer.status = AskStatus::answered;
    answer.execution = *std::move(execution);
    return std::optional(std::move(answer));
  }
  if (execution.error().kind != ErrorKind::stale) {
    answer.status = AskStatus::failed;
    answer.error = std::move(execution).error();
    return std::optional(std::move(answer));
  }
  rounds.stale = true;
  rounds.notice = execution.error().message;
  return std::optional<AskAnswer>();
}

/// One round: an answer, or nothing where another round has to follow.
Result<std::optional<AskAnswer>> one_round(Context& round, const AskPorts& ports, const AskInput& input, Rounds& rounds) {
  TRY(const CatalogRef catalog, round.step("read catalog", ports.read_catalog, {input.connection, rounds.stale}));
  auto proposal = round.step("propose", ports.propose, {catalog, input.question, rounds.draft.sql, rounds.draft.feedback});
  if (!proposal && proposal.error().kind != ErrorKind::unanswerable) return std::move(proposal).error();
  if (!proposal) return failed(rounds, {}, {}, std::move(proposal).error());
  auto proved = round.step("prove", ports.prove, {catalog, proposal->sql, input.limits});
  if (!proved && proved.error().kind == ErrorKind::stale) {
    rounds.stale = true;  // the catalog was older than the database: read it anew
    rounds.notice = proved.error().message;
    return std::optional<AskAnswer>();
  }
  TRY(const Proof proof, std::move(proved));
  if (!proof.holds()) return failed(rounds, *proposal, proof, proof_error(proof));

  const SqlSubject subject = subject_of(input, catalog, *proposal, proof);
  const Card card = make_card({input.connection, input.question, subject.sql, rounds.notice, rounds.unproven, proposer_of(*proposal), proof,
                               subject.ceiling, subject.result.rows_max});
  TRY(const auto decision,
      round.wait_for_approval("run this query", subject, approval_request(card, input.policy, proof, input.approval_timeout_ms)));
  rounds.proven = rounds.draft;
  rounds.notice.clear();
  rounds.unproven.clear();
  rounds.stale = false;
  if (decision.expired) return std::optional(ended(AskStatus::timeout, *proposal, proof));
  if (decision.approved) return carry_out(round, ports, decision, rounds, ended(AskStatus::answered, *proposal, proof));
  if (decision.refine) {
    refine(rounds.draft, decision);
    return std::optional<AskAnswer>();
  }
  AskAnswer answer = ended(AskStatus::rejected, *proposal, proof);
  answer.decided_by = decision.decided_by;
  answer.reason = decision.reason;
  return std::optional(std::move(answer));
}

}  // namespace

Result<AskAnswer> ask(Context& run, const AskPorts& ports, const AskInput& input) {
  Rounds rounds{.draft = {.sql = input.sql}};
  for (int n = 0; n < kRoundsMax; ++n) {
    Context round = run.scope("round", n);
    TRY(std::optional<AskAnswer> answer, one_round(round, ports, input, rounds));
    if (answer) return *std::move(answer);
  }
  return Error::exhausted("rounds of refinement", kRoundsMax);
}

}  // namespace sluice
