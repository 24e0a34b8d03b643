#include "flows/ask/ask_agent.h"

#include <algorithm>

#include "base/text.h"

namespace sluice {
namespace {

/// Rows of the trial that are read to tell whether two drafts give the same.
constexpr std::int64_t kCompareRows = 2000;

/// A draw that could be read.
struct Draft {
  SqlReply reply{};
  std::string text{};   ///< as the model wrote it
  std::string model{};  ///< "default (anthropic/claude-sonnet-4-5)"
};

/// Drafts whose queries give the same result.
struct Group {
  std::string result{};  ///< by which they are known to give the same
  Draft draft{};         ///< the first of them
  Proof proof{};
  std::int64_t votes = 1;
};

/// Where the trial could not tell the result, only the same statement is known to give the same.
std::string result_of(const Proof& proof) { return proof.sample.digest.empty() ? proof.statement_hash : proof.sample.digest; }

/// What a careful colleague would ask about a query that passes: the rows it may count twice, the filter that nothing passes.
std::vector<std::string> doubts_about(const Proof& proof) {
  std::vector<std::string> doubts;
  for (const Check& check : proof.checks)
    if (check.outcome == Outcome::warning && (check.check == "fan-out" || check.check == "joins" || check.check == "null-comparison"))
      doubts.push_back(check.in_words());
  if (proof.sample.whole_tables && proof.sample.rows.empty() && !proof.sample.columns.empty())
    doubts.emplace_back("it runs, and gives no row: is every value spelled as the data has it, does each join match?");
  return doubts;
}

/// Without the reason, which is worded anew for each draft: "went on to \"default\"".
std::string_view what_of(std::string_view note) { return note.substr(0, note.find(" after: ")); }

std::string name_of(const ModelCalled& called) { return called.model + " (" + called.provider + ")"; }

/// The judge of a run's rounds. It works by steps alone, and by what they gave.
class Judge {
 public:
  Judge(const AskPorts& ports, const AskInput& input, const AskOfModel& ask) : ports_(ports), input_(input), ask_(ask) {}

  /// What the round's prompt shows.
  void shown(const Composed& composed) { composed_ = composed; }

  Result<Judged<Worked>> operator()(Context& round, const ModelOutcome& outcome) {
    read(outcome);
    TRY_VOID(prove(round));
    const std::int64_t cannot = count(SqlReplyKind::cannot), asks = count(SqlReplyKind::question), tables = count(SqlReplyKind::tables);
    const auto best = std::ranges::max_element(groups_, {}, [](const Group& group) { return std::pair(group.votes, -group.proof.warnings()); });
    const std::int64_t votes = best == groups_.end() ? 0 : best->votes;
    ++round_no_;
    if (votes > 0 && votes >= std::max({cannot, asks, tables})) return settle(round, *best);
    if (cannot > 0 && cannot >= std::max(asks, tables)) return unanswerable(first(SqlReplyKind::cannot));
    if (asks > 0 && asks >= tables) return question(first(SqlReplyKind::question));
    if (tables > 0) return more_tables();
    return again();
  }

  /// The last draft that failed: what there is to show where the rounds end without a query.
  const Worked& last() const { return last_; }

 private:
  void read(const ModelOutcome& outcome) {
    drafts_.clear();
    groups_.clear();
    problem_.reset();
    drawn_ = kept_ = 0;
    for (const ModelCalled& called : outcome.calls) {
      for (const std::string& note : called.notes)
        if (std::ranges::find(notes_, what_of(note), what_of) == notes_.end()) notes_.push_back(note);
      if (called.error) continue;
      ++drawn_;
      if (called.cached) ++kept_;
      auto reply = read_sql_reply(called.reply);
      if (reply)
        drafts_.push_back({*std::move(reply), called.reply.text, name_of(called)});
      else if (!problem_)
        problem_ = {called.reply.text, std::move(reply).error()};
    }
  }

