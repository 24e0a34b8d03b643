#include "connectors/postgres/key_evidence.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"

namespace sluice::postgres {
namespace {

constexpr std::int64_t kKeyRowsMax = 200'000;  ///< rows looked at for one key, and of what is referred to without an index
/// Rows whose values are looked up: in a small table, which is read whole, and one by one through an index.
constexpr std::int64_t kSampleRowsMax = 10'000, kProbesMax = 1'000;
constexpr std::size_t kQuestionsAtOnce = 64;
/// The server is not kept busy longer by one statement. The numbers of rows keep far below that.
constexpr std::chrono::milliseconds kStatementMax{2000};

std::int64_t rows_of(const Table& table, std::int64_t at_most) { return std::min(table.row_count.value_or(at_most), at_most); }

std::string from(const Table& table) { return "FROM ONLY " + quoted(table.name.schema) + "." + quoted(table.name.name); }

/// By an index that a comparison uses as it is asked for below.
bool is_indexed(const Table& table, const std::string& column) {
  const Column* key = table.find_column(column);
  if (key == nullptr || (key->type.kind == TypeKind::text && key->type.native != "text" && !key->type.native.starts_with("character varying")))
    return false;
  const auto leads = [&](const Key& one) { return one.origin == KeyOrigin::declared && one.columns.front() == column; };
  return (table.primary_key && leads(*table.primary_key)) || std::any_of(table.unique_keys.begin(), table.unique_keys.end(), leads);
}

std::string uniqueness_query(const Table& table, const std::vector<std::string>& columns) {
  std::vector<std::string> names, present;
  for (const std::string& column : columns) {
    names.push_back(quoted(column));
    present.push_back(names.back() + " IS NOT NULL");
  }
  const Column* only = columns.size() == 1 ? table.find_column(columns.front()) : nullptr;
  const bool number = only != nullptr && only->type.kind == TypeKind::integer;
  const std::string list = join(names, ", ");
  return "pg_catalog.count(*), pg_catalog.count(DISTINCT (" + list + ")) FILTER (WHERE " + join(present, " AND ") + "), " +
         (number ? "pg_catalog.min(" + list + ")::int8, pg_catalog.max(" + list + ")::int8" : "NULL::int8, NULL::int8") + " FROM (SELECT " + list +
         " " + from(table) + " LIMIT " + std::to_string(kKeyRowsMax) + ") AS s";
}

/// Text of any kind (enums, character(n)) is compared as text; for the usual ones that changes nothing. A join leaves it to the server whether to
/// read what is referred to once or to look each value up; a sub-query would be run again for each value where it takes more than the server's
/// work_mem.
std::string containment_query(const Table& table, const Column& column, const Table& target, const Column& key, bool as_text, std::int64_t rows) {
  const bool text = as_text || column.type.kind == TypeKind::text, skips_blank = text && !as_text;  // a blank is a missing value, and no number
  const std::string cast = text ? "::text" : "", value = quoted(column.name) + cast;
  const std::string distinct = is_indexed(target, key.name) ? "" : "DISTINCT ";
  return "pg_catalog.count(*), pg_catalog.count(k.v), (SELECT pg_catalog.count(*) FROM (SELECT 1 " + from(target) +
         " LIMIT 1) AS one), NULL::int8 FROM (SELECT DISTINCT v FROM (SELECT " + value + " AS v " + from(table) + " WHERE " + value +
         (skips_blank ? " <> ''" : " IS NOT NULL") + " LIMIT " + std::to_string(rows) + ") AS s) AS d LEFT JOIN (SELECT " + distinct +
         quoted(key.name) + cast + " AS v " + from(target) + ") AS k ON k.v = d.v";
}

}  // namespace

const Table* PostgresKeyEvidence::readable(const TableName& name) const {
  const Table* table = catalog_.find(name);
  const bool readable = table != nullptr && !failed_.contains(name) && table->kind == TableKind::table && table->bytes && table->unreadable.empty() &&
                        !runs_on_read(*table);
  return readable ? table : nullptr;
}

bool PostgresKeyEvidence::spend(std::int64_t rows) {
  if (rows > rows_left_ || questions_left_ == 0) return false;
  rows_left_ -= rows;
  --questions_left_;
  return true;
}

Result<> PostgresKeyEvidence::ask_some(std::span<const Question> questions, Answers& answers) {
  std::string sql;
  for (const Question& question : questions)
    sql += (sql.empty() ? "SELECT " : " UNION ALL SELECT ") + std::to_string(question.place) + ", " + question.sql;
  const Until& call = session_.until();
  const auto reply = session_.ask_until(sql, {}, {std::min(call.deadline, std::chrono::steady_clock::now() + kStatementMax), call.cancelled});
  if (!reply) {
    if (reply.error().kind == ErrorKind::cancelled || session_.connection().is_lost()) return reply.error();
    --failures_left_;
    return session_.wait_for_locks(kBriefly);  // a failure went back to the longer time
  }
  for (int i = 0; i < reply->rows(); ++i) {
    std::vector<std::optional<std::int64_t>> numbers;
    for (int c = 1; c < reply->columns(); ++c)
      numbers.push_back(reply->is_null(i, c) ? std::nullopt
                                             : std::optional<std::int64_t>(std::strtoll(std::string(reply->text(i, c)).c_str(), nullptr, 10)));
    answers[std::strtoull(std::string(reply->text(i, 0)).c_str(), nullptr, 10)] = std::move(numbers);
  }
  return {};
}

/// One table that is locked, or one value that cannot be compared, fails a statement of many: then each is asked by itself.
Result<PostgresKeyEvidence::Answers> PostgresKeyEvidence::ask(const std::vector<Question>& questions, std::size_t places) {
  Answers answers(places);
  if (questions.empty()) return answers;
  TRY_VOID(session_.wait_for_locks(kBriefly));
  for (std::size_t at = 0; at < questions.size() && failures_left_ > 0; at += kQuestionsAtOnce) {
    const auto some = std::span(questions).subspan(at, std::min(kQuestionsAtOnce, questions.size() - at));
    const int before = failures_left_;
    TRY_VOID(ask_some(some, answers));
    for (std::size_t i = 0; failures_left_ < before && i < some.size() && failures_left_ > 0; ++i) TRY_VOID(ask_some(some.subspan(i, 1), answers));
  }
  TRY_VOID(session_.wait_for_locks(kLockWaitMax));
  return answers;
}

Result<std::vector<std::optional<Uniqueness>>> PostgresKeyEvidence::uniqueness(std::span<const KeyColumns> of) {
  std::vector<Question> questions;
  for (std::size_t i = 0; i < of.size(); ++i)
    if (const Table* table = readable(of[i].table); table != nullptr && spend(rows_of(*table, kKeyRowsMax)))
      questions.push_back({i, uniqueness_query(*table, of[i].columns)});
  TRY(const Answers answers, ask(questions, of.size()));
  std::vector<std::optional<Uniqueness>> out(of.size());
  for (const Question& question : questions)
    if (!answers[question.place]) failed_.insert(of[question.place].table);
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (!answers[i]) continue;
    const auto& seen = *answers[i];
    const std::int64_t rows = seen[0].value_or(0);
    out[i] = Uniqueness{rows, seen[1].value_or(0), rows < kKeyRowsMax, seen[2], seen[3]};
  }
  return out;
}

