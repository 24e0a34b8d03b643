#include <algorithm>
#include <chrono>
#include <cstdio>

#include "agents/confidence.h"
#include "agents/sql_prompt.h"
#include "base/text.h"
#include "flows/ask/services.h"
#include "plan/glossary_binding.h"
#include "plan/render.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kCatalogTimeout{60'000};
/// The subject says how long the query may take; this is only the bound of that.
constexpr std::chrono::hours kExecuteTimeoutMax{24};
/// All draws of a round with their retries; a run's own budget ends them earlier.
constexpr std::chrono::minutes kModelTimeout{10};
/// A model's failures are results, retried where the service allows it; only the machinery's are errors of the step.
constexpr RetryPolicy kModelRetry{.attempts_max = 2, .after_timeouts = false};
/// A query that took too long would take as long again.
constexpr RetryPolicy kRetry{.after_timeouts = false};

Call call_of(const StepContext& step) { return {.deadline = step.deadline, .cancelled = step.cancelled}; }

/// Passes rows on and remembers what they look like.
class Columns : public RowSink {
 public:
  explicit Columns(RowSink& next) : next_(next) {}
  Result<> columns(const std::vector<ResultColumn>& columns) override {
    seen = columns;
    return next_.columns(columns);
  }
  Result<> rows(std::vector<Row>&& batch) override { return next_.rows(std::move(batch)); }
  std::vector<ResultColumn> seen{};

 private:
  RowSink& next_;
};

/// What a proposer asks back has to be a question that can be answered by a number.
Result<Proposal> answerable(Result<Proposal> proposal) {
  if (!proposal || (proposal->asks.empty() && proposal->choices.empty())) return proposal;
  const std::size_t count = proposal->choices.size();
  const bool blank =
      std::ranges::any_of(proposal->choices, [](const auto& choice) { return trim(choice.label).empty() || trim(choice.feedback).empty(); });
  if (proposal->is_question() && count >= Proposal::kChoicesMin && count <= Proposal::kChoicesMax && !blank) return proposal;
  return Error::bug("\"" + proposal->answered_by + "\" asked back with SQL, without words, or with " + std::to_string(count) + " answers");
}

/// An entry that means nothing could have been the one that the question needs: it is not passed over.
Error wrong_glossary(const std::vector<Error>& problems) {
  Error out = problems.front();
  if (problems.size() > 1) out.message += " (and " + std::to_string(problems.size() - 1) + " more: `sluice doctor` lists them)";
  return out;
}

Result<Proposal> propose(const AskServices& services, const ProposeInput& input) {
  if (!input.sql.empty() && !input.feedback.empty())
    return Error{ErrorKind::unanswerable, "E0502", "\"" + input.feedback.back() + "\" cannot be applied to SQL that a person wrote",
                 "edit the SQL instead: [e] in the terminal, or `sluice approvals refine ID --sql \"…\"`", 0};
  if (!input.sql.empty()) return Proposal{.sql = input.sql, .confidence = 1, .answered_by = "person"};
  TRY(const auto known, services.catalogs.load(input.catalog));
  TRY(const auto glossary, services.glossary(input.glossary));
  if (const auto problems = glossary_problems(*glossary, known->catalog); !problems.empty()) return wrong_glossary(problems);
  return answerable(services.built_in.propose({.question = input.question,
                                               .feedback = input.feedback,
                                               .catalog = known->catalog,
                                               .values = known->values,
                                               .today = input.today,
                                               .glossary = *glossary,
                                               .catalog_id = input.catalog.artifact,
                                               .glossary_id = input.glossary}));
}

/// The value that an artifact holds; the default one where there is none.
template <class T>
Result<T> artifact(const AskServices& services, const std::string& hash) {
  return hash.empty() ? Result<T>(T{}) : read_artifact<T>(services.artifacts, hash);
}

template <class T>
Result<std::string> kept(const AskServices& services, const std::vector<T>& list) {
  return list.empty() ? Result<std::string>("") : services.artifacts.put(encode(list).dump());
}

Result<MemoryRef> read_memory(const AskServices& services, const ReadMemory& input) {
  TRY(const AgentMemory memory, services.memory(input.connection));
  MemoryRef ref;
  if (input.examples) {
    TRY(ref.examples, kept(services, memory.examples));
  }
  TRY(ref.history, kept(services, memory.history));
  return ref;
}

