#include "agents/confidential.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::array<std::string_view, 24> kWords{"password",    "passwd", "passphrase", "pwd",   "secret",   "token",  "apikey",  "credential",
                                                  "credentials", "hash",   "salt",       "cvv",   "cvc",      "ssn",    "iban",    "otp",
                                                  "passcode",    "pin",    "jwt",        "nonce", "mnemonic", "tokens", "secrets", "passwords"};
struct Pair {
  std::string_view first, second;
};
constexpr std::array<Pair, 14> kPairs{{{"api", "key"},
                                       {"private", "key"},
                                       {"access", "key"},
                                       {"secret", "key"},
                                       {"card", "number"},
                                       {"card", "no"},
                                       {"account", "number"},
                                       {"account", "no"},
                                       {"acct", "no"},
                                       {"social", "security"},
                                       {"tax", "id"},
                                       {"signing", "key"},
                                       {"pass", "word"},
                                       {"encryption", "key"}}};
constexpr std::array<std::string_view, 20> kPersonalWords{"phone",    "phones", "telephone", "tel",      "mobile",    "cellphone", "fax",
                                                          "msisdn",   "imei",   "zip",       "zipcode",  "postal",    "postcode",  "plz",
                                                          "passport", "dob",    "born",      "birthday", "birthdate", "nationalid"};
constexpr std::array<Pair, 2> kPersonalPairs{{{"birth", "date"}, {"date", "birth"}}};
constexpr std::array<std::string_view, 8> kBeginnings{"sk-", "ghp_", "github_pat_", "xoxb-", "xoxp-", "AKIA", "eyJ", "$2"};

constexpr std::string_view kPrivateKey = "-----BEGIN", kPrivateKeyEnd = "-----END", kDashes = "-----";

/// "apiKey_2" → api, key, 2.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  char before = ' ';
  for (const char c : name) {
    const bool letter = std::isalpha(static_cast<unsigned char>(c)) != 0;
    const bool camel = std::isupper(static_cast<unsigned char>(c)) != 0 && std::islower(static_cast<unsigned char>(before)) != 0;
    const bool letter_before = std::isalpha(static_cast<unsigned char>(before)) != 0;
    if ((camel || letter != letter_before) && !words.back().empty()) words.emplace_back();
    if (letter || std::isdigit(static_cast<unsigned char>(c)) != 0) words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    before = c;
  }
  return words;
}

/// A character of a word: of what keys and tokens are made of, and what tells addresses from them. No byte above ASCII is: quotation marks such as
/// » and „ would hide the key that they stand around.
bool is_of_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("+/=_-.$:@").find(c) != std::string_view::npos;
}

/// Where the private key that begins at `begin` ends: behind its last line, or with the text.
std::size_t end_of_private_key(std::string_view text, std::size_t begin) {
  const std::size_t last_line = text.find(kPrivateKeyEnd, begin);
  const std::size_t dashes = last_line == std::string_view::npos ? last_line : text.find(kDashes, last_line + kPrivateKeyEnd.size());
  return dashes == std::string_view::npos ? text.size() : dashes + kDashes.size();
}

/// Appends the word, less what of it is confidential: all of it, or the value in "key=value".
void append_word(std::string& out, std::string_view word, std::span<const std::string_view> shown) {
  const auto hidden = [&](std::string_view part) {
    return is_confidential_value(part) &&
           std::ranges::none_of(shown, [&](std::string_view text) { return text.find(part) != std::string_view::npos; });
  };
  const std::size_t end = word.find_last_not_of(".:") + 1;  // what ends a sentence is no part of the value
  const std::string_view core = word.substr(0, end), rest = word.substr(end);
  const bool address = core.find("://") != std::string_view::npos || core.find('@') != std::string_view::npos;
  const std::size_t separator = address ? std::string_view::npos : core.find_first_of("=:");
  if (separator != std::string_view::npos && hidden(core.substr(separator + 1)) && !hidden(core.substr(0, separator)))
    (out += core.substr(0, separator + 1)) += kNotShown;
  else if (hidden(core))
    out += kNotShown;
  else
    out += core;
  out += rest;
}

}  // namespace

bool is_confidential_name(std::string_view column) {
  const std::vector<std::string> words = words_of(column);
  for (std::size_t n = 0; n < words.size(); ++n) {
    if (std::ranges::find(kWords, words[n]) != kWords.end()) return true;
    if (n > 0 && std::ranges::any_of(kPairs, [&](const Pair& pair) { return words[n - 1] == pair.first && words[n] == pair.second; })) return true;
  }
  return false;
}

bool is_personal_name(std::string_view column) {
  std::vector<std::string> words = words_of(column);
  std::erase(words, "of");
  if (words == std::vector<std::string>{"account"} || words == std::vector<std::string>{"acct"}) return true;
  for (std::size_t n = 0; n < words.size(); ++n) {
    if (std::ranges::find(kPersonalWords, words[n]) != kPersonalWords.end()) return true;
    const auto is = [&](const Pair& pair) { return words[n - 1] == pair.first && words[n] == pair.second; };
    if (n > 0 && std::ranges::any_of(kPersonalPairs, is)) return true;
  }
  return false;
}

bool is_confidential_value(std::string_view value) {
  constexpr std::size_t kLongMin = 24, kBeginningMin = 16;
  constexpr int kTurnsMin = 4;  // from letter to digit and back: "2013-01-01T00:00:00Z" has two, a UUID or hash many
  if (value.size() >= kBeginningMin && std::ranges::any_of(kBeginnings, [&](std::string_view beginning) {
        return value.starts_with(beginning) && value.find(' ') == std::string_view::npos;
      }))
    return true;
  if (value.starts_with(kPrivateKey)) return true;
  if (value.size() < kLongMin || value.find("://") != std::string_view::npos || value.find('@') != std::string_view::npos) return false;
  int turns = 0;
  char before = ' ';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) == 0 && std::string_view("+/=_-.$:").find(c) == std::string_view::npos) return false;
    const bool changes = std::isalnum(byte) != 0 && std::isalnum(static_cast<unsigned char>(before)) != 0 &&
                         (std::isdigit(byte) != 0) != (std::isdigit(static_cast<unsigned char>(before)) != 0);
    if (changes) ++turns;
    before = c;
  }
  return turns >= kTurnsMin;
}

std::string without_confidential_values(std::string_view text, std::span<const std::string_view> shown) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with(kPrivateKey)) {
      at = end_of_private_key(text, at);
      out += kNotShown;
    } else if (!is_of_word(text[at])) {
      out += text[at++];
    } else {
      std::size_t end = at;
      while (end < text.size() && is_of_word(text[end])) ++end;
      append_word(out, text.substr(at, end - at), shown);
      at = end;
    }
  }
  return out;
}

}  // namespace sluice
