#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "data/catalog.h"

namespace sluice {

/// A question that a person asked on this connection, and the query that they approved for it.
struct ApprovedQuestion {
  std::string approval{}, question{}, sql{};
  std::vector<TableName> tables{};  ///< that it reads

  static constexpr auto fields() {
    return std::tuple{Field{"approval", &ApprovedQuestion::approval}, Field{"question", &ApprovedQuestion::question},
                      Field{"sql", &ApprovedQuestion::sql}, Field{"tables", &ApprovedQuestion::tables}};
  }
};

inline constexpr std::size_t kExamplesShownMax = 4;

/// Those whose words are nearest to the question's (BM25), best first, at most `most`; those that share no word with it are left out, and so is the
/// same question asked twice.
std::vector<ApprovedQuestion> nearest_examples(std::string_view question, const std::vector<ApprovedQuestion>& approved,
                                               std::size_t most = kExamplesShownMax);

}  // namespace sluice
