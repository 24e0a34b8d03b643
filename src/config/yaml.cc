#include "config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>
#include <cctype>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kBytesMax = 256 * 1024;
constexpr std::size_t kDepthMax = 32;
constexpr std::size_t kNodesMax = 20'000;

/// Ends the parse; caught in this file.
struct Refused {
  Error error;
};

std::size_t count_nodes(const YamlNode& node) {  // the depth is bounded: only nodes that were built within kDepthMax are counted
  std::size_t count = 1;
  for (const YamlNode& item : node.items) count += count_nodes(item);
  for (const auto& [key, member] : node.members) count += count_nodes(member);
  return count;
}

/// Builds the tree from yaml-cpp's events; its own node graph can neither be bounded nor say where an alias was.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::string path) : path_(std::move(path)) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(at(mark), anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    YamlNode node = at(mark);
    node.plain = tag.empty() || tag == "?";
    const bool is_null = node.plain && (value.empty() || value == "~" || value == "null");
    node.kind = is_null ? YamlNode::Kind::null : YamlNode::Kind::scalar;
    node.text = value;
    add(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) refuse(mark, "an alias refers to itself");
    nodes_ += count_nodes(known->second);
    if (nodes_ > kNodesMax) refuse(mark, "its aliases make it too large");
    YamlNode copy = known->second;
    copy.line = mark.line + 1;
    add(std::move(copy), 0);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(mark, YamlNode::Kind::list, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(mark, YamlNode::Kind::map, anchor);
  }
  void OnMapEnd() override { close(); }

  YamlNode take() { return std::move(root_); }

 private:
  struct Open {
    YamlNode node{};
    YAML::anchor_t anchor = 0;
    std::string key{};
    bool has_key = false;
    std::vector<YamlNode> merged{};
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& why) const { refuse_line(mark.line + 1, "E0701", why, "simplify the file"); }
  [[noreturn]] void refuse_line(int line, const char* code, const std::string& why, const std::string& hint) const {
    // NOLINTNEXTLINE(bugprone-std-exception-baseclass): caught in this file
    throw Refused{Error{ErrorKind::input, code, path_ + " line " + std::to_string(line) + ": " + why, hint}};
  }
  YamlNode at(const YAML::Mark& mark) {
    if (++nodes_ > kNodesMax) refuse(mark, "it has more than " + std::to_string(kNodesMax) + " values");
    YamlNode node;
    node.line = mark.line + 1;
    return node;
  }
  void open(const YAML::Mark& mark, YamlNode::Kind kind, YAML::anchor_t anchor) {
    if (stack_.size() >= kDepthMax) refuse(mark, "it is nested deeper than " + std::to_string(kDepthMax) + " levels");
    Open level;
    level.node = at(mark);
    level.node.kind = kind;
    level.anchor = anchor;
    stack_.push_back(std::move(level));
  }
  void close() {
    Open level = std::move(stack_.back());
    stack_.pop_back();
    for (YamlNode& merged : level.merged)
      for (auto& member : merged.members)
        if (level.node.find(member.first) == nullptr) level.node.members.push_back(std::move(member));
    add(std::move(level.node), level.anchor);
  }
  void add(YamlNode node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& level = stack_.back();
    if (level.node.kind == YamlNode::Kind::list) {
      level.node.items.push_back(std::move(node));
    } else if (!level.has_key) {
      if (node.kind != YamlNode::Kind::scalar) refuse_line(node.line, "E0701", "a key has to be a name", "write `name: value`");
      level.key = std::move(node.text);
      level.has_key = true;
    } else {
      level.has_key = false;
      add_member(level, std::move(node));
    }
  }
  void add_member(Open& level, YamlNode node) {
    if (level.key == "<<") {
      if (node.kind == YamlNode::Kind::map)
        level.merged.push_back(std::move(node));
      else if (node.kind == YamlNode::Kind::list)
        level.merged.insert(level.merged.end(), node.items.begin(), node.items.end());
      else
        refuse_line(node.line, "E0701", "`<<` needs an alias of a map", "write `<<: *name`");
      return;
    }
    if (level.node.find(level.key) != nullptr)
      refuse_line(node.line, "E0706", "\"" + show_hidden(level.key, false) + "\" is there twice", "keep one of the two");
    level.node.members.emplace_back(std::move(level.key), std::move(node));
  }

  std::string path_;
  std::vector<Open> stack_{};
  std::map<YAML::anchor_t, YamlNode> anchors_{};
  YamlNode root_{};
  std::size_t nodes_ = 0;
};