  /// Proves each query once, however often it was drawn.
  Result<> prove(Context& round) {
    ProofLimits limits = input_.limits;
    limits.compare_rows = kCompareRows;
    std::vector<std::pair<std::string, std::string>> seen;  // text → result of its group; "" where it failed
    failed_.reset();
    for (const Draft& draft : drafts_) {
      if (draft.reply.kind != SqlReplyKind::sql) continue;
      const auto known = std::ranges::find(seen, draft.reply.sql, &std::pair<std::string, std::string>::first);
      if (known != seen.end()) {
        vote(known->second);
        continue;
      }
      Context candidate = round.scope("candidate", static_cast<std::int64_t>(seen.size()));
      TRY(Proof proof, candidate.step("prove", ports_.prove, {ask_.catalog, draft.reply.sql, limits}));
      const std::string result = proof.holds() ? result_of(proof) : "";
      seen.emplace_back(draft.reply.sql, result);
      if (!proof.holds() && !failed_)
        failed_ = {draft, std::move(proof)};
      else if (proof.holds() && !vote(result))
        groups_.push_back({result, draft, std::move(proof)});
    }
    return {};
  }

  /// False where nothing drawn before gave this.
  bool vote(const std::string& result) {
    const auto group = std::ranges::find(groups_, result, &Group::result);
    if (group == groups_.end()) return false;
    ++group->votes;
    return true;
  }

  std::int64_t count(SqlReplyKind kind) const {
    return std::ranges::count_if(drafts_, [kind](const Draft& draft) { return draft.reply.kind == kind; });
  }
  const Draft& first(SqlReplyKind kind) const {
    return *std::ranges::find_if(drafts_, [kind](const Draft& draft) { return draft.reply.kind == kind; });
  }

  /// The query that most draws agree on. What looks odd about it is said to the model once.
  Result<Judged<Worked>> settle(Context& round, const Group& group) {
    TRY(Worked worked, round.step("settle", ports_.settle,
                                  {.question = input_.question,
                                   .model = group.draft.model,
                                   .reply = group.draft.reply,
                                   .proof = group.proof,
                                   .agreeing = group.votes,
                                   .drawn = drawn_,
                                   .round = round_no_ - 1,
                                   .history = ask_.memory.history}));
    worked.proposal.made_from = made_from(group);
    Judged<Worked> judged;
    std::vector<std::string> doubts = doubts_about(group.proof);
    if (doubts.empty() || doubted_) {
      judged.settled = std::move(worked);
      return judged;
    }
    doubted_ = true;
    judged.fallback = std::move(worked);
    judged.turn = {.reply = group.draft.text, .doubts = std::move(doubts)};
    return judged;
  }

  std::vector<std::string> made_from(const Group& group) const {
    std::vector<std::string> out;
    if (kept_ > 0 && !input_.agent.fresh)
      out.push_back(std::to_string(kept_) + " of " + counted(drawn_, "draft") + " from the cache of replies; --no-cache has them written anew");
    if (drawn_ > 1) out.push_back(std::to_string(group.votes) + " of " + counted(drawn_, "draft") + " gave this result");
    if (round_no_ > 1) out.push_back("draft " + std::to_string(round_no_) + ": the ones before it did not pass, or left a doubt");
    if (composed_.tables_left_out > 0)
      out.push_back("the model was shown " + counted(std::ssize(composed_.tables), "table") + ", those that fit the question; " +
                    with_thousands(composed_.tables_left_out) + " were left out");
    if (!composed_.examples.empty()) out.push_back("it was shown " + counted(std::ssize(composed_.examples), "approved question") + " as an example");
    out.insert(out.end(), notes_.begin(), notes_.end());
    return out;
  }

  Judged<Worked> unanswerable(const Draft& draft) const {
    Judged<Worked> judged;
    judged.settled =
        Worked{.proposal = {.answered_by = draft.model, .model_says = draft.reply.explanation},
               .error = Error{ErrorKind::unanswerable, "E0506",
                              draft.model + " finds no answer to this in the data; model says: " + show_hidden(draft.reply.explanation, false),
                              "ask about what the tables hold: sluice catalog show", 0}};
    return judged;
  }

  static Judged<Worked> question(const Draft& draft) {
    Judged<Worked> judged;
    Worked& worked = judged.settled.emplace(Worked{.proposal = {.answered_by = draft.model, .asks = draft.reply.asks}});
    // What is taken for the person's words is what the person saw and chose, not what the model would like to have been said.
    for (const Proposal::Choice& choice : draft.reply.choices)
      worked.proposal.choices.push_back({choice.label, draft.reply.asks + " " + choice.label});
    return judged;
  }

