#include "proof/prove.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "data/result_digest.h"
#include "proof/guard.h"
#include "proof/made_rows.h"
#include "proof/recheck.h"
#include "proof/schema_state.h"
#include "proof/shape.h"
#include "sql/bind.h"
#include "sql/normal_form.h"
#include "sql/reading.h"
#include "sql/sample.h"

namespace sluice {
namespace {

/// In the order in which they are made.
constexpr std::array<const char*, 12> kChecks{"parses",          "one-statement", "reads-only", "functions", "names",  "joins",
                                              "null-comparison", "fan-out",       "row-order",  "plans",     "limits", "sample"};

void pass(Proof& proof, const char* check, std::string detail) {
  proof.checks.push_back({.check = check, .outcome = Outcome::passed, .detail = std::move(detail)});
}
void fail(Proof& proof, const char* check, std::string detail, std::string hint) {
  proof.checks.push_back({.check = check, .outcome = Outcome::failed, .detail = std::move(detail), .hint = std::move(hint)});
}
void warn(Proof& proof, const char* check, std::string detail, std::string hint) {
  proof.checks.push_back({.check = check, .outcome = Outcome::warning, .detail = std::move(detail), .hint = std::move(hint)});
}

/// Every check that was not made, because an earlier one failed.
void skip_rest(Proof& proof) {
  for (const char* check : kChecks)
    if (proof.find(check) == nullptr)
      proof.checks.push_back({.check = check, .outcome = Outcome::skipped, .detail = "not tried, because an earlier check failed"});
}

/// What is known of a text beside its proof.
struct Understood {
  Parsed parsed{};
  Bound bound{};
};

/// The errors of the parser that are about the text; anything else is an Error of the proof.
bool about_text(const Error& error) { return error.kind == ErrorKind::input || error.kind == ErrorKind::refused; }

std::string joined_refusals(const std::vector<Refusal>& refusals) {
  std::vector<std::string> messages;
  messages.reserve(refusals.size());
  for (const Refusal& refusal : refusals) messages.push_back(refusal.message);
  return join(messages, "; ");
}

void note_tables(Proof& proof, const Bound& bound, const Catalog& catalog) {
  for (const TableUse& use : bound.tables) proof.tables.push_back({use.name, catalog.display(use.name), use.columns});
}

void prove_names(Proof& proof, const Bound& bound) {
  if (bound.unknown.empty()) {
    std::size_t columns = 0;
    for (const TableUse& use : bound.tables) columns += use.columns.size();
    pass(proof, "names",
         "every name exists: " + std::to_string(bound.tables.size()) + (bound.tables.size() == 1 ? " table, " : " tables, ") +
             std::to_string(columns) + (columns == 1 ? " column" : " columns"));
    return;
  }
  std::vector<std::string> messages;
  for (const UnknownName& unknown : bound.unknown)
    if (std::find(messages.begin(), messages.end(), unknown.message) == messages.end()) messages.push_back(unknown.message);
  fail(proof, "names", join(messages, "; "), "`sluice catalog show` lists tables and columns");
}

/// Parse, class, functions, names and shape: what needs no engine. The tree is kept for what follows.
Result<Proof> text_proof(const Parser& parser, std::string_view sql, const Catalog& catalog, Understood& known) {
  Proof proof;
  proof.source = catalog.source;
  auto parsed = parser.parse(sql);
  if (!parsed && !about_text(parsed.error())) return std::move(parsed).error();
  if (!parsed) {
    const Error& error = parsed.error();
    const bool several = error.code == "E0302";
    if (several) pass(proof, "parses", "the engine's parser reads it");
    fail(proof, several ? "one-statement" : "parses", error.message, error.hint);
    skip_rest(proof);
    return proof;
  }
  known.parsed = *std::move(parsed);
  pass(proof, "parses", "the engine's parser reads it");
  pass(proof, "one-statement", "it is one statement");
  if (known.parsed.statement != StatementClass::read) {
    fail(proof, "reads-only", "this is not a plain read: " + known.parsed.reason, "only statements that read are run; write a SELECT");
    skip_rest(proof);
    return proof;
  }
  pass(proof, "reads-only", "it only reads");
  const Query& query = known.parsed.query;
  known.bound = bind_names(query, catalog, catalog.dialect);
  TRY(const ViewsRead views, look_through_views(parser, known.bound, catalog));
  std::vector<Refusal> refusals = refused_parts(query, known.bound, catalog);
  refusals.insert(refusals.end(), views.refusals.begin(), views.refusals.end());
  if (refusals.empty()) {
    pass(proof, "functions", known.bound.functions.empty() ? "it calls no functions" : "every function, operator and cast only computes");
  } else {
    fail(proof, "functions", joined_refusals(refusals), refusals.front().hint);
  }
  prove_names(proof, known.bound);
  proof.statement_hash = statement_hash(query, parser.name_case());
  note_tables(proof, known.bound, catalog);
  proof.reading = reading(query, catalog, known.bound);
  if (proof.holds()) {
    proof.base_tables = views.tables;
    proof.schema_fingerprint = schema_fingerprint(catalog, proof.base_tables);
    for (Check& check : shape_checks(query, known.bound, catalog)) proof.checks.push_back(std::move(check));
  } else {
    skip_rest(proof);
  }
  return proof;
}

/// A result has no more rows than its LIMIT, which not every engine's plan tells.
void at_most_limit(Estimate& estimate, const Query& query) {
  if (query.limit.size() != 1 || query.limit_percent || query.with_ties) return;
  const Expr& limit = query.limit.front();
  std::int64_t rows = 0;
  const auto [end, failure] = std::from_chars(limit.text.data(), limit.text.data() + limit.text.size(), rows);
  if (limit.kind != ExprKind::literal || failure != std::errc() || end != limit.text.data() + limit.text.size()) return;
  estimate.rows = std::min(estimate.rows.value_or(rows), rows);
}

void prove_limits(Proof& proof, const ProofLimits& limits) {
  const Estimate& estimate = proof.estimate;
  std::vector<std::string> over;
  if (estimate.rows && *estimate.rows > limits.rows_max)
    over.push_back("about " + counted(*estimate.rows, "row") + " expected, at most " + with_thousands(limits.rows_max) + " are allowed");
  if (estimate.bytes && *estimate.bytes > limits.bytes_max)
    over.push_back("about " + human_bytes(*estimate.bytes) + " would be read, at most " + human_bytes(limits.bytes_max) + " are allowed");
  if (estimate.cost_usd > limits.cost_max_usd) over.emplace_back("it would cost more than is allowed");
  if (!over.empty()) return fail(proof, "limits", join(over, "; "), "add a filter or a LIMIT, or raise the limits in sluice.yaml");
  const std::string rows = estimate.rows ? "about " + counted(*estimate.rows, "row") : "an unknown number of rows";
  const std::string bytes = estimate.bytes ? human_bytes(*estimate.bytes) : "an unknown number of bytes";
  if (estimate.rows && *estimate.rows > limits.result_rows_max)
    return warn(proof, "limits", rows + " expected, and a result may have " + with_thousands(limits.result_rows_max) + ": with more it fails",
                "add a LIMIT or a filter, aggregate, or raise limits.rows_max in sluice.yaml");
  pass(proof, "limits", rows + " and " + bytes + " to read, under the limits");
}

/// Runs the query, or the same over the first rows of its large tables.
class Trial {
 public:
  Trial(const Parser& parser, DataEngine& engine, const Catalog& catalog, const ProofLimits& limits)
      : parser_(parser), engine_(engine), catalog_(catalog), limits_(limits) {}

