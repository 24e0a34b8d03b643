#pragma once
#include <string>
#include <vector>

#include "agents/ports/model.h"
#include "agents/ports/proposer.h"
#include "base/codec.h"

namespace sluice {

/// What a model that writes queries may answer.
enum class SqlReplyKind : std::uint8_t { sql, question, cannot, tables };
template <>
struct EnumNames<SqlReplyKind> {
  static constexpr std::array<std::pair<SqlReplyKind, std::string_view>, 4> names{
      {{SqlReplyKind::sql, "sql"}, {SqlReplyKind::question, "question"}, {SqlReplyKind::cannot, "cannot"}, {SqlReplyKind::tables, "tables"}}};
};

/// A reply that fits the schema. Its words about itself (`explanation`, `confidence`) are for the record and for "model says", nothing else.
struct SqlReply {
  SqlReplyKind kind = SqlReplyKind::sql;
  std::string sql{}, explanation{};
  Json confidence{};
  std::string asks{};
  std::vector<Proposal::Choice> choices{};
  std::vector<std::string> look_for{};

  static constexpr auto fields() {
    return std::tuple{Field{"kind", &SqlReply::kind},
                      Field{"sql", &SqlReply::sql},
                      Field{"explanation", &SqlReply::explanation},
                      Field{"confidence", &SqlReply::confidence},
                      Field{"asks", &SqlReply::asks},
                      Field{"choices", &SqlReply::choices},
                      Field{"look_for", &SqlReply::look_for}};
  }
};

/// The schema of SqlReply, in the subset that every provider takes: every property required, no other ones.
const Json& sql_reply_schema();

/// Reads what a model replied. What is safe to mend is mended: prose or a code fence around the one JSON object, a semicolon at the statement's end,
/// a missing field that this kind of answer does not need, an explanation or a list of words that is too long. All else is an error that names the
/// problem, in words for the model: E1041 (empty), E1042 (cut off at the token limit), E1043 (no JSON object, or several), E1044 (a field is missing,
/// of a wrong type or too long), E1045 (too large).
Result<SqlReply> read_sql_reply(const ModelReply& reply);

/// The one JSON object in a reply: E1041, E1042, E1043, E1045.
Result<Json> read_reply_object(const ModelReply& reply);

}  // namespace sluice
