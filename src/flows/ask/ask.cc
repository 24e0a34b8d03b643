#include "flows/ask/ask.h"

#include "approvals/card.h"
#include "base/text.h"
#include "flows/ask/ask_agent.h"

namespace sluice {
namespace {

/// What a round starts from.
struct Draft {
  std::string sql{};  ///< a person's own text; "" lets the proposer write
  std::vector<std::string> feedback{};
  std::string previous{};  ///< the query that the last words are about
};

/// Something that a person can decide about, with what it was made from.
struct Shown {
  Draft draft{};
  CatalogRef catalog{};  ///< that the proof was made with
  Worked worked{};       ///< without an error

  std::string_view name() const { return worked.proposal.is_question() ? "question" : "proposal"; }
};

/// What rounds hand on. `shown` is what a person saw last: a refinement that leads nowhere falls back to it. It is kept as it was, since a model that
/// is asked again may say something else, cost again, or be gone.
struct Rounds {
  Draft draft{};
  std::optional<Shown> shown{};
  bool back = false;                  ///< the next round shows that again
  std::string shown_sql{};            ///< of the last proposal that was shown: what a person's words are about
  std::string notice{};               ///< why there is another round, for the person
  std::string unproven{};             ///< a person's edit that led here and did not pass: theirs to mend
  bool stale = false;                 ///< the data changed under an approval
  int alone = 0;                      ///< rounds since a person last asked for one
  std::optional<MemoryRef> memory{};  ///< from where a model was first needed on: the whole run has the same
};

AskAnswer ended(AskStatus status, const Proposal& proposal, const Proof& proof) {
  AskAnswer answer;
  answer.status = status;
  answer.proposal = proposal;
  answer.proof = proof;
  return answer;
}

/// A person has seen what this round came to, and decided: what was to be told is told.
void was_shown(Rounds& rounds, const Shown& shown) {
  rounds.shown = shown;
  if (!shown.worked.proposal.is_question()) rounds.shown_sql = shown.worked.proposal.sql;
  rounds.notice.clear();
  rounds.unproven.clear();
  rounds.stale = false;
}

/// The end, or, where a person's refinement led here, another round with what was shown before.
std::optional<AskAnswer> failed(Rounds& rounds, const Proposal& proposal, const Proof& proof, Error error) {
  if (rounds.shown && !rounds.stale) {
    if (rounds.draft.sql != rounds.shown->draft.sql) rounds.unproven = rounds.draft.sql;
    rounds.draft = rounds.shown->draft;
    rounds.back = true;
    rounds.notice = "back to the former " + std::string(rounds.shown->name()) + ": " + error.message;
    if (!error.hint.empty()) rounds.notice += "; " + error.hint;
    if (!rounds.unproven.empty()) rounds.notice += "; edit opens your text again";
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
  ProposedBy by{.name = proposal.answered_by,
                .confidence = proposal.confidence,
                .score = proposal.score,
                .model_says = proposal.model_says,
                .made_from = proposal.made_from};
  for (const LinkedWord& word : proposal.linked) by.understood.push_back({word.word, word.meaning});
  return by;
}

template <class Subject>
void refine(Rounds& rounds, const Decision<Subject>& decision) {
  rounds.alone = 0;
  if (decision.edited.empty()) {
    rounds.draft.feedback.push_back(decision.feedback);
    rounds.draft.previous = rounds.shown_sql;
  } else {
    rounds.draft = {.sql = decision.edited};
  }
}

AskAnswer rejected(const Proposal& proposal, const Proof& proof, std::string by, std::string reason) {
  AskAnswer answer = ended(AskStatus::rejected, proposal, proof);
  answer.decided_by = std::move(by);
  answer.reason = std::move(reason);
  return answer;
}

Error needs_a_choice(const Proposal& proposal) {
  std::string meanings;
  for (const Proposal::Choice& choice : proposal.choices) meanings += (meanings.empty() ? "\"" : "; \"") + show_hidden(choice.label, false) + "\"";
  // A model's words: none of them may look like another line of Sluice's.
  return {ErrorKind::unanswerable, "E0504", show_hidden(proposal.asks, false),
          "ask again and say which: " + meanings + "; in a terminal you are asked", 0};
}

/// Puts the proposer's question to a person, whose choice is one more refinement; the end where nobody is there.
Result<std::optional<AskAnswer>> ask_back(Context& round, const AskInput& input, const Shown& shown, Rounds& rounds) {
  const Proposal& proposal = shown.worked.proposal;
  if (!input.interactive) return failed(rounds, proposal, {}, needs_a_choice(proposal));
  const Clarification subject{input.connection, input.question, proposal.asks, proposal.choices};
  std::vector<CardChoice> choices;
  choices.reserve(proposal.choices.size());
  for (const Proposal::Choice& choice : proposal.choices) choices.push_back({choice.label, choice.feedback});
  const Card card =
      make_question_card({input.connection, input.question, proposal.asks, rounds.notice, rounds.unproven, proposal.answered_by, std::move(choices)});
  TRY(const auto decision, round.wait_for_approval("answer this question", subject, question_request(card, input.approval_timeout_ms)));
  was_shown(rounds, shown);
  if (decision.expired) return std::optional(ended(AskStatus::timeout, proposal, {}));
  // Sluice takes no yes to a question (E0505), but another version of it may have done so.
  if (decision.approved) return failed(rounds, proposal, {}, needs_a_choice(proposal));
  if (!decision.refine) return std::optional(rejected(proposal, {}, decision.decided_by, decision.reason));
  refine(rounds, decision);
  return std::optional<AskAnswer>();
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

/// What the built-in planner makes of the draft (or the person's own text), and its proof.
Result<Worked> work_out_without_model(Context& round, const AskPorts& ports, const AskInput& input, const Draft& draft, const CatalogRef& catalog) {
  auto proposal = round.step("propose", ports.propose, {catalog, input.question, draft.sql, draft.feedback, input.today, input.glossary});
  if (!proposal && proposal.error().kind != ErrorKind::unanswerable) return std::move(proposal).error();
  if (!proposal) return Worked{.error = std::move(proposal).error()};
  if (proposal->is_question()) return Worked{.proposal = *std::move(proposal)};
  TRY(Proof proof, round.step("prove", ports.prove, {catalog, proposal->sql, input.limits}));
  Worked worked{.proposal = *std::move(proposal), .proof = std::move(proof)};
  if (!worked.proof.holds()) worked.error = proof_error(worked.proof);
  return worked;
}

/// The model was not there: what the planner said of the question is still true, and what would have helped was tried.
Worked without_model(Worked planned, const Error& model) {
  if (!planned.error) {
    planned.proposal.made_from.push_back("the built-in planner stands in, as the model did not answer: " + model.message);
    return planned;
  }
  planned.error->message += "; and the model did not answer: " + model.message;
  planned.error->hint = model.hint.empty() ? planned.error->hint : model.hint;
  return planned;
}

/// The planner first where it is the fast path, then the model; the planner alone where there is no model, and for a person's own text.
Result<Worked> work_out(Context& round, const AskPorts& ports, const AskInput& input, Rounds& rounds, const CatalogRef& catalog) {
  const Draft& draft = rounds.draft;
  const bool own_text = !draft.sql.empty();
  const bool model = input.agent.has_model() && (!own_text || !draft.feedback.empty());
  if (!model) return work_out_without_model(round, ports, input, draft, catalog);
  std::optional<Worked> planned;
  if (input.agent.fast_path && !own_text) {
    TRY(planned, work_out_without_model(round, ports, input, draft, catalog));
    if (!planned->error && (!planned->proposal.is_question() || input.interactive)) return *std::move(planned);
  }
  if (!rounds.memory) {
    TRY(rounds.memory, round.step("read memory", ports.read_memory, {input.connection, input.agent.catalog}));
  }
  TRY(Worked worked,
      work_out_with_model(round.scope("agent", 0), ports, input, {catalog, draft.feedback, own_text ? draft.sql : draft.previous, *rounds.memory}));
  if (!worked.error || own_text || !input.agent.stand_in || !(failure_of(*worked.error) || worked.error->code == "E1020")) return worked;
  if (!planned) {
    TRY(planned, work_out_without_model(round, ports, input, draft, catalog));
  }
  return without_model(*std::move(planned), *worked.error);
}

/// Puts the proposal to a person or a policy, and carries out what they approve.
Result<std::optional<AskAnswer>> ask_approval(Context& round, const AskPorts& ports, const AskInput& input, const Shown& shown, Rounds& rounds) {
  const auto& [proposal, proof, error] = shown.worked;
  const SqlSubject subject = subject_of(input, shown.catalog, proposal, proof);
  const Card card = make_card({input.connection, input.question, subject.sql, rounds.notice, rounds.unproven, proposer_of(proposal), proof,
                               subject.ceiling, subject.result.rows_max});
  TRY(const auto decision,
      round.wait_for_approval("run this query", subject, approval_request(card, input.policy, proof, input.approval_timeout_ms)));
  was_shown(rounds, shown);
  if (decision.expired) return std::optional(ended(AskStatus::timeout, proposal, proof));
  if (decision.approved) return carry_out(round, ports, decision, rounds, ended(AskStatus::answered, proposal, proof));
  if (decision.refine) {
    refine(rounds, decision);
    return std::optional<AskAnswer>();
  }
  return std::optional(rejected(proposal, proof, decision.decided_by, decision.reason));
}

Result<std::optional<AskAnswer>> show(Context& round, const AskPorts& ports, const AskInput& input, const Shown& shown, Rounds& rounds) {
  return shown.worked.proposal.is_question() ? ask_back(round, input, shown, rounds) : ask_approval(round, ports, input, shown, rounds);
}

/// One round: an answer, or nothing where another round has to follow.
Result<std::optional<AskAnswer>> one_round(Context& round, const AskPorts& ports, const AskInput& input, Rounds& rounds) {
  if (std::exchange(rounds.back, false)) return show(round, ports, input, Shown(*rounds.shown), rounds);
  TRY(const CatalogRef catalog, round.step("read catalog", ports.read_catalog, {input.connection, rounds.stale}));
  auto worked = work_out(round, ports, input, rounds, catalog);
  if (!worked && worked.error().kind == ErrorKind::stale) {
    rounds.stale = true;  // the catalog was older than the database: read it anew
    rounds.notice = worked.error().message;
    return std::optional<AskAnswer>();
  }
  if (!worked) return std::move(worked).error();
  if (worked->error) return failed(rounds, worked->proposal, worked->proof, *worked->error);
  return show(round, ports, input, {rounds.draft, catalog, *std::move(worked)}, rounds);
}

}  // namespace

Result<AskAnswer> ask(Context& run, const AskPorts& ports, const AskInput& input) {
  Rounds rounds{.draft = {.sql = input.sql, .feedback = input.feedback}};
  for (int n = 0; n < kRoundsMax; ++n) {
    if (rounds.alone++ == kRoundsAloneMax) return Error::exhausted("rounds because the data changed", kRoundsAloneMax);
    Context round = run.scope("round", n);
    TRY(std::optional<AskAnswer> answer, one_round(round, ports, input, rounds));
    if (answer) return *std::move(answer);
  }
  return Error::exhausted("rounds of refinement", kRoundsMax);
}

}  // namespace sluice
