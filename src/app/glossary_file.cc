#include "app/glossary_file.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "config/yaml.h"

namespace sluice {
namespace {

constexpr std::size_t kWordsBytesMax = 200, kSynonymsMax = 50, kTextBytesMax = 2'000, kListMax = 1'000;

struct Test {
  const char* key;
  const char* sign;
  bool list;
};
constexpr std::array<Test, 8> kTests{{{"equals", "=", false},
                                      {"not_equals", "<>", false},
                                      {"in", "in", true},
                                      {"not_in", "not in", true},
                                      {"more_than", ">", false},
                                      {"at_least", ">=", false},
                                      {"less_than", "<", false},
                                      {"at_most", "<=", false}}};

/// "5", "-0.5": what the notation takes for a number; an exponent or a name such as "inf" it does not.
bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto dot = std::min(text.find('.'), text.size());
  const auto digits = [](std::string_view part) { return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos; };
  return digits(text.substr(0, dot)) && (dot == text.size() || digits(text.substr(dot + 1)));
}

/// A value as the notation of expressions writes it.
std::string literal(const YamlNode& node) {
  if (node.plain && (node.text == "true" || node.text == "false" || is_number(node.text))) return node.text;
  std::string out;
  for (const char c : node.text) out += c == '\'' ? "''" : std::string(1, c);
  return "'" + out + "'";
}

class GlossaryReader {
 public:
  GlossaryReader(std::string path, const std::string& connection, const std::vector<std::string>& connections)
      : connection_(connection), connections_(connections) {
    out_.path = std::move(path);
  }

  Result<Glossary> read(const YamlNode& root) {
    if (root.kind == YamlNode::Kind::null) return std::move(out_);
    TRY_VOID(known_keys(root, "the glossary", {"terms", "values", "measures", "defaults", "definitions"}));
    TRY_VOID(each(root, "terms", out_.terms, &GlossaryReader::term));
    TRY_VOID(each(root, "values", out_.values, &GlossaryReader::value));
    TRY_VOID(each(root, "measures", out_.measures, &GlossaryReader::measure));
    TRY_VOID(each(root, "defaults", out_.defaults, &GlossaryReader::defaults));
    TRY_VOID(each(root, "definitions", out_.definitions, &GlossaryReader::definition));
    return std::move(out_);
  }

 private:
  Error wrong(const YamlNode& node, const std::string& what, std::string hint) const {
    return {ErrorKind::input, "E0740", out_.path + " line " + std::to_string(node.line) + ": " + what, std::move(hint), 0};
  }

