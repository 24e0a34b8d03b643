#pragma once
#include <string_view>

#include "base/result.h"
#include "data/catalog.h"
#include "proof/check.h"
#include "proof/limits.h"
#include "proof/ports/engine.h"
#include "sql/parser.h"

namespace sluice {

/// Proves that a SQL text may run on one connection: it is one statement, it only reads, it calls nothing but functions that compute, every name
/// exists, the engine plans it, it stays under the limits, and it runs on a sample. Fails closed. Any thread.
class Prover {
 public:
  /// `parser` is the engine's own; both outlive the prover.
  Prover(const Parser& parser, DataEngine& engine, ProofLimits limits) : parser_(parser), engine_(engine), limits_(limits) {}

  /// What is wrong with the text is a failed check; an Error is what kept the machine from finding out (connection lost, cancelled, out of
  /// time) and says nothing about the text. E0350 (stale): the database is no longer what `catalog` says; read it anew and prove again. The earlier
  /// of `call`'s deadline and the limits' counts.
  Result<Proof> prove(std::string_view sql, const Catalog& catalog, const Call& call) const;

  /// The part that needs no engine: parse, reads only, functions, names, shape. `prove` goes on from here, and right before an approved text runs
  /// it is made again: the guard of the build that runs it has the last word.
  Result<Proof> prove_text(std::string_view sql, const Catalog& catalog) const;

 private:
  const Parser& parser_;
  DataEngine& engine_;
  ProofLimits limits_;
};

}  // namespace sluice