Result<Composed> compose(const AskServices& services, const ComposeInput& input) {
  TRY(const auto known, services.catalogs.load(input.catalog));
  TRY(const auto glossary, services.glossary(input.glossary));
  TRY(const auto approved, artifact<std::vector<ApprovedQuestion>>(services, input.examples));
  TRY(Prompt prompt, input.prompts.empty() ? built_in_prompt("ask") : artifact<Prompt>(services, input.prompts));
  std::shared_ptr<const CatalogSearch> search;
  if (input.with_catalog) {
    TRY(search, services.catalogs.search(input.catalog));
  }
  TRY(const SqlPrompt made, compose_sql_prompt({.prompt = prompt,
                                                .catalog = known->catalog,
                                                .values = known->values,
                                                .ranges = known->ranges,
                                                .glossary = *glossary,
                                                .approved = approved,
                                                .question = input.question,
                                                .today = input.today,
                                                .feedback = input.feedback,
                                                .previous = input.previous,
                                                .search = search.get(),
                                                .turns = input.turns,
                                                .context_tokens = input.context_tokens,
                                                .with_catalog = input.with_catalog}));
  TRY(std::string request, services.artifacts.put(encode(made.request).dump()));
  return Composed{.request = std::move(request),
                  .prompt = prompt_hash(prompt),
                  .tokens = made.tokens,
                  .tables = made.tables,
                  .tables_left_out = made.tables_left_out,
                  .examples = made.examples};
}

/// What the model claims of itself, in its own words.
std::string model_says(const SqlReply& reply) {
  const double* sure = reply.confidence.as_double();
  const std::int64_t* whole = reply.confidence.as_int();
  if (sure == nullptr && whole == nullptr) return reply.explanation;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), " (says it is %.2f sure)", sure != nullptr ? *sure : static_cast<double>(*whole));
  return reply.explanation + text.data();
}

Result<Worked> settle(const AskServices& services, const SettleInput& input) {
  TRY(const auto history, artifact<std::vector<DecidedScore>>(services, input.history));
  const double score = evidence_score({.agreeing = input.agreeing,
                                       .drawn = input.drawn,
                                       .warnings = input.proof.warnings(),
                                       .gives_rows = !input.proof.sample.rows.empty(),
                                       .round = input.round,
                                       .linked = linked_share(input.question, input.reply.sql)});
  return Worked{.proposal = {.sql = input.reply.sql,
                             .confidence = calibrated(score, history),
                             .score = score,
                             .answered_by = input.model,
                             .model_says = model_says(input.reply)},
                .proof = input.proof};
}

Result<Proof> prove(const AskServices& services, const ProveInput& input, const Call& call) {
  TRY(const auto known, services.catalogs.load(input.catalog));
  TRY(const auto engine, services.engine(input.catalog.connection));
  TRY(const Parser* parser, services.parser(known->catalog.dialect));
  return Prover(*parser, *engine, input.limits).prove(input.sql, known->catalog, call);
}

/// The guard of this build has the last word, also over what another one let pass. E0354 (stale).
Result<Proof> guarded_again(const Parser& parser, DataEngine& engine, const SqlSubject& subject, const Catalog& catalog) {
  TRY(Proof proof, Prover(parser, engine, {}).prove_text(subject.sql, catalog));
  if (proof.holds() && proof.source == subject.source && proof.statement_hash == subject.statement_hash &&
      proof.schema_fingerprint == subject.schema_fingerprint)
    return proof;
  return Error{ErrorKind::stale, "E0354", "this version of Sluice does not read the query as the one that proved it did",
               "look at the new proof and decide again", 0};
}

/// The effect: exactly the approved bytes, in the transaction in which schema and estimate were read once more.
Result<Execution> execute(const AskServices& services, const SqlSubject& subject, const Call& step) {
  const Call call = step.within(std::chrono::seconds(subject.result.seconds));
  TRY(const auto known, services.catalogs.load({subject.connection, subject.catalog}));
  TRY(const auto engine, services.engine(subject.connection));
  TRY(const Parser* parser, services.parser(known->catalog.dialect));
  TRY(const Proof proof, guarded_again(*parser, *engine, subject, known->catalog));
  TRY(const auto session, engine->open_read(call));
  TRY_VOID(recheck(*session, subject.sql, proof, known->catalog, subject.ceiling));
  TRY(ResultStore * results, services.results());
  TRY(const auto writer, results->create());
  Columns columns(*writer);
  TRY(ReadStats stats, session->run(subject.sql, {.rows_max = subject.result.rows_max, .bytes_max = subject.result.bytes_max}, columns));
  TRY(std::string result, writer->finish());
  return Execution{.result = std::move(result), .columns = std::move(columns.seen), .stats = stats};
}

