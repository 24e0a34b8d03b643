#pragma once
#include <set>

#include "connectors/postgres/session.h"
#include "data/key_evidence.h"

namespace sluice::postgres {

/// Asks the server, many questions in one statement, within a number of rows for all of them together. Only tables are read whose size is known and
/// that run nothing of a user's. Of a large table only its first rows are looked at; what is referred to has to be small, or indexed by the key.
class PostgresKeyEvidence : public KeyEvidence {
 public:
  PostgresKeyEvidence(Session& session, const Catalog& catalog) : session_(session), catalog_(catalog) {}

  Result<std::vector<std::optional<Uniqueness>>> uniqueness(std::span<const KeyColumns> of) override;
  Result<std::vector<std::optional<Containment>>> containment(std::span<const Reference> of) override;

 private:
  struct Question {
    std::size_t place = 0;  ///< of its answer
    std::string sql{};
  };
  /// The answers that there are, by place: rows of numbers.
  using Answers = std::vector<std::optional<std::vector<std::optional<std::int64_t>>>>;
  Result<Answers> ask(const std::vector<Question>& questions, std::size_t places);
  Result<> ask_some(std::span<const Question> questions, Answers& answers);
  /// The table, if it may be read; else null.
  const Table* readable(const TableName& name) const;
  bool spend(std::int64_t rows);

  static constexpr std::int64_t kRowsMax = 2'000'000;
  static constexpr int kQuestionsMax = 1000, kFailuresMax = 10;
  std::int64_t rows_left_ = kRowsMax;
  std::set<TableName> failed_{};  ///< could not be read: they are not asked for again
  int questions_left_ = kQuestionsMax, failures_left_ = kFailuresMax;
  Session& session_;
  const Catalog& catalog_;
};

}  // namespace sluice::postgres