Result<std::vector<std::optional<Containment>>> PostgresKeyEvidence::containment(std::span<const Reference> of) {
  std::vector<Question> questions;
  for (std::size_t i = 0; i < of.size(); ++i) {
    const Table *table = readable(of[i].table), *target = readable(of[i].target);
    if (table == nullptr || target == nullptr) continue;
    const Column *column = table->find_column(of[i].column), *key = target->find_column(of[i].target_column);
    if (column == nullptr || key == nullptr) continue;
    const bool small = target->row_count && *target->row_count <= kKeyRowsMax;
    if (!small && (of[i].as_text || !is_indexed(*target, key->name))) continue;
    const std::int64_t sample = small ? kSampleRowsMax : kProbesMax;
    if (!spend(rows_of(*table, sample) + (small ? *target->row_count : sample))) continue;
    questions.push_back({i, containment_query(*table, *column, *target, *key, of[i].as_text, sample)});
  }
  TRY(const Answers answers, ask(questions, of.size()));
  std::vector<std::optional<Containment>> out(of.size());
  for (std::size_t i = 0; i < of.size(); ++i)
    if (answers[i]) out[i] = Containment{(*answers[i])[0].value_or(0), (*answers[i])[1].value_or(0), (*answers[i])[2].value_or(0) == 0};
  return out;
}

}  // namespace sluice::postgres
