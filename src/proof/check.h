#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/codec.h"
#include "data/catalog.h"
#include "data/rows.h"
#include "proof/ports/engine.h"

namespace sluice {

enum class Outcome : std::uint8_t {
  passed,
  warning,  ///< true, and a person should know it; doesn't stop anything
  failed,
  skipped,  ///< not tried, because an earlier check failed
};
template <>
struct EnumNames<Outcome> {
  static constexpr std::array<std::pair<Outcome, std::string_view>, 4> names{
      {{Outcome::passed, "passed"}, {Outcome::warning, "warning"}, {Outcome::failed, "failed"}, {Outcome::skipped, "skipped"}}};
};

/// One thing that a machine found out about a proposal. `check` is a stable id: "parses", "one-statement", "reads-only", "functions", "names",
/// "joins", "null-comparison", "fan-out", "row-order", "plans", "limits", "sample".
struct Check {
  std::string check{};
  Outcome outcome = Outcome::skipped;
  std::string detail{};  ///< a plain sentence
  std::string hint{};    ///< what to do about it; "" where nothing is to be done

  /// "reads-only: DROP writes (write a SELECT)": for whoever is to mend the proposal.
  std::string in_words() const;
  bool operator==(const Check&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"check", &Check::check}, Field{"outcome", &Check::outcome}, Field{"detail", &Check::detail}, Field{"hint", &Check::hint}};
  }
};

/// A table or view that the query itself names, with the columns it uses.
struct TableRead {
  TableName table{};
  std::string display{};  ///< as people write it: "flights", or "sales.orders" where the schema is not on the search path
  std::vector<std::string> columns{};

  static constexpr auto fields() {
    return std::tuple{Field{"table", &TableRead::table}, Field{"display", &TableRead::display}, Field{"columns", &TableRead::columns}};
  }
};

/// The first rows that the query gave when it was tried.
struct SampleRows {
  std::vector<ResultColumn> columns{};
  std::vector<Json> rows{};   ///< arrays, one value a column (see value_json)
  bool whole_tables = false;  ///< the query itself ran; else it read only the first rows of its large tables
  /// Of all rows that the query gives (data/result_digest.h). "" where it was not asked for, or where only a part is known (more rows than are
  /// compared, rows too large to read all of them, parts of tables): what agrees there may differ on the whole.
  std::string digest{};

  static constexpr auto fields() {
    return std::tuple{Field{"columns", &SampleRows::columns}, Field{"rows", &SampleRows::rows}, Field{"whole_tables", &SampleRows::whole_tables},
                      Field{"digest", &SampleRows::digest}};
  }
};

/// What machines found out about one SQL text on one connection. A value; the approval's card is rendered from it.
struct Proof {
  std::vector<Check> checks{};  ///< in the order in which they were made
  std::vector<TableRead> tables{};
  std::vector<TableName> base_tables{};  ///< every table and view that the query reads, views looked through; sorted
  Estimate estimate{};
  std::vector<std::string> reading{};  ///< the query in sentences, made by Sluice from the parsed statement
  SampleRows sample{};
  std::string source{};              ///< where the data is (see data/catalog.h)
  std::string statement_hash{};      ///< of the parsed statement (see sql/normal_form.h); "" where it doesn't parse or isn't a read
  std::string schema_fingerprint{};  ///< of `base_tables` (see schema_state.h); "" unless every name was found

  /// Whether nothing failed and something was checked: a default-made proof holds nothing.
  bool holds() const;
  const Check* find(std::string_view check) const;
  std::int64_t warnings() const;
  static constexpr auto fields() {
    return std::tuple{Field{"checks", &Proof::checks},
                      Field{"tables", &Proof::tables},
                      Field{"base_tables", &Proof::base_tables},
                      Field{"estimate", &Proof::estimate},
                      Field{"reading", &Proof::reading},
                      Field{"sample", &Proof::sample},
                      Field{"source", &Proof::source},
                      Field{"statement_hash", &Proof::statement_hash},
                      Field{"schema_fingerprint", &Proof::schema_fingerprint}};
  }
};

/// The failed checks as sentences for a proposer's next try, in order, hints included; empty where the proof holds.
std::vector<std::string> feedback(const Proof& proof);
/// The failed proof as one error for people: E0340 with the first failed check. A proof that holds gives a bug error.
Error proof_error(const Proof& proof);

}  // namespace sluice
