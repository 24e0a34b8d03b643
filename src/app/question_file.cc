#include "app/question_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>

#include "base/text.h"
#include "config/yaml.h"
#include "eval/csv_table.h"

namespace sluice {
namespace {

using eval::Question;
using eval::QuestionSet;
using eval::set_error;

constexpr std::size_t kTextBytesMax = 64 * 1024;
const std::vector<std::string>& keys_of_a_question() {
  static const std::vector<std::string> kKeys{"id",     "question", "on",           "definitions", "gold",    "rows",
                                              "header", "ordered",  "unanswerable", "columns",     "feedback"};
  return kKeys;
}

Error unknown_key(const std::string& path, int line, const std::string& what, const std::string& key, const std::vector<std::string>& keys) {
  const std::string meant = nearest(key, keys);
  return set_error(path, line, "there is no " + what + " \"" + clipped(key, 60) + "\"" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
                   "there are " + join(keys, ", "));
}

Result<bool> boolean(const std::string& path, int line, const std::string& key, std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return set_error(path, line, key + " has to be true or false", "write `" + key + ": true`, or leave it out");
}

/// A value of a row: what YAML writes without quotes may be a number, true, false or null.
Json value_of(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::null) return {};
  if (!node.plain) return node.text;
  if (node.text == "true" || node.text == "false") return node.text == "true";
  const char *begin = node.text.data(), *end = begin + node.text.size();
  std::int64_t whole = 0;
  if (const auto [stop, failure] = std::from_chars(begin, end, whole); failure == std::errc() && stop == end) return whole;
  double real = 0;
  if (const auto [stop, failure] = std::from_chars(begin, end, real); failure == std::errc() && stop == end && std::isfinite(real)) return real;
  return node.text;
}

class YamlSetReader {
 public:
  explicit YamlSetReader(const std::string& path) { out_.path = path; }

  /// A list of questions, or a map with `questions` and what holds for all of them.
  Result<QuestionSet> read(const YamlNode& root) {
    const YamlNode* list = &root;
    std::string on;
    if (root.kind == YamlNode::Kind::map) {
      TRY_VOID(known_keys(root, "key", {"questions", "on", "name"}));
      if (const YamlNode* node = root.find("on")) {
        TRY(on, text(*node, "on"));
      }
      list = root.find("questions");
    }
    if (list == nullptr || list->kind != YamlNode::Kind::list)
      return set_error(out_.path, list == nullptr ? root.line : list->line, "there is no list of questions",
                       "write `questions:` and begin each question with a dash below it; docs/eval.md shows a set");
    for (const YamlNode& node : list->items) {
      TRY(Question one, question(node));
      if (one.on.empty()) one.on = on;
      out_.questions.push_back(std::move(one));
    }
    return std::move(out_);
  }

 private:
  Error wrong(const YamlNode& node, const std::string& what, std::string hint) const {
    return set_error(out_.path, node.line, what, std::move(hint));
  }

  Result<> known_keys(const YamlNode& node, const std::string& what, const std::vector<std::string>& keys) const {
    for (const auto& [key, member] : node.members)
      if (std::ranges::find(keys, key) == keys.end()) return unknown_key(out_.path, member.line, what, key, keys);
    return {};
  }

  Result<std::string> text(const YamlNode& node, const std::string& key) const {
    if (node.kind != YamlNode::Kind::scalar || trim(node.text).empty() || node.text.size() > kTextBytesMax)
      return wrong(node, key + " has to be a text", "write `" + key + ": …`, in quotes if it holds : or #");
    return std::string(trim(node.text));
  }

  /// One text, or a list of them.
  Result<std::vector<std::string>> texts(const YamlNode& node, const std::string& key) const {
    std::vector<std::string> out;
    const std::vector<YamlNode> single{node};
    const auto& items = node.kind == YamlNode::Kind::list ? node.items : single;
    if (items.empty()) return wrong(node, key + " is an empty list", "write `" + key + ": …`, or leave it out");
    for (const YamlNode& item : items) {
      TRY(std::string one, text(item, key));
      out.push_back(std::move(one));
    }
    return out;
  }

