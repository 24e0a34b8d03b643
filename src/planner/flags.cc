#include "planner/flags.h"

namespace sluice::planner {
namespace {

using plan::Literal;

constexpr std::pair<const char*, const char*> kAnswers[] = {{"yes", "no"},     {"Yes", "No"},     {"YES", "NO"},    {"Y", "N"},
                                                            {"y", "n"},        {"T", "F"},        {"t", "f"},       {"1", "0"},
                                                            {"true", "false"}, {"True", "False"}, {"TRUE", "FALSE"}};

}  // namespace

std::optional<Literal> yes_of(const Known& known, const Link& link) {
  const Column& column = known.column(link);
  if (column.type.kind == TypeKind::boolean) return Literal{TypeKind::boolean, Value{true}};
  const auto pieces = name_pieces(column.name);
  const Link place{link.kind, known.base_of(link.table), link.column, 0, ""};
  const bool flag = !pieces.empty() && (known.lexicon.is_flag(pieces.front()) || known.lexicon.is_flag(pieces.back()));
  // "discontinued": what happened to it, as a number, is whether it did.
  if (column.type.kind == TypeKind::integer)
    return flag || (pieces.size() == 1 && pieces.front().size() > 4 && column.name.ends_with("ed") && !column.name.ends_with("eed"))
               ? std::optional(Literal{TypeKind::integer, Value{std::int64_t{1}}})
               : std::nullopt;
  if (column.type.kind != TypeKind::text) return std::nullopt;
  for (const auto& [yes, no] : kAnswers) {
    const bool has_yes = known.schema.index.has_value(place, yes);
    if (has_yes && (flag || known.schema.index.has_value(place, no))) return Literal{TypeKind::text, Value{std::string(yes)}};
  }
  return std::nullopt;
}

}  // namespace sluice::planner
