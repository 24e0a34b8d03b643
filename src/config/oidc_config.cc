#include "config/oidc_config.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kListMax = 50, kTextMax = 300, kButtonMax = 60;

bool is_visible(std::string_view text) {
  return !text.empty() && text.size() <= kTextMax && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// https, or this machine itself, where nobody stands in between.
bool is_issuer(std::string_view url) {
  const bool here = std::ranges::any_of(std::array{"http://127.0.0.1", "http://localhost", "http://[::1]"}, [&](std::string_view begins) {
    return url.starts_with(begins) && (url.size() == begins.size() || url[begins.size()] == ':' || url[begins.size()] == '/');
  });
  constexpr std::string_view kSecure = "https://";
  return is_visible(url) && (here || (url.starts_with(kSecure) && url.size() > kSecure.size())) &&
         url.find_first_of("?#@\\\"") == std::string_view::npos;
}

Result<std::vector<std::string>> words_at(const ConfigSource& source, const YamlNode& node, const std::string& key, const std::string& of) {
  const std::string expected = "a list of " + of;
  if (node.kind != YamlNode::Kind::list || node.items.empty() || node.items.size() > kListMax) return wrong_type(source, node, key, expected);
  std::vector<std::string> out;
  for (const YamlNode& item : node.items) {
    TRY(std::string text, text_at(source, item, key));
    if (!is_visible(text)) return wrong_type(source, item, "each of " + key, "a word without blanks");
    if (std::ranges::find(out, text) != out.end()) return wrong_type(source, item, "each of " + key, "another one");
    out.push_back(std::move(text));
  }
  return out;
}

Result<> read_who_asks(const ConfigSource& source, const YamlNode& node, OidcConfig& out) {
  for (const char* key : {"issuer", "client_id"})
    if (node.find(key) == nullptr)
      return at_line(source, node, "E0704", std::string("server.oidc lacks \"") + key + "\"",
                     "write at least {issuer: https://id.example.org, client_id: sluice, client_secret: \"${OIDC_CLIENT_SECRET}\"}");
  TRY(out.issuer, text_at(source, *node.find("issuer"), "issuer"));
  if (!is_issuer(out.issuer))
    return wrong_type(source, *node.find("issuer"), "issuer",
                      "the provider's address, https://id.example.org, as it writes it in its openid-configuration; http only for 127.0.0.1");
  TRY(out.client_id, text_at(source, *node.find("client_id"), "client_id"));
  if (!is_visible(out.client_id)) return wrong_type(source, *node.find("client_id"), "client_id", "a word without blanks");
  if (const YamlNode* value = node.find("client_secret")) {
    if (value->kind != YamlNode::Kind::scalar || value->text.empty())
      return wrong_type(source, *value, "client_secret", "a reference such as ${NAME}");
    auto secret = SecretText::parse(value->text, source.folder);
    if (!secret) return at_line(source, *value, secret.error().code.c_str(), "client_secret: " + secret.error().message, secret.error().hint);
    out.client_secret = *std::move(secret);
  }
  return {};
}

Result<> read_lists(const ConfigSource& source, const YamlNode& node, OidcConfig& out) {
  if (const YamlNode* value = node.find("scopes")) {
    TRY(out.scopes, words_at(source, *value, "scopes", "words; openid is one of them"));
    if (std::ranges::find(out.scopes, "openid") == out.scopes.end())
      return at_line(source, *value, "E0703", "scopes lacks openid", "without it, the provider says nothing of who logged in");
  }
  if (const YamlNode* value = node.find("algorithms")) {
    TRY(out.algorithms, words_at(source, *value, "algorithms", "ways to sign, such as RS256"));
    const std::vector<std::string> known{kOidcAlgorithms.begin(), kOidcAlgorithms.end()};
    for (const std::string& name : out.algorithms)
      if (std::ranges::find(known, name) == known.end())
        return at_line(source, *value, "E0703", "\"" + show_hidden(name, false) + "\" is no way to sign that is taken" + did_you_mean(name, known),
                       "one of " + join(known, ", ") + ": none, and secrets that both sides have (HS256), are not taken");
  }
  if (const YamlNode* value = node.find("allowed_domains")) {
    TRY(out.allowed_domains, words_at(source, *value, "allowed_domains", "domains such as example.org"));
    const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.'; };
    for (const std::string& domain : out.allowed_domains)
      if (!std::ranges::all_of(domain, fits) || domain.starts_with('.'))
        return wrong_type(source, *value, "each of allowed_domains", "a domain such as example.org");
  }
  return {};
}

Result<> read_claims(const ConfigSource& source, const YamlNode& node, OidcConfig& out) {
  if (const YamlNode* value = node.find("groups_claim")) {
    TRY(out.groups_claim, text_at(source, *value, "groups_claim"));
    if (!is_visible(out.groups_claim)) return wrong_type(source, *value, "groups_claim", "the name of a claim, such as groups");
  }
  if (const YamlNode* value = node.find("name")) {
    TRY(out.name, text_at(source, *value, "name"));
    if (out.name.empty() || out.name.size() > kButtonMax || show_hidden(out.name, false) != out.name)
      return wrong_type(source, *value, "name", "a short name for the button, such as Example ID");
  }
  if (const YamlNode* value = node.find("unverified_email")) {
    TRY(const std::string text, text_at(source, *value, "unverified_email"));
    if (text != "refuse" && text != "accept")
      return wrong_type(source, *value, "unverified_email", "refuse or accept; accept only where nobody can choose their address by themselves");
    out.takes_unverified_email = text == "accept";
  }
  return {};
}

Result<> read_way(const ConfigSource& source, const YamlNode& node, OidcConfig& out) {
  if (const YamlNode* value = node.find("proxy")) {
    TRY(out.proxy, secret_at(source, *value, "proxy"));
  }
  if (const YamlNode* value = node.find("ca_file")) {
    TRY(const std::string file, text_at(source, *value, "ca_file"));
    if (file.empty()) return wrong_type(source, *value, "ca_file", "a file");
    out.ca_file = absolute(source, file);
  }
  if (const YamlNode* value = node.find("allow_private")) {
    TRY(out.allow_private, flag_at(source, *value, "allow_private"));
  }
  return {};
}

}  // namespace

Result<OidcConfig> read_oidc(const ConfigSource& source, const YamlNode& node) {
  TRY_VOID(known_keys(source, node, "server.oidc",
                      {"issuer", "client_id", "client_secret", "name", "scopes", "algorithms", "groups_claim", "allowed_domains", "unverified_email",
                       "proxy", "ca_file", "allow_private"}));
  OidcConfig out;
  TRY_VOID(read_who_asks(source, node, out));
  TRY_VOID(read_lists(source, node, out));
  TRY_VOID(read_claims(source, node, out));
  TRY_VOID(read_way(source, node, out));
  return out;
}

}  // namespace sluice
