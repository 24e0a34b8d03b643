#pragma once
#include <optional>
#include <string_view>

#include "base/result.h"
#include "data/catalog.h"
#include "proof/check.h"
#include "proof/limits.h"
#include "proof/ports/engine.h"

namespace sluice {

/// Whether the session reads the source that `proof` is about, and its tables (views included) are as in the `catalog` that the proof was made with.
/// E0353 (stale): another source. E0350 (stale): the schema or the search path changed, and how, as far as it can be told.
Result<> same_schema(ReadSession& session, const Proof& proof, const Catalog& catalog);

/// Prepares the statement (ReadSession::prepare) in the schema that was proven: what runs then is what was compared. The engine's refusal of the text
/// is a value; errors are those of `same_schema` and of the connection.
Result<std::optional<Error>> prepare_as_proven(ReadSession& session, std::string_view sql, const Proof& proof, const Catalog& catalog);

/// Right before an approved query runs, in the transaction that runs it: source and schema as above, and the estimate, are read again. `proof` is
/// `Prover::prove_text`'s. E0351 (stale): the estimate is above the ceiling. E0352 (stale): the engine no longer takes or plans the query.
Result<> recheck(ReadSession& session, std::string_view sql, const Proof& proof, const Catalog& catalog, const Ceiling& ceiling);

}  // namespace sluice
