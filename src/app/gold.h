#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/rows.h"
#include "eval/match.h"
#include "eval/question_set.h"

namespace sluice {

class Parser;

/// How gold queries reach a connection's engine: proven like any other, read in a session of their own, recorded nowhere. Any thread.
struct GoldPorts {
  std::function<Result<>(const std::string& connection, const std::string& sql, std::int64_t rows_max, RowSink& sink)> read;
  std::function<Result<const Parser*>(const std::string& connection)> parser;
};

/// What a question accepts, and what of its entry does not hold. Where nothing is accepted and the question is answerable, it cannot be judged.
struct Golds {
  std::vector<eval::Gold> accepted{};
  std::vector<Error> faults{};  ///< E0853
};

/// Runs the question's gold queries. Rows that were written down are accepted as they are.
Golds read_golds(const GoldPorts& ports, const eval::Question& question, const std::string& connection, eval::Reading reading);

/// Rows as they are compared; `kinds` are the columns'.
eval::Compared compared(const RowBuffer& rows, const std::vector<TypeKind>& kinds, eval::Reading reading);
std::vector<TypeKind> kinds_of(const std::vector<ResultColumn>& columns);

}  // namespace sluice
