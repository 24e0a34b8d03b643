#include "config/secret_text.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "telemetry/redaction.h"

namespace sluice {
namespace {

constexpr std::string_view kSecret = "secret://";
constexpr std::string_view kSecretVariable = "secret://env/", kSecretFile = "secret://file/";
constexpr std::size_t kSecretFileMax = 64 * 1024;
constexpr std::size_t kTextMax = 16 * 1024;

bool is_variable_name(std::string_view name) {
  if (name.empty() || (std::isdigit(static_cast<unsigned char>(name.front())) != 0)) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; });
}

Error bad_reference(const std::string& why) {
  return Error{ErrorKind::input, "E0710", why,
               "write ${NAME}, ${NAME:-default}, secret://env/NAME or secret://file/PATH; $${ stands for a literal ${"};
}

Result<std::string> file_content(const std::string& path) {
  const Error unreadable{ErrorKind::not_found, "E0712", "the secret's file " + path + " can't be read", "check the path and its permissions"};
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return unreadable;
  std::ifstream file(path, std::ios::binary);
  std::string text(kSecretFileMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) return unreadable;
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kSecretFileMax)
    return Error{ErrorKind::input, "E0712", "the secret's file " + path + " is larger than " + human_bytes(kSecretFileMax), "check the path"};
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

/// Where the password of a URL's text begins and ends (end: its '@'), or npos twice.
std::pair<std::size_t, std::size_t> password_in(std::string_view url) {
  constexpr auto kNone = std::string_view::npos;
  const std::size_t scheme = url.find("://");
  if (scheme == kNone) return {kNone, kNone};
  const std::size_t from = scheme + 3;
  const std::size_t at = url.substr(0, url.find_first_of("/?#", from)).rfind('@');
  // A raw '/' in a password is wrong but happens; what stands before the last '@' is not shown.
  const std::size_t end = at != kNone && at >= from ? at : url.rfind('@');
  if (end == kNone || end < from) return {kNone, kNone};
  const std::size_t colon = url.find(':', from);
  if (colon == kNone || colon > end) return {kNone, kNone};
  return {colon + 1, end};
}

/// Values of password-like parameters ("…?password=x", "host=h password='x y'") become ***.
void mask_parameters(std::string& text) {
  for (const std::string_view keyword : {"sslpassword", "password"}) {
    std::size_t at = 0;
    for (;;) {  // each round moves `at` on
      at = to_lower(text).find(keyword, at);
      if (at == std::string::npos) break;
      std::size_t from = text.find_first_not_of(" \t", at + keyword.size());
      at += keyword.size();
      if (from == std::string::npos || text[from] != '=') continue;
      from = text.find_first_not_of(" \t", from + 1);
      if (from == std::string::npos) break;
      const bool quoted = text[from] == '\'';
      std::size_t end = quoted ? text.find('\'', from + 1) : text.find_first_of("& \t", from);
      while (quoted && end != std::string::npos && text[end - 1] == '\\') end = text.find('\'', end + 1);
      if (end == std::string::npos) end = text.size();
      text.replace(from, end - from + (quoted && end < text.size() ? 1 : 0), "***");
    }
  }
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
  return out;
}

SecretText SecretText::literal(std::string text) { return SecretText().append_literal(std::move(text)); }

SecretText& SecretText::append_literal(std::string text) {
  if (text.empty()) return *this;
  if (!parts_.empty() && parts_.back().origin == Origin::text)
    parts_.back().text += text;
  else
    parts_.push_back({Origin::text, std::move(text), std::nullopt, false});
  return *this;
}

SecretText& SecretText::append_variable(std::string name, std::optional<std::string> fallback, bool percent_encode) {
  parts_.push_back({Origin::variable, std::move(name), std::move(fallback), percent_encode});
  return *this;
}

Result<SecretText::Part> SecretText::reference(std::string_view inside) {
  const std::size_t dash = inside.find(":-");
  const std::string_view name = inside.substr(0, dash);
  // What stands there may be a secret put in the wrong place: it is not repeated.
  if (!is_variable_name(name)) return bad_reference("a ${…} reference does not name a variable");
  Part part{Origin::variable, std::string(name), std::nullopt, false};
  if (dash != std::string_view::npos) part.fallback = std::string(inside.substr(dash + 2));
  return part;
}

Result<SecretText> SecretText::split_references(std::string_view text, const std::string& base_dir) {
  if (text.size() > kTextMax) return bad_reference("a value is longer than " + human_bytes(kTextMax));
  SecretText out;
  if (text.starts_with(kSecretVariable)) {
    if (!is_variable_name(text.substr(kSecretVariable.size()))) return bad_reference("secret://env/ does not name a variable");
    return out.append_variable(std::string(text.substr(kSecretVariable.size())), std::nullopt, false);
  }
  if (text.starts_with(kSecretFile)) {
    std::string path(text.substr(kSecretFile.size()));
    if (path.empty() || path.find('\0') != std::string::npos) return bad_reference("secret://file/ does not name a file");
    // secret://file/etc/x is taken from the configuration's folder, secret://file//etc/x from the root.
    if (path.front() != '/' && !base_dir.empty()) path = base_dir + "/" + path;
    out.parts_.push_back({Origin::file, std::move(path), std::nullopt, false});
    return out;
  }
  if (text.starts_with(kSecret)) return bad_reference("there is no secret:// reference of this kind");
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("$${")) {
      plain += "${";
      at += 3;
    } else if (text.substr(at).starts_with("${")) {
      const std::size_t end = text.find('}', at);
      if (end == std::string_view::npos) return bad_reference("a ${ reference is not closed");
      TRY(Part part, reference(text.substr(at + 2, end - at - 2)));
      out.append_literal(std::exchange(plain, {}));
      out.parts_.push_back(std::move(part));
      at = end + 1;
    } else {
      plain += text[at++];
    }
  }
  out.append_literal(std::move(plain));
  return out;
}