  Judged<Worked> more_tables() const {
    Judged<Worked> judged;
    for (const Draft& draft : drafts_)
      if (draft.reply.kind == SqlReplyKind::tables)
        judged.turn.look_for.insert(judged.turn.look_for.end(), draft.reply.look_for.begin(), draft.reply.look_for.end());
    judged.turn.reply = first(SqlReplyKind::tables).text;
    judged.why = Error{ErrorKind::unanswerable, "E0506", "the model asked for more tables, and then for more, and found no answer in them",
                       "say in the question which tables it is about, or raise `agents.ask.context_tokens`", 0};
    return judged;
  }

  /// No draft holds: what is wrong with the first.
  Judged<Worked> again() {
    Judged<Worked> judged;
    if (failed_) {
      last_ = {.proposal = {.sql = failed_->first.reply.sql, .answered_by = failed_->first.model, .model_says = failed_->first.reply.explanation},
               .proof = failed_->second};
      judged.turn = {.reply = failed_->first.text, .checks = feedback(failed_->second)};
      judged.why = proof_error(failed_->second);
      say_whose(*judged.why, failed_->first.model + " wrote no query that passes");
    } else if (problem_) {
      const Error& error = problem_->second;
      judged.turn = {.reply = problem_->first, .problem = error.message + (error.hint.empty() ? "" : "; " + error.hint)};
      judged.why = error;
      judged.why->hint.clear();  // it is for the model
      say_whose(*judged.why, input_.agent.model + " gave no reply that can be used");
    }
    return judged;
  }

  /// For the person, who has written nothing of what is wrong.
  void say_whose(Error& error, const std::string& what) const {
    error.message = what + ", in " + counted(round_no_, "round") + ": " + error.message;
    error.hint = (error.hint.empty() ? "" : error.hint + "; ") +
                 "say it in other words, or ask another model; `sluice runs show ID --prompts` shows what it wrote";
  }

  const AskPorts& ports_;
  const AskInput& input_;
  const AskOfModel& ask_;
  std::vector<Draft> drafts_{};
  std::vector<Group> groups_{};
  std::optional<std::pair<std::string, Error>> problem_{};
  std::optional<std::pair<Draft, Proof>> failed_{};
  Composed composed_{};
  std::vector<std::string> notes_{};                  // what models met on the way
  std::int64_t drawn_ = 0, kept_ = 0, round_no_ = 0;  // kept_: drafts of this round that were there already
  bool doubted_ = false;
  Worked last_{};
};

}  // namespace

Result<Worked> work_out_with_model(const Context& run, const AskPorts& ports, const AskInput& input, const AskOfModel& ask) {
  Judge judge(ports, input, ask);
  const auto compose = [&](Context& round, const std::vector<AgentTurn>& turns) -> Result<std::string> {
    TRY(const Composed composed, round.step("compose", ports.compose,
                                            {.catalog = ask.catalog,
                                             .question = input.question,
                                             .today = input.today,
                                             .glossary = input.glossary,
                                             .feedback = ask.feedback,
                                             .previous = ask.previous,
                                             .turns = turns,
                                             .context_tokens = input.agent.context_tokens,
                                             .with_catalog = input.agent.catalog,
                                             .prompts = input.agent.prompts,
                                             .examples = ask.memory.examples}));
    judge.shown(composed);
    return composed.request;
  };
  AgentSettings settings = input.agent;
  if (!settings.catalog) settings.rounds = 1;  // the control hears of no check
  auto worked = propose_and_prove<Worked>(run, settings, {ports.call_model, ports.release}, compose,
                                          [&judge](Context& round, const ModelOutcome& outcome) { return judge(round, outcome); });
  if (worked) return worked;
  // What kept the machinery from working is no answer; what a model or a proof said is.
  const ErrorKind kind = worked.error().kind;
  if (kind == ErrorKind::storage || kind == ErrorKind::stale || kind == ErrorKind::bug || kind == ErrorKind::drift) return worked;
  if (kind == ErrorKind::cancelled) return worked;
  Worked out = judge.last();
  out.error = std::move(worked).error();
  return out;
}

}  // namespace sluice