  Result<> known_keys(const YamlNode& node, const std::string& where, const std::vector<std::string>& keys) const {
    if (node.kind != YamlNode::Kind::map)
      return wrong(node, where + " has to be a map", "write `" + keys.front() + ": …` and the like, indented; docs/glossary.md shows one");
    for (const auto& [key, member] : node.members) {
      if (std::ranges::find(keys, key) != keys.end()) continue;
      const std::string meant = nearest(key, keys);
      return wrong(member,
                   "there is no key \"" + show_hidden(key.substr(0, kWordsBytesMax), false) + "\" in " + where +
                       (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
                   "the keys there are " + join(keys, ", "));
    }
    return {};
  }

  /// The entries of one list. Those for other connections are read, so that nothing wrong in them stays hidden, and left out.
  template <class Entry>
  Result<> each(const YamlNode& root, const std::string& list, std::vector<Entry>& out,
                Result<Entry> (GlossaryReader::*one)(const YamlNode&, const std::string&) const) {
    const YamlNode* found = root.find(list);
    if (found == nullptr || found->kind == YamlNode::Kind::null) return {};
    if (found->kind != YamlNode::Kind::list) return wrong(*found, list + " has to be a list", "begin each entry with a dash, indented below " + list);
    for (const YamlNode& node : found->items) {
      TRY(Entry entry, (this->*one)(node, "an entry of " + list));
      TRY(const bool here, applies(node));
      entry.line = node.line;
      if (here) out.push_back(std::move(entry));
    }
    return {};
  }

  Result<bool> applies(const YamlNode& entry) const {
    const YamlNode* only = entry.find("connections");
    if (only == nullptr) return true;
    TRY(const std::vector<std::string> names, texts(*only, "connections", connections_.size()));
    for (const std::string& name : names) {
      if (std::ranges::find(connections_, name) != connections_.end()) continue;
      const std::string meant = nearest(name, connections_);
      return wrong(
          *only, "connection \"" + show_hidden(name, false) + "\" is not in sluice.yaml" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
          "`sluice connections list` shows what there is");
    }
    return std::ranges::find(names, connection_) != names.end();
  }

  Result<std::string> text(const YamlNode& node, const std::string& key, std::size_t bytes_max = kTextBytesMax) const {
    if (node.kind != YamlNode::Kind::scalar || trim(node.text).empty() || node.text.size() > bytes_max)
      return wrong(node, key + " has to be a text of 1 to " + std::to_string(bytes_max) + " bytes",
                   "write `" + key + ": …`, in quotes if it holds : or #");
    return std::string(trim(node.text));
  }

  Result<std::string> needed(const YamlNode& entry, const std::string& where, const char* key, std::size_t bytes_max = kTextBytesMax) const {
    const YamlNode* found = entry.find(key);
    if (found == nullptr) return wrong(entry, where + " lacks \"" + key + "\"", std::string("add `") + key + ": …`");
    return text(*found, key, bytes_max);
  }

  /// One text, or a list of them.
  Result<std::vector<std::string>> texts(const YamlNode& node, const std::string& key, std::size_t most) const {
    std::vector<std::string> out;
    const std::vector<YamlNode> single{node};
    const auto& items = node.kind == YamlNode::Kind::list ? node.items : single;
    if (items.empty() || items.size() > most)
      return wrong(node, key + " has to be a list of 1 to " + std::to_string(most) + " texts", "write `" + key + ": [a, b]`, or leave it out");
    for (const YamlNode& item : items) {
      TRY(std::string one, text(item, key, kWordsBytesMax));
      out.push_back(std::move(one));
    }
    return out;
  }

  Result<std::vector<std::string>> synonyms(const YamlNode& entry) const {
    const YamlNode* found = entry.find("synonyms");
    return found == nullptr ? std::vector<std::string>() : texts(*found, "synonyms", kSynonymsMax);
  }

  /// What an entry is called.
  template <class Entry>
  Result<> names(const YamlNode& node, const std::string& where, Entry& out) const {
    TRY(out.term, needed(node, where, "term", kWordsBytesMax));
    TRY(out.synonyms, synonyms(node));
    return {};
  }

  /// `{column: status, not_equals: cancelled}` as text, or a text as it is.
  Result<std::string> condition(const YamlNode& node, const std::string& key) const {
    if (node.kind != YamlNode::Kind::map) return text(node, key);
    std::vector<std::string> keys{"column", "is_null"};
    for (const Test& test : kTests) keys.emplace_back(test.key);
    TRY_VOID(known_keys(node, key, keys));
    TRY(const std::string column, needed(node, key, "column"));
    constexpr std::size_t kMembers = 2;
    if (node.members.size() != kMembers)
      return wrong(node, key + " needs its column and one test", "the tests are " + join(std::vector(keys.begin() + 1, keys.end()), ", "));
    if (const YamlNode* missing = node.find("is_null")) {
      if (!missing->plain || (missing->text != "true" && missing->text != "false"))
        return wrong(*missing, "is_null has to be true or false", "write `is_null: true`");
      return column + (missing->text == "true" ? " is null" : " is not null");
    }
    const auto* const test = std::ranges::find_if(kTests, [&](const Test& one) { return node.find(one.key) != nullptr; });
    TRY(const std::string value, values(*node.find(test->key), test->key, test->list));
    return column + " " + test->sign + " " + value;
  }

  Result<std::string> values(const YamlNode& node, const std::string& key, bool list) const {
    if (!list) {
      if (node.kind == YamlNode::Kind::scalar) return literal(node);
      return wrong(node, key + " has to be one value", "for several write `in: [a, b]`, for none `is_null: true`");
    }
    std::string out;
    for (const YamlNode& item : node.items) {
      if (item.kind != YamlNode::Kind::scalar) return wrong(item, key + " holds something that is no value", "write `" + key + ": [a, b]`");
      out += (out.empty() ? "(" : ", ") + literal(item);
    }
    if (node.items.empty() || node.items.size() > kListMax)
      return wrong(node, key + " has to be a list of 1 to " + std::to_string(kListMax) + " values", "write `" + key + ": [a, b]`");
    return out + ")";
  }

  Result<GlossaryTerm> term(const YamlNode& node, const std::string& where) const {
    TRY_VOID(known_keys(node, where, {"term", "means", "synonyms", "connections"}));
    GlossaryTerm out;
    TRY_VOID(names(node, where, out));
    TRY(out.means, needed(node, where, "means"));
    return out;
  }

  Result<GlossaryValue> value(const YamlNode& node, const std::string& where) const {
    TRY_VOID(known_keys(node, where, {"term", "condition", "synonyms", "connections"}));
    GlossaryValue out;
    TRY_VOID(names(node, where, out));
    const YamlNode* condition_node = node.find("condition");
    if (condition_node == nullptr) return wrong(node, where + " lacks \"condition\"", "add `condition: {column: customers.country, equals: USA}`");
    TRY(out.condition, condition(*condition_node, "condition"));
    return out;
  }

  Result<GlossaryMeasure> measure(const YamlNode& node, const std::string& where) const {
    TRY_VOID(known_keys(node, where, {"term", "table", "expression", "synonyms", "connections"}));
    GlossaryMeasure out;
    TRY_VOID(names(node, where, out));
    TRY(out.table, needed(node, where, "table"));
    TRY(out.expression, needed(node, where, "expression"));
    return out;
  }

  Result<TableDefaults> defaults(const YamlNode& node, const std::string& where) const {
    TRY_VOID(known_keys(node, where, {"table", "filter", "date", "connections"}));
    TableDefaults out;
    TRY(out.table, needed(node, where, "table"));
    const YamlNode *filter = node.find("filter"), *date = node.find("date");
    if (filter == nullptr && date == nullptr) return wrong(node, where + " says nothing about its table", "add `filter: …`, `date: …` or both");
    if (filter != nullptr) {
      TRY(out.filter, condition(*filter, "filter"));
    }
    if (date != nullptr) {
      TRY(out.date, text(*date, "date"));
    }
    return out;
  }

  Result<GlossaryDefinition> definition(const YamlNode& node, const std::string& where) const {
    TRY_VOID(known_keys(node, where, {"term", "says", "synonyms", "connections"}));
    GlossaryDefinition out;
    TRY_VOID(names(node, where, out));
    TRY(out.says, needed(node, where, "says"));
    return out;
  }

  const std::string& connection_;
  const std::vector<std::string>& connections_;
  Glossary out_{};
};

}  // namespace

Result<Glossary> parse_glossary(std::string_view text, const std::string& path, const std::string& connection,
                                const std::vector<std::string>& connections) {
  TRY(const YamlNode root, parse_yaml(text, path));
  return GlossaryReader(path, connection, connections).read(root);
}

}  // namespace sluice