Result<SecretText> SecretText::parse(std::string_view text, const std::string& base_dir) { return split_references(text, base_dir); }

Result<SecretText> SecretText::parse_url(std::string_view text, const std::string& base_dir) {
  TRY(SecretText out, split_references(text, base_dir));
  if (out.parts_.size() < 2) return out;
  bool begun = false;
  for (std::size_t i = 0; i < out.parts_.size(); ++i) {
    Part& part = out.parts_[i];
    if (part.origin == Origin::text) {
      begun = begun || part.text.find("://") != std::string::npos;
      continue;
    }
    // Before the '@' that ends user and password: a later literal still holds one.
    const bool before_host = std::any_of(out.parts_.begin() + static_cast<std::ptrdiff_t>(i), out.parts_.end(),
                                         [](const Part& later) { return later.origin == Origin::text && later.text.find('@') != std::string::npos; });
    part.percent_encode = begun && before_host;
  }
  return out;
}

Result<std::string> SecretText::look_up(const Environment& environment, std::vector<LookedUp>& found) const {
  std::string out;
  for (const Part& part : parts_) {
    std::string value = part.text;
    if (part.origin == Origin::file) {
      TRY(value, file_content(part.text));
    } else if (part.origin == Origin::variable) {
      auto variable = environment(part.text);
      if ((!variable || variable->empty()) && part.fallback) variable = part.fallback;
      if (!variable)
        return Error{ErrorKind::not_found, "E0711", "the variable " + part.text + " is not set",
                     "set it (export " + part.text + "=…) and run the command again"};
      value = *std::move(variable);
    }
    if (part.origin != Origin::text) found.push_back({out.size(), value});
    out += part.percent_encode ? percent_encoded(value) : value;
  }
  return out;
}

Result<std::string> SecretText::reveal(const Environment& environment) const {
  std::vector<LookedUp> found;
  TRY(std::string out, look_up(environment, found));
  // A URL's host and database are no secrets; its password is, as it is sent and as it is meant.
  const bool is_url = out.find("://") != std::string::npos;
  const auto [from, end] = password_in(out);
  for (const auto& [at, value] : found)
    if (!is_url || (at >= from && at < end)) learn_secret(value);
  if (is_url) learn_secret(out);
  return out;
}

Result<std::string> SecretText::plain(const Environment& environment) const {
  std::vector<LookedUp> found;
  return look_up(environment, found);
}

std::string SecretText::shown() const {
  std::string out;
  for (const Part& part : parts_) {
    if (part.origin == Origin::text) out += part.text;
    if (part.origin == Origin::variable) out += "${" + part.text + "}";
    if (part.origin == Origin::file) out += "secret://file/" + part.text;
  }
  return out;
}

std::string SecretText::masked() const {
  std::string out = shown();
  if (const auto [from, end] = password_in(out); from != std::string::npos) out.replace(from, end - from, "***");
  mask_parameters(out);
  return show_hidden(out, false);
}

std::string SecretText::masked_wholly() const {
  std::string out;
  for (const Part& part : parts_)
    out += part.origin == Origin::text ? "***" : part.origin == Origin::file ? "secret://file/" + part.text : "${" + part.text + "}";
  return show_hidden(out, false);
}

bool SecretText::has_literal() const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [](const Part& part) { return part.origin == Origin::text || !part.fallback.value_or("").empty(); });
}

std::string SecretText::written() const {
  std::string out;
  for (const Part& part : parts_) {
    if (part.origin == Origin::file) out += "secret://file/" + part.text;
    if (part.origin == Origin::variable) out += "${" + part.text + (part.fallback ? ":-" + *part.fallback : "") + "}";
    if (part.origin != Origin::text) continue;
    std::string text = part.text;
    for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 3)) text.insert(at, "$");
    out += text;
  }
  return out;
}

Result<SecretText> SecretText::with_password_from(const std::string& variable) const {
  std::string text = written();
  const auto [from, end] = password_in(text);
  if (from == std::string::npos)
    return Error{ErrorKind::input, "E0733", "the password of the URL can't be moved to a variable from where it stands",
                 "write the URL as postgresql://USER:PASSWORD@HOST/DATABASE"};
  text.replace(from, end - from, "${" + variable + "}");
  TRY(SecretText moved, parse_url(text));
  if (moved.has_literal_password())
    return Error{ErrorKind::input, "E0733", "the URL holds more than one password", "write the URL as postgresql://USER:PASSWORD@HOST/DATABASE"};
  return moved;
}

bool SecretText::has_literal_password() const {
  // With every reference left out, is there still something to mask?
  SecretText only;
  for (const Part& part : parts_)
    if (part.origin == Origin::text) only.append_literal(part.text);
  std::string text = only.shown();
  if (const auto [from, end] = password_in(text); from != std::string::npos && end > from) return true;
  std::string masked_text = text;
  mask_parameters(masked_text);
  return masked_text != text && masked_text.size() >= 3;
}

}  // namespace sluice
