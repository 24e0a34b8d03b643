#include "app/gold.h"

#include <algorithm>

#include "base/text.h"
#include "eval/gold_order.h"
#include "flows/ask/services.h"

namespace sluice {
namespace {

using eval::Gold;
using eval::Question;

Error fault(const Question& question, const std::string& what, std::string hint) {
  return {ErrorKind::input, "E0853", "question \"" + question.id + "\": " + what, std::move(hint), 0};
}

Error fault(const Question& question, const Error& why) {
  return fault(question, "its gold query does not run: " + why.message,
               why.hint.empty() ? "correct the gold; `sluice prove` shows every check" : why.hint);
}

/// A query's rows, and the names of its columns.
struct Read {
  std::vector<std::string> names{};
  eval::Compared rows{};
};

Result<Read> read(const GoldPorts& ports, const std::string& connection, const std::string& sql, eval::Reading reading) {
  RowBuffer buffer(eval::kRowsMax);
  TRY_VOID(ports.read(connection, sql, static_cast<std::int64_t>(eval::kRowsMax), buffer));
  Read out{.names = {}, .rows = compared(buffer, kinds_of(buffer.header), reading)};
  for (const ResultColumn& column : buffer.header) out.names.push_back(column.name);
  return out;
}

/// Which rows may stand in any order although the order counts. Where that can't be told, each has its place.
std::vector<std::size_t> ties(const GoldPorts& ports, const std::string& connection, const std::string& sql, const Query& query, NameCase names,
                              const Read& plain, eval::Reading reading) {
  std::vector<std::size_t> strict(plain.rows.rows.size(), 1);
  const auto keyed = eval::with_order_keys(query, sql, names);
  if (!keyed) return strict;
  if (keyed->added == 0) return eval::ties_of(plain.rows, plain.rows, *keyed).value_or(strict);
  const auto with_keys = read(ports, connection, keyed->sql, reading);
  return with_keys ? eval::ties_of(plain.rows, with_keys->rows, *keyed).value_or(strict) : strict;
}

Result<Gold> read_gold(const GoldPorts& ports, const Question& question, const std::string& sql, const std::string& connection,
                       eval::Reading reading) {
  TRY(const Parser* parser, ports.parser(connection));
  TRY(const Parsed parsed, parser->parse(sql));
  TRY(Read plain, read(ports, connection, sql, reading));
  Gold out{.statement_hash = {}, .names = plain.names, .result = plain.rows, .ties = {}, .reading = reading};
  if (parsed.statement == StatementClass::read) out.statement_hash = statement_hash(parsed.query, parser->name_case());
  const bool sorted = parsed.statement == StatementClass::read && eval::is_ordered(parsed.query);
  if (!question.ordered.value_or(sorted)) return out;
  out.ties =
      sorted ? ties(ports, connection, sql, parsed.query, parser->name_case(), plain, reading) : std::vector<std::size_t>(plain.rows.rows.size(), 1);
  return out;
}

Result<Gold> given_gold(const Question& question) {
  const eval::GivenRows& given = *question.rows;
  if (given.rows.size() > eval::kRowsMax)
    return fault(question, "it has " + counted(std::ssize(given.rows), "row"),
                 "at most " + with_thousands(static_cast<std::int64_t>(eval::kRowsMax)) + " are compared");
  Gold out{.statement_hash = {}, .names = given.header, .result = {}, .ties = {}, .reading = eval::Reading::loose};
  out.result.width = given.header.empty() ? given.rows.front().size() : given.header.size();
  for (const Json& row : given.rows) {
    eval::CellRow cells;
    for (const Json& value : *row.as_array()) cells.push_back(eval::cell_of(value, TypeKind::unknown, eval::Reading::loose));
    out.result.rows.push_back(std::move(cells));
  }
  out.names.resize(out.result.width);
  if (question.ordered.value_or(false)) out.ties = std::vector<std::size_t>(out.result.rows.size(), 1);
  return out;
}

/// A set of columns that none of the golds has is a mistake of the entry: no answer could ever fit it.
std::optional<Error> unknown_column(const Question& question, const std::vector<Gold>& golds) {
  for (const auto& subset : question.columns)
    for (const std::string& name : subset) {
      if (std::ranges::any_of(golds, [&](const Gold& gold) { return eval::column_named(gold, name).has_value(); })) continue;
      const std::string meant = nearest(name, golds.front().names);
      return fault(
          question,
          "its gold has no column \"" + show_hidden(name, false) + "\" for `columns`" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
          "the gold's columns are " + join(golds.front().names, ", "));
    }
  return std::nullopt;
}

}  // namespace

std::vector<TypeKind> kinds_of(const std::vector<ResultColumn>& columns) {
  std::vector<TypeKind> out;
  out.reserve(columns.size());
  for (const ResultColumn& column : columns) out.push_back(column.type.kind);
  return out;
}

eval::Compared compared(const RowBuffer& rows, const std::vector<TypeKind>& kinds, eval::Reading reading) {
  eval::Compared out{.width = rows.header.size(), .rows = {}};
  out.rows.reserve(rows.kept.size());
  for (const Row& row : rows.kept) {
    eval::CellRow cells;
    cells.reserve(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) cells.push_back(eval::cell_of(value_json(row[i], rows.header[i].type), kinds[i], reading));
    out.rows.push_back(std::move(cells));
  }
  return out;
}

Golds read_golds(const GoldPorts& ports, const Question& question, const std::string& connection, eval::Reading reading) {
  Golds out;
  const auto take = [&](Result<Gold> gold) {
    if (gold)
      out.accepted.push_back(*std::move(gold));
    else
      out.faults.push_back(gold.error().code == "E0853" ? gold.error() : fault(question, gold.error()));
  };
  if (question.rows) take(given_gold(question));
  for (const std::string& sql : question.gold) take(read_gold(ports, question, sql, connection, reading));
  if (out.accepted.empty()) return out;
  if (auto unknown = unknown_column(question, out.accepted)) {
    out.accepted.clear();
    out.faults.push_back(*std::move(unknown));
  }
  return out;
}

}  // namespace sluice
