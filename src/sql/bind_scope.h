#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sql/bind.h"

namespace sluice {

/// A column that a relation in scope offers.
struct ScopeColumn {
  std::string name{};
  Type type{};
  std::vector<BaseColumn> lineage{};
};

/// A relation in scope; at the same index as its RelationFact.
struct Source {
  std::string alias{};  ///< the name that qualifies its columns: the alias, or else the table's or function's own name
  std::vector<ScopeColumn> columns{};
  const Table* base = nullptr;    ///< a table or view of the catalog
  bool alias_written = false;     ///< then schema.table no longer names it
  bool open = false;              ///< it may have columns that aren't known: alias.x is taken as it is
  bool open_unqualified = false;  ///< … and so is a bare x that nothing else has
};

/// Where a visible column comes from: several relations for a column merged by USING.
struct Origin {
  std::size_t relation = 0, column = 0;
};
struct Visible {
  std::string name{};
  std::vector<Origin> origins{};
};

/// What a FROM item (or a join of several) shows to the expressions around it.
struct FromPart {
  std::vector<std::size_t> relations{};
  std::vector<Visible> visible{};
};

/// One SELECT while it is bound.
struct SelectFrame {
  const Query* query = nullptr;
  std::vector<Source> sources{};
  SelectFacts facts{};
  bool cut_short = false;                 ///< FROM has more relations than are checked
  bool makes_rows = false;                ///< a function outside of FROM makes several rows of one: SELECT unnest(…)
  std::vector<RelationColumn> touched{};  ///< every resolved reference to this SELECT's relations, in order
  /// Which of `touched`, [from, to), stand in the conditions of a CASE: they choose a value and are none.
  std::vector<std::pair<std::size_t, std::size_t>> chosen_by{};
};

/// When a bare name may mean an output column.
enum class AliasRule : std::uint8_t { none, after_columns, before_columns };

/// Where an expression stands: what it can name here, and outwards.
struct Scope {
  const Scope* parent = nullptr;
  SelectFrame* frame = nullptr;
  FromPart part{};
  const std::vector<OutputColumn>* outputs = nullptr;
  AliasRule alias_rule = AliasRule::none;
  std::vector<std::string> parameters{};  ///< of a lambda
};

/// A value's type and the base columns it is computed from.
struct Typed {
  Type type{};
  std::vector<BaseColumn> lineage{};
};

void add_lineage(std::vector<BaseColumn>& into, const std::vector<BaseColumn>& more);  ///< keeps it sorted, each once

}  // namespace sluice