  Result<> run(Proof& proof, std::string_view sql, const Understood& known, const Call& proof_call) const {
    TRY(const std::optional<std::string> cut, sampled(sql, known.bound));
    const Call call = proof_call.within(std::chrono::milliseconds(limits_.sample_deadline_ms));  // of all attempts together
    proof.sample.whole_tables = !cut;
    auto tried = cut ? attempt(proof, *cut, limits_.sample_rows, call) : over_whole_tables(proof, sql, call);
    if (cut && !tried && about_text(tried.error())) {
      // Some queries hold only over the tables themselves (GROUP BY on a key, with other columns shown).
      proof.sample.whole_tables = true;
      tried = over_whole_tables(proof, sql, call);
    }
    if (!tried) return failed(proof, std::move(tried).error());
    const auto& [rows, wanted, truncated] = *tried;
    const std::int64_t read = std::ssize(rows.kept);
    if (truncated && read < std::min(wanted, limits_.sample_rows)) {
      warn(proof, "sample", "the trial run was stopped: its first " + counted(read + 1, "row") + " took more than " + human_bytes(kSampleBytesMax),
           "expect large rows");
      return {};
    }
    proof.sample.columns = rows.header;
    if (proof.sample.whole_tables) proof.sample.digest = digest_of(*tried);
    for (const Row& row : std::span(rows.kept).first(static_cast<std::size_t>(std::min(read, limits_.sample_rows)))) {
      Json values = Json::array();
      for (std::size_t c = 0; c < row.size(); ++c) values.push(value_json(row[c], rows.header[c].type));
      proof.sample.rows.push_back(std::move(values));
    }
    pass(proof, "sample",
         rows.kept.empty() ? std::string("it runs, and gives no row") + (proof.sample.whole_tables ? "" : " from the sample")
                           : "it runs" + std::string(proof.sample.whole_tables ? "" : " on a sample"));
    return {};
  }

 private:
  static constexpr std::int64_t kSampleBytesMax = 1'000'000;
  static constexpr int kAttempts = 2;  ///< at most, over whole tables: what is compared, then only what is shown

  struct Tried {
    RowBuffer rows;
    std::int64_t wanted = 0;  ///< rows at most
    bool truncated = false;   ///< there are more: beyond `wanted`, or beyond kSampleBytesMax
  };

