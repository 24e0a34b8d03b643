#include "base/json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace sluice {
namespace {

const Json kNull;

bool needs_escape(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f || c == '"' || c == '\\';
}

/// What needs no escape goes over in whole runs: prompts and results are long texts with little else.
void append_escaped(std::string& out, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::size_t end = at;
    while (end < text.size() && !needs_escape(text[end])) ++end;
    out.append(text, at, end - at);
    at = end;
    if (at == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[at]);
    switch (text[at]) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out += "\\u00";
        out += kHex[byte >> 4U];
        out += kHex[byte & 15U];
    }
  }
  out += '"';
}

struct Writer {
  bool lossless;
  int indent;
  std::string out{};

  void newline(int depth) {
    if (indent < 0) return;
    out += '\n';
    out.append(static_cast<std::size_t>(indent) * static_cast<std::size_t>(depth), ' ');
  }
  void text(const std::string& value) {
    if (is_valid_utf8(value)) return append_escaped(out, value);
    if (!lossless) return append_escaped(out, replace_invalid_utf8(value));
    out += R"({"$base64":)";
    append_escaped(out, base64_encode(value));
    out += '}';
  }
  void number(double value) {
    if (std::isfinite(value)) {
      out += number_text(value);
    } else if (lossless) {
      out += R"({"$number":")";
      out += nonfinite_text(value);
      out += "\"}";
    } else {
      out += "null";
    }
  }
  void write(const Json& value, int depth) {  // NOLINT(misc-no-recursion): values are built with bounded depth
    if (value.is_null()) out += "null";
    if (const auto* flag = value.as_bool()) out += *flag ? "true" : "false";
    if (const auto* integer = value.as_int()) out += std::to_string(*integer);
    if (const auto* real = value.as_double()) number(*real);
    if (const auto* string = value.as_string()) text(*string);
    if (const auto* array = value.as_array()) {
      out += '[';
      bool first = true;
      for (const Json& element : *array) {
        if (!first) out += ',';
        first = false;
        newline(depth + 1);
        write(element, depth + 1);
      }
      if (!first) newline(depth);
      out += ']';
    }
    if (const auto* object = value.as_object()) {
      out += '{';
      bool first = true;
      for (const auto& [key, member] : *object) {
        if (!first) out += ',';
        first = false;
        newline(depth + 1);
        append_escaped(out, is_valid_utf8(key) ? key : replace_invalid_utf8(key));
        out += indent < 0 ? ":" : ": ";
        write(member, depth + 1);
      }
      if (!first) newline(depth);
      out += '}';
    }
  }
};

/// Builds our value from nlohmann's SAX events; refuses depth before the stack does.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(int depth_max) : depth_max_(depth_max) {}
  Json root{};
  std::string error{};

  bool null() override { return add(Json()); }
  bool boolean(bool value) override { return add(Json(value)); }
  bool number_integer(number_integer_t value) override { return add(Json(std::int64_t{value})); }
  bool number_unsigned(number_unsigned_t value) override {
    return std::in_range<std::int64_t>(value) ? add(Json(static_cast<std::int64_t>(value))) : add(Json(static_cast<double>(value)));
  }
  bool number_float(number_float_t value, const string_t&) override { return add(Json(value)); }
  bool string(string_t& value) override { return add(Json(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool key(string_t& value) override {
    keys_.back() = std::move(value);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& what) override {
    error = "not valid JSON at byte " + std::to_string(position);
    const std::string_view text = what.what();
    if (const auto colon = text.rfind("; "); colon != std::string_view::npos) error += ": " + std::string(text.substr(colon + 2));
    return false;
  }

 private:
  static Json restored(Json value) {
    if (value.size() != 1 || value.as_object() == nullptr) return value;
    const auto& [key, member] = value.as_object()->front();
    if (member.as_string() == nullptr) return value;
    if (key == "$base64") {
      bool ok = false;
      std::string bytes = base64_decode(*member.as_string(), ok);
      if (ok) return Json(std::move(bytes));
    }
    if (key == "$number") {
      if (*member.as_string() == "NaN") return Json(std::nan(""));
      if (*member.as_string() == "Infinity") return Json(HUGE_VAL);
      if (*member.as_string() == "-Infinity") return Json(-HUGE_VAL);
    }
    return value;
  }
  bool open(Json value) {
    if (static_cast<int>(open_.size()) >= depth_max_) {
      error = "nested deeper than " + std::to_string(depth_max_) + " levels";
      return false;
    }
    open_.push_back(std::move(value));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    Json value = restored(std::move(open_.back()));
    open_.pop_back();
    keys_.pop_back();
    return add(std::move(value));
  }
  bool add(Json value) {
    if (open_.empty()) {
      root = std::move(value);
    } else if (auto* array = open_.back().as_array()) {
      array->push_back(std::move(value));
    } else {
      open_.back().as_object()->emplace_back(std::move(keys_.back()), std::move(value));
    }
    return true;
  }

  int depth_max_;
  std::vector<Json> open_{};
  std::vector<std::string> keys_{};
};

}  // namespace

const Json* Json::find(std::string_view key) const {
  const auto* members = as_object();
  if (members == nullptr) return nullptr;
  for (const auto& [name, value] : *members)
    if (name == key) return &value;
  return nullptr;
}

const Json& Json::operator[](std::string_view key) const {
  const Json* found = find(key);
  return found != nullptr ? *found : kNull;
}

std::string_view Json::text(std::string_view key) const {
  const auto* value = (*this)[key].as_string();
  return value != nullptr ? std::string_view(*value) : std::string_view();
}

std::int64_t Json::integer(std::string_view key, std::int64_t otherwise) const {
  const auto* value = (*this)[key].as_int();
  return value != nullptr ? *value : otherwise;
}

bool Json::flag(std::string_view key) const {
  const auto* value = (*this)[key].as_bool();
  return value != nullptr && *value;
}

Json& Json::set(std::string_view key, Json value) {
  if (is_null()) value_ = Object{};
  auto& members = std::get<Object>(value_);
  for (auto& [name, member] : members) {
    if (name != key) continue;
    member = std::move(value);
    return *this;
  }
  members.emplace_back(std::string(key), std::move(value));
  return *this;
}

Json& Json::push(Json value) {
  if (is_null()) value_ = Array{};
  std::get<Array>(value_).push_back(std::move(value));
  return *this;
}

std::size_t Json::size() const {
  if (const auto* array = as_array()) return array->size();
  if (const auto* members = as_object()) return members->size();
  return 0;
}

std::string Json::dump() const {
  Writer writer{true, -1};
  writer.write(*this, 0);
  return std::move(writer.out);
}

std::string Json::dump_text(int indent) const {
  Writer writer{false, indent};
  writer.write(*this, 0);
  return std::move(writer.out);
}

Result<Json> Json::parse(std::string_view text, int depth_max) {
  Builder builder(depth_max);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder))
    return Error{ErrorKind::input, "E0002", builder.error.empty() ? "not valid JSON" : builder.error, "check the text with a JSON linter", 0};
  return std::move(builder.root);
}

}  // namespace sluice
