#include "agents/sql_reply.h"

#include <algorithm>
#include <optional>

#include "agents/fence.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kReplyBytesMax = 256 * 1024;
constexpr int kDepthMax = 16;
/// What is shown to a person and kept with the run: sentences, not pages.
constexpr std::size_t kExplanationBytesMax = 2'000, kAsksBytesMax = 500, kChoiceBytesMax = 300;
constexpr std::size_t kLookForMax = 50, kLookForBytesMax = 100;
constexpr int kObjectsMax = 50;  // places where an object may begin that are tried

Error unusable(const char* code, std::string message, std::string hint) { return {ErrorKind::input, code, std::move(message), std::move(hint), 0}; }

/// Where the object that begins at `from` ends: past its closing brace, strings looked over; npos where it doesn't.
std::size_t end_of_object(std::string_view text, std::size_t from) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = from; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\')
        ++at;
      else if (c == '"')
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

/// The objects that stand in prose, outermost only.
std::vector<Json> objects_in(std::string_view text) {
  std::vector<Json> found;
  std::size_t at = text.find('{');
  for (int tried = 0; at != std::string_view::npos && tried < kObjectsMax; ++tried) {
    const std::size_t end = end_of_object(text, at);
    if (end == std::string_view::npos) break;
    auto object = Json::parse(text.substr(at, end - at), kDepthMax);
    at = text.find('{', object ? end : at + 1);
    if (object) found.push_back(*std::move(object));
  }
  return found;
}

/// A statement as its engine takes it: without the fence that models like to put around it, and without the semicolon at its end.
std::string bare_statement(std::string_view text) {
  text = trim(text);
  if (text.starts_with("```") && text.ends_with("```") && text.size() > 6) {
    text = text.substr(3, text.size() - 6);
    const std::size_t line = text.find('\n');
    const std::string_view tag = trim(text.substr(0, line == std::string_view::npos ? 0 : line));
    if (line != std::string_view::npos && tag.find(' ') == std::string_view::npos) text = text.substr(line + 1);
    text = trim(text);
  }
  while (text.ends_with(';')) text = trim(text.substr(0, text.size() - 1));
  return std::string(text);
}

/// Words about the query and words to look for are cut: less of them does no harm.
void shorten(SqlReply& reply) {
  if (reply.explanation.size() > kExplanationBytesMax)
    reply.explanation = std::string(whole_characters(reply.explanation, kExplanationBytesMax)) + "…";
  if (reply.look_for.size() > kLookForMax) reply.look_for.resize(kLookForMax);
  for (std::string& words : reply.look_for) words = std::string(whole_characters(words, kLookForBytesMax));
}

/// A question back is put to a person whole or not at all.
Result<> fits(const SqlReply& reply) {
  const auto too_long = [](const char* field, std::size_t most) {
    return unusable("E1044", std::string("\"") + field + "\" is too long", "say it in at most " + std::to_string(most) + " bytes");
  };
  if (reply.asks.size() > kAsksBytesMax) return too_long("asks", kAsksBytesMax);
  for (const Proposal::Choice& choice : reply.choices)
    if (std::max(choice.label.size(), choice.feedback.size()) > kChoiceBytesMax) return too_long("choices[].label and feedback", kChoiceBytesMax);
  return {};
}

Result<> complete(const SqlReply& reply) {
  const auto lacks = [](const char* field, const char* kind) {
    return unusable("E1044", std::string("\"") + field + "\" is missing or empty, and kind \"" + kind + "\" needs it", "fill it in");
  };
  switch (reply.kind) {
    case SqlReplyKind::sql:
      if (reply.sql.empty()) return lacks("sql", "sql");
      return {};
    case SqlReplyKind::question:
      if (trim(reply.asks).empty()) return lacks("asks", "question");
      if (reply.choices.size() < Proposal::kChoicesMin || reply.choices.size() > Proposal::kChoicesMax)
        return unusable("E1044", "a question has " + std::to_string(reply.choices.size()) + " choices", "give two to five");
      for (const Proposal::Choice& choice : reply.choices)
        if (trim(choice.label).empty() || trim(choice.feedback).empty()) return lacks("choices[].label and feedback", "question");
      return fits(reply);
    case SqlReplyKind::cannot:
      if (trim(reply.explanation).empty()) return lacks("explanation", "cannot");
      return {};
    case SqlReplyKind::tables:
      if (reply.look_for.empty()) return lacks("look_for", "tables");
      return {};
  }
  return {};
}

Json property(const char* type, const char* about) { return Json::object().set("type", type).set("description", about); }

Json make_schema() {
  Json kinds = Json::array(), required = Json::array();
  for (const auto& [kind, name] : EnumNames<SqlReplyKind>::names) kinds.push(Json(name));
  Json choice = Json::object().set("type", "object");
  choice.set("properties",
             Json::object().set("label", property("string", "for the person")).set("feedback", property("string", "what it tells you")));
  choice.set("required", Json::array().push("label").push("feedback")).set("additionalProperties", false);
  Json properties = Json::object();
  properties.set("explanation", property("string", "how the question was understood, or what is missing"));
  properties.set("kind", Json::object().set("type", "string").set("enum", std::move(kinds)));
  properties.set("sql", property("string", "the query, for kind sql; else empty"));
  properties.set("confidence", property("number", "between 0 and 1"));
  properties.set("asks", property("string", "the question back, for kind question; else empty"));
  properties.set("choices", Json::object().set("type", "array").set("items", std::move(choice)));
  properties.set("look_for", Json::object().set("type", "array").set("items", Json::object().set("type", "string")));
  for (const auto& [name, ignored] : *std::as_const(properties).as_object()) required.push(name);
  return Json::object()
      .set("type", "object")
      .set("properties", std::move(properties))
      .set("required", std::move(required))
      .set("additionalProperties", false);
}

}  // namespace

const Json& sql_reply_schema() {
  static const Json kSchema = make_schema();
  return kSchema;
}

Result<Json> read_reply_object(const ModelReply& reply) {
  if (reply.text.size() > kReplyBytesMax)
    return unusable("E1045", "the reply is " + human_bytes(static_cast<std::int64_t>(reply.text.size())) + " long",
                    "answer with one small JSON object");
  const std::string_view text = trim(reply.text);
  if (reply.cut) return unusable("E1042", "the reply was cut off at the token limit", "answer more briefly: a short explanation, a shorter query");
  if (text.empty()) return unusable("E1041", "the reply is empty", "answer with one JSON object");
  if (auto whole = Json::parse(text, kDepthMax); whole && whole->as_object() != nullptr) return whole;
  std::vector<Json> objects = objects_in(text);
  if (objects.size() == 1) return std::move(objects.front());
  if (objects.empty()) return unusable("E1043", "the reply holds no JSON object", "answer with one JSON object and nothing else");
  return unusable("E1043", "the reply holds " + std::to_string(objects.size()) + " JSON objects, and which one is meant is not known",
                  "answer with one JSON object and nothing else");
}

Result<SqlReply> read_sql_reply(const ModelReply& reply) {
  TRY(const Json object, read_reply_object(reply));
  if (object["kind"].is_null()) return unusable("E1044", "\"kind\" is missing", "say which kind of answer it is: sql, question, cannot or tables");
  auto read = decode<SqlReply>(object);
  if (!read) return unusable("E1044", "the JSON object does not fit the schema: " + read.error().message, "correct that field");
  read->sql = bare_statement(read->sql);
  TRY_VOID(complete(*read));
  shorten(*read);
  return read;
}

}  // namespace sluice
