#pragma once
#include "flows/ask/ask.h"

namespace sluice {

/// What a model is asked to write SQL for.
struct AskOfModel {
  CatalogRef catalog{};
  std::vector<std::string> feedback{};  ///< a person's refinements
  std::string previous{};               ///< the query that they are about; "" in the first round
  MemoryRef memory{};
};

/// Has the run's model write the query: drafts are read, proven, tried and compared, and what fails is fed back, a bounded number of times. Gives a
/// query that is proven, a question back, or the error that it ended with beside the last draft. An Error is of the machinery; of kind stale where
/// the database is no longer what the catalog says.
Result<Worked> work_out_with_model(const Context& run, const AskPorts& ports, const AskInput& input, const AskOfModel& ask);

}  // namespace sluice