  /// Reads what is compared. Where that takes too long, the rows that are shown may still come in time.
  Result<Tried> over_whole_tables(const Proof& proof, std::string_view sql, const Call& call) const {
    if (limits_.compare_rows <= 0) return attempt(proof, sql, limits_.sample_rows, call);
    const bool more_than_shown = !proof.estimate.rows || *proof.estimate.rows > limits_.sample_rows;
    // One more than is compared tells whether there are more.
    auto tried = attempt(proof, sql, std::max(limits_.sample_rows, limits_.compare_rows + 1), more_than_shown ? call.share(kAttempts) : call);
    if (tried || tried.error().kind != ErrorKind::timeout || !more_than_shown) return tried;
    return attempt(proof, sql, limits_.sample_rows, call);
  }

  /// Only of a whole result: two that begin alike may go on differently.
  std::string digest_of(const Tried& tried) const {
    if (tried.truncated || std::ssize(tried.rows.kept) > limits_.compare_rows) return "";
    return result_digest(tried.rows.header, tried.rows.kept);
  }

  /// The query over the first rows of its large tables, if it has large tables and can be rewritten. Nothing that was rewritten is trusted: it
  /// has to pass the same guard.
  Result<std::optional<std::string>> sampled(std::string_view sql, const Bound& bound) const {
    const std::vector<TableName> large = large_tables(bound);
    if (large.empty()) return std::optional<std::string>();
    TRY(std::optional<std::string> cut, sampled_sql(sql, bound, limits_.large_table_rows, large));
    if (!cut) return cut;
    Understood again;
    TRY(const Proof rewritten, text_proof(parser_, *cut, catalog_, again));
    if (!rewritten.holds()) cut.reset();
    return cut;
  }

  /// In a session of its own: one that failed is of no use afterwards.
  Result<Tried> attempt(const Proof& proof, std::string_view statement, std::int64_t rows_max, const Call& call) const {
    TRY(const auto session, engine_.open_read(call));
    TRY(std::optional<Error> refusal, prepare_as_proven(*session, statement, proof, catalog_));
    if (refusal) return *std::move(refusal);
    Tried tried{.rows = RowBuffer(static_cast<std::size_t>(rows_max)), .wanted = rows_max};
    TRY(const ReadStats stats, session->run(statement, {.rows_max = rows_max, .bytes_max = kSampleBytesMax, .truncate = true}, tried.rows));
    tried.truncated = stats.truncated;
    return tried;
  }

  /// A table of unknown size may be large. Views are not cut: their own tables are read anyway.
  std::vector<TableName> large_tables(const Bound& bound) const {
    std::vector<TableName> out;
    for (const TableUse& use : bound.tables) {
      const Table* table = catalog_.find(use.name);
      if (table != nullptr && (!table->row_count || *table->row_count > limits_.large_table_rows)) out.push_back(use.name);
    }
    return out;
  }

  static Result<> failed(Proof& proof, Error error) {
    switch (error.kind) {
      case ErrorKind::timeout: warn(proof, "sample", "the trial run took too long and was stopped", "expect the query to take long"); return {};
      case ErrorKind::exhausted: warn(proof, "sample", "the trial run was stopped: " + error.message, "expect large rows"); return {};
      case ErrorKind::input:
      case ErrorKind::refused: fail(proof, "sample", error.message, error.hint); return {};
      default: return error;
    }
  }

  const Parser& parser_;
  DataEngine& engine_;
  const Catalog& catalog_;
  const ProofLimits& limits_;
};

}  // namespace

Result<Proof> Prover::prove_text(std::string_view sql, const Catalog& catalog) const {
  Understood known;
  return text_proof(parser_, sql, catalog, known);
}

Result<Proof> Prover::prove(std::string_view sql, const Catalog& catalog, const Call& call) const {
  Understood known;
  TRY(Proof proof, text_proof(parser_, sql, catalog, known));
  if (!proof.holds()) return proof;
  const Call whole = call.within(std::chrono::milliseconds(limits_.deadline_ms));
  {
    TRY(const auto session, engine_.open_read(whole));
    TRY(const std::optional<Error> refusal, prepare_as_proven(*session, sql, proof, catalog));
    auto estimate = refusal ? Result<Estimate>(*refusal) : session->estimate(sql);
    if (!estimate && !about_text(estimate.error())) return std::move(estimate).error();
    if (!estimate) {
      fail(proof, "plans", estimate.error().message, estimate.error().hint);
      skip_rest(proof);
      return proof;
    }
    proof.estimate = *std::move(estimate);
    const Check* joins = proof.find("joins");
    const bool crossed = joins == nullptr || joins->outcome != Outcome::passed;
    count_made_rows(proof.estimate, known.parsed.query, known.bound, catalog.dialect, crossed);
    at_most_limit(proof.estimate, known.parsed.query);
    pass(proof, "plans", "the engine plans it");
  }
  prove_limits(proof, limits_);
  if (!proof.holds()) {
    skip_rest(proof);
    return proof;
  }
  TRY_VOID(Trial(parser_, engine_, catalog, limits_).run(proof, sql, known, whole));
  return proof;
}

}  // namespace sluice
