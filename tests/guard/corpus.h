#pragma once
#include <string>
#include <vector>

#include "data/catalog.h"

namespace sluice::guard {

/// One statement of tests/cases/guard, and what the guard has to say about it.
struct Case {
  std::string file{}, name{};
  bool holds = false;
  std::string check{};   ///< the check that refuses it
  std::string needle{};  ///< words of the refusal; "" where the check is enough
  std::string sql{};

  std::string where() const { return file + ": " + name + "\n" + sql; }
};

/// The cases in tests/cases/guard/FOLDER, in the order of their files: `-- name: …`, then `-- expect: holds` or `-- expect: refused CHECK [WORDS]`,
/// then the statement. A file that reads otherwise ends the test program.
std::vector<Case> read_corpus(const std::string& folder);

/// The statements that make the database which the corpus is about, from setup.sql in the folder.
std::string read_setup(const std::string& folder);

/// The catalog of that database, written by hand: what the guard decides must not hang on a connector.
Catalog corpus_catalog(Dialect dialect);

}  // namespace sluice::guard