/// E0340 where the proof does not hold; stale, before any row was read, where the data is no longer what the catalog says.
Result<> read_proven(const AskServices& services, const ReadCatalog& from, const std::string& sql, const ProofLimits& limits, const ReadLimits& rows,
                     const Call& call, RowSink& sink) {
  TRY(const CatalogRef catalog, services.catalogs.read(from.connection, from.fresh, call));
  TRY(const Proof proof, prove(services, {catalog, sql, limits}, call));
  if (!proof.holds()) return proof_error(proof);
  TRY(const auto known, services.catalogs.load(catalog));
  TRY(const auto engine, services.engine(from.connection));
  TRY(const auto session, engine->open_read(call));
  TRY_VOID(recheck(*session, sql, proof, known->catalog, ceiling_for(proof.estimate, limits)));
  TRY_VOID(session->run(sql, rows, sink));
  return {};
}

}  // namespace

std::shared_ptr<const CatalogSearch> indexed(std::shared_ptr<const KnownCatalog> known) {
  struct Indexed {
    explicit Indexed(std::shared_ptr<const KnownCatalog> of) : known(std::move(of)), search(known->catalog, known->values) {}
    std::shared_ptr<const KnownCatalog> known;
    CatalogSearch search;
  };
  const auto both = std::make_shared<const Indexed>(std::move(known));
  return {both, &both->search};
}

Result<std::shared_ptr<const CatalogSearch>> CatalogStore::search(const CatalogRef& ref) {
  TRY(auto known, load(ref));
  return indexed(std::move(known));
}

AskPorts make_ask_ports(const AskServices& services) {
  AskPorts ports;
  ports.read_catalog = {.effect = Effect::read,
                        .act = [&services](StepContext& step,
                                           const ReadCatalog& input) { return services.catalogs.read(input.connection, input.fresh, call_of(step)); },
                        .retry = kRetry,
                        .timeout = kCatalogTimeout};
  ports.propose = {
      .effect = Effect::read, .act = [&services](StepContext&, const ProposeInput& input) { return propose(services, input); }, .proposes = true};
  ports.read_memory = {.effect = Effect::read, .act = [&services](StepContext&, const ReadMemory& input) { return read_memory(services, input); }};
  ports.compose = {.effect = Effect::read, .act = [&services](StepContext&, const ComposeInput& input) { return compose(services, input); }};
  ports.call_model = {.effect = Effect::read,
                      .act =
                          [&services](StepContext& step, const ModelCalls& calls) {
                            return services.models.call(calls, {.run = step.run, .workflow = step.workflow, .path = step.path}, call_of(step));
                          },
                      .retry = kModelRetry,
                      .timeout = kModelTimeout,
                      .proposes = true};
  ports.release = {.effect = Effect::read, .act = [&services](StepContext& step, const EndedCalls& ended) {
                     // What is not shared costs another run a call; that is no reason to end this one.
                     return Result<bool>(static_cast<bool>(services.models.release(ended, {.run = step.run})));
                   }};
  ports.settle = {.effect = Effect::read, .act = [&services](StepContext&, const SettleInput& input) { return settle(services, input); }};
  ports.prove = {.effect = Effect::read,
                 .act = [&services](StepContext& step, const ProveInput& input) { return prove(services, input, call_of(step)); },
                 .retry = kRetry};
  ports.execute = {
      .effect = Effect::read,
      .act = [&services](StepContext& step, const Approved<SqlSubject>& approved) { return execute(services, approved.subject(), call_of(step)); },
      .retry = kRetry,
      .timeout = kExecuteTimeoutMax};
  return ports;
}

std::vector<Error> glossary_problems(const Glossary& glossary, const Catalog& catalog) {
  return glossary.empty() ? std::vector<Error>() : plan::bind_glossary(glossary, catalog).problems;
}

Result<Proof> prove_once(const AskServices& services, const std::string& connection, const std::string& sql, const ProofLimits& limits,
                         const Call& call) {
  TRY(const CatalogRef catalog, services.catalogs.read(connection, true, call));
  return prove(services, {catalog, sql, limits}, call);
}

Result<std::string> preview_sql(const AskServices& services, const std::string& connection, const TableName& table, std::int64_t rows_max) {
  TRY(const auto engine, services.engine(connection));
  const Dialect dialect = engine->dialect();
  const std::string schema = table.schema.empty() ? "" : plan::quote_name(table.schema, dialect) + ".";
  return "SELECT * FROM " + schema + plan::quote_name(table.name, dialect) + " LIMIT " + std::to_string(rows_max);
}

Result<> read_once(const AskServices& services, const std::string& connection, const std::string& sql, const ProofLimits& limits,
                   const ReadLimits& rows, const Call& call, RowSink& sink) {
  auto done = read_proven(services, {connection, false}, sql, limits, rows, call, sink);
  // The catalog of a moment ago may be older than the database; nothing was read with it.
  if (!done && done.error().kind == ErrorKind::stale) done = read_proven(services, {connection, true}, sql, limits, rows, call, sink);
  return done;
}

}  // namespace sluice