Error too_large(const std::string& path) {
  return Error{ErrorKind::input, "E0701", path + " is larger than " + human_bytes(kBytesMax),
               "a configuration is small; check that this is the right file"};
}

/// Within { } and [ ] a brace ends a plain text, so that YAML would take `{key: ${NAME}}` for a mistake. People write it all the same, and it can
/// mean but one thing: there a plain text that holds a reference is put in quotes. Lines stay as they are.
class ReferencesQuoted {
 public:
  explicit ReferencesQuoted(std::string_view text) : text_(text) {}

  std::string take() {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = text_[at_];
    const bool begins = begins_value_;
    if (c == '\n') begins_value_ = true;
    if (c == '#' && (at_ == 0 || std::isspace(static_cast<unsigned char>(text_[at_ - 1])) != 0)) return copy_to(text_.find('\n', at_));
    if (std::isspace(static_cast<unsigned char>(c)) != 0) return copy_to(at_ + 1);
    begins_value_ = c == ':' || c == ',' || c == '[' || c == '{' || (c == '-' && begins);
    if ((c == '"' || c == '\'') && begins) return copy_to(end_of_quoted(c));
    if ((c == '{' || c == '[') && begins) ++depth_;
    if ((c == '}' || c == ']') && depth_ > 0) --depth_;
    if (depth_ > 0 && begins && std::string_view(":,[]{}-&*!|>%@").find(c) == std::string_view::npos) return plain_text();
    copy_to(at_ + 1);
  }

  /// A plain text, to where it ends: at a comma, a bracket or a line's end that stands in no reference; as a key, at its colon.
  void plain_text() {
    std::size_t end = at_;
    bool reference = false, key = false;
    while (end < text_.size() && !key) {
      if (text_.substr(end, 2) == "${") {
        const std::size_t close = text_.find_first_of("}\n", end);
        if (close == std::string_view::npos || text_[close] == '\n') break;
        reference = true;
        end = close + 1;
        continue;
      }
      if (std::string_view(",[]{}\n").find(text_[end]) != std::string_view::npos) break;
      if (text_[end] == '#' && std::isspace(static_cast<unsigned char>(text_[end - 1])) != 0 && end > at_) break;
      key = text_[end] == ':' && end + 1 < text_.size() && std::isspace(static_cast<unsigned char>(text_[end + 1])) != 0;
      if (!key) ++end;
    }
    if (!reference || key) return copy_to(end);
    const std::string_view plain = trim(text_.substr(at_, end - at_));
    out_ += '"';
    for (const char c : plain) out_ += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    out_ += '"';
    at_ += plain.size();
  }

  std::size_t end_of_quoted(char quote) const {
    for (std::size_t end = at_ + 1; end < text_.size(); ++end) {
      if (quote == '"' && text_[end] == '\\')
        ++end;
      else if (text_[end] == quote)
        return end + 1;
    }
    return text_.size();
  }
  void copy_to(std::size_t end) {
    end = std::min(end, text_.size());
    out_ += text_.substr(at_, end - at_);
    at_ = end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_{};
  int depth_ = 0;
  bool begins_value_ = true;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, member] : members)
    if (name == key) return &member;
  return nullptr;
}

Result<YamlNode> parse_yaml(std::string_view text, const std::string& path) {
  if (text.size() > kBytesMax) return too_large(path);
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos)
    return Error{ErrorKind::input, "E0701", path + " is not UTF-8 text", "save it as UTF-8; check that this is the right file"};
  TreeBuilder builder(path);
  try {
    std::istringstream stream(ReferencesQuoted(text).take());
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    if (parser) {
      TreeBuilder second(path);
      if (parser.HandleNextDocument(second))
        return Error{ErrorKind::input, "E0701", path + " holds more than one YAML document", "remove the `---` between them"};
    }
  } catch (const Refused& refused) {
    return refused.error;
  } catch (const YAML::Exception& error) {
    return Error{ErrorKind::input, "E0701",
                 path + " line " + std::to_string(error.mark.line + 1) + ", column " + std::to_string(error.mark.column + 1) + ": not valid YAML (" +
                     show_hidden(error.msg, false) + ")",
                 "indent with spaces, never tabs, and quote values that hold : # { or ["};
  }
  return builder.take();
}

Result<std::string> read_config_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kBytesMax + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad())
    return Error{errno == ENOENT ? ErrorKind::not_found : ErrorKind::storage, "E0709",
                 path + " can't be read: " + (errno == 0 ? "it is not a file" : std::strerror(errno)), "check the path and its permissions"};
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kBytesMax) return too_large(path);
  return text;
}

}  // namespace sluice
