#pragma once
#include <optional>
#include <vector>

#include "data/catalog.h"
#include "data/glossary.h"
#include "plan/expr.h"

namespace sluice::plan {

/// A glossary's entries with what they name in one catalog. Numbers are places: `entry` in the glossary's list, `table` in Catalog::tables, `column`
/// in the table. In expressions the source of every column is its table as Catalog::display writes it, names are the catalog's own, and text that is
/// compared with a date or a timestamp is one.
struct BoundGlossary {
  struct Term {
    std::size_t entry = 0, table = 0;
    std::optional<std::size_t> column{};  ///< none: the table itself
  };
  struct Value {
    std::size_t entry = 0, table = 0;
    Expr condition{};
  };
  struct Measure {
    std::size_t entry = 0, table = 0;
    Expr value{};  ///< every column is in an aggregate
  };
  struct Defaults {
    std::size_t entry = 0, table = 0;
    std::optional<Expr> filter{};
    std::optional<std::size_t> date{};
  };
  std::vector<Term> terms{};
  std::vector<Value> values{};
  std::vector<Measure> measures{};
  std::vector<Defaults> defaults{};
  /// Why entries are not among these, with the file and line: E0741 a name that the catalog does not have or has twice, E0742 what cannot be
  /// meant, E0902 types that don't go together, E0907 a value that is none, E0908 text that cannot be read.
  std::vector<Error> problems{};
};

BoundGlossary bind_glossary(const Glossary& glossary, const Catalog& catalog);

}  // namespace sluice::plan