  /// `[name]` is one set of columns, `[[name], [id, name]]` are several.
  Result<std::vector<std::vector<std::string>>> subsets(const YamlNode& node) const {
    std::vector<std::vector<std::string>> out;
    const bool several = node.kind == YamlNode::Kind::list && !node.items.empty() && node.items.front().kind == YamlNode::Kind::list;
    const std::vector<YamlNode> single{node};
    for (const YamlNode& item : several ? node.items : single) {
      TRY(std::vector<std::string> one, texts(item, "columns"));
      out.push_back(std::move(one));
    }
    return out;
  }

  Result<eval::GivenRows> rows(const YamlNode& node, const YamlNode* header) const {
    eval::GivenRows out;
    const auto wrong_rows = [&](const YamlNode& where) { return wrong(where, "rows has to be a list of lists", "write `rows: [[a, 1], [b, 2]]`"); };
    if (node.kind != YamlNode::Kind::list) return wrong_rows(node);
    for (const YamlNode& row : node.items) {
      if (row.kind != YamlNode::Kind::list) return wrong_rows(row);
      Json values = Json::array();
      for (const YamlNode& value : row.items) {
        if (value.kind != YamlNode::Kind::scalar && value.kind != YamlNode::Kind::null) return wrong_rows(value);
        values.push(value_of(value));
      }
      out.rows.push_back(std::move(values));
    }
    if (header != nullptr) {
      TRY(out.header, texts(*header, "header"));
    }
    return out;
  }

  Result<Question> question(const YamlNode& node) const {
    if (node.kind != YamlNode::Kind::map) return wrong(node, "a question has to be a map", "write `- question: …` and below it `gold: SELECT …`");
    TRY_VOID(known_keys(node, "key of a question", keys_of_a_question()));
    Question out{.line = node.line};
    for (const auto& [key, place] :
         {std::pair{"id", &out.id}, std::pair{"question", &out.question}, std::pair{"on", &out.on}, std::pair{"definitions", &out.definitions}})
      if (const YamlNode* found = node.find(key)) {
        TRY(*place, text(*found, key));
      }
    for (const auto& [key, place] : {std::pair{"gold", &out.gold}, std::pair{"feedback", &out.feedback}})
      if (const YamlNode* found = node.find(key); found != nullptr && found->kind != YamlNode::Kind::null) {
        TRY(*place, texts(*found, key));
      }
    const YamlNode* header = node.find("header");
    if (const YamlNode* found = node.find("rows")) {
      TRY(out.rows, rows(*found, header));
    } else if (header != nullptr) {
      return wrong(*header, "header names the columns of `rows`, and there are none", "leave it out; a query names its columns itself");
    }
    if (const YamlNode* found = node.find("columns")) {
      TRY(out.columns, subsets(*found));
    }
    if (const YamlNode* found = node.find("ordered")) {
      TRY(out.ordered, boolean(out_.path, found->line, "ordered", found->text));
    }
    if (const YamlNode* found = node.find("unanswerable")) {
      TRY(out.unanswerable, boolean(out_.path, found->line, "unanswerable", found->text));
    }
    return out;
  }

  QuestionSet out_{};
};

class CsvSetReader {
 public:
  explicit CsvSetReader(const std::string& path) { out_.path = path; }

  Result<QuestionSet> read(const std::vector<eval::CsvRecord>& records) {
    static const std::vector<std::string> kColumns{"id", "question", "on", "definitions", "gold", "ordered", "columns", "unanswerable", "feedback"};
    if (records.empty()) return std::move(out_);
    for (const std::string& field : records.front().fields) {
      std::string name = to_lower(trim(field));
      if (std::ranges::find(kColumns, name) == kColumns.end()) return unknown_key(out_.path, records.front().line, "column", name, kColumns);
      if (std::ranges::find(header_, name) != header_.end())
        return set_error(out_.path, records.front().line, "the column \"" + name + "\" is there twice", "keep one of them");
      header_.push_back(std::move(name));
    }
    for (std::size_t i = 1; i < records.size(); ++i) {
      const eval::CsvRecord& record = records[i];
      if (record.fields.size() != header_.size())
        return set_error(out_.path, record.line,
                         "it has " + counted(std::ssize(record.fields), "field") + ", the header " + std::to_string(header_.size()),
                         "put a text with commas into quotes");
      TRY(Question one, question(record));
      out_.questions.push_back(std::move(one));
    }
    return std::move(out_);
  }

 private:
  std::string field(const eval::CsvRecord& record, std::string_view name) const {
    const auto found = std::ranges::find(header_, name);
    return found == header_.end() ? "" : std::string(trim(record.fields[static_cast<std::size_t>(found - header_.begin())]));
  }

  /// One text, or a JSON list of them.
  Result<std::vector<std::string>> texts(const eval::CsvRecord& record, const std::string& name) const {
    const std::string text = field(record, name);
    if (text.empty()) return std::vector<std::string>();
    if (!text.starts_with('[')) return std::vector<std::string>{text};
    const auto json = Json::parse(text);
    auto list = json ? decode<std::vector<std::string>>(*json) : Result<std::vector<std::string>>(json.error());
    if (list) return list;
    return set_error(out_.path, record.line, name + " begins with [ and is no list of texts", "write one text, or a JSON list: [\"…\", \"…\"]");
  }

  /// `name; id, total`: sets with semicolons between them.
  static std::vector<std::vector<std::string>> subsets(const std::string& text) {
    std::vector<std::vector<std::string>> out;
    for (const std::string_view set : split(text, ';')) {
      std::vector<std::string> names;
      for (const std::string_view name : split(set, ','))
        if (!trim(name).empty()) names.emplace_back(trim(name));
      if (!names.empty()) out.push_back(std::move(names));
    }
    return out;
  }

  Result<Question> question(const eval::CsvRecord& record) const {
    Question out{.id = field(record, "id"),
                 .question = field(record, "question"),
                 .on = field(record, "on"),
                 .definitions = field(record, "definitions"),
                 .columns = subsets(field(record, "columns")),
                 .line = record.line};
    TRY(out.gold, texts(record, "gold"));
    TRY(out.feedback, texts(record, "feedback"));
    if (const std::string text = to_lower(field(record, "ordered")); !text.empty()) {
      TRY(out.ordered, boolean(out_.path, record.line, "ordered", text));
    }
    if (const std::string text = to_lower(field(record, "unanswerable")); !text.empty()) {
      TRY(out.unanswerable, boolean(out_.path, record.line, "unanswerable", text));
    }
    return out;
  }

  QuestionSet out_{};
  std::vector<std::string> header_{};
};

bool is_csv(const std::string& path) { return to_lower(path).ends_with(".csv"); }

/// At most one byte more than what is taken, so that a longer file is seen to be one.
Result<std::string> read_csv_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(eval::kCsvBytesMax + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in && !in.eof()) return Error{ErrorKind::not_found, "E0709", "cannot read " + path, "check the path and its permissions", 0};
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

Result<QuestionSet> parse_question_set(std::string_view text, const std::string& path) {
  QuestionSet out;
  if (is_csv(path)) {
    TRY(const auto records, eval::read_csv_table(text, path));
    TRY(out, CsvSetReader(path).read(records));
  } else {
    TRY(const YamlNode root, parse_yaml(text, path));
    TRY(out, YamlSetReader(path).read(root));
  }
  TRY_VOID(eval::settle(out));
  return out;
}

Result<QuestionSet> read_question_set(const std::string& path) {
  TRY(const std::string text, is_csv(path) ? read_csv_file(path) : read_config_file(path));
  return parse_question_set(text, path);
}

}  // namespace sluice
