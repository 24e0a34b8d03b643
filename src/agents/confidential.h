#pragma once
#include <span>
#include <string>
#include <string_view>

namespace sluice {

/// Whether a column of this name is likely to hold what must not leave the house with a prompt: passwords and their hashes, keys, tokens, numbers of
/// cards, accounts and people. By the words of the name ("password_hash", "apiKey", "SSN").
bool is_confidential_name(std::string_view column);

/// Whether the least and the greatest value of a column of this name would tell of single people: numbers of phones and accounts, postal codes, days
/// of birth ("phone_no", "zip", "date_of_birth", "DOB").
bool is_personal_name(std::string_view column);

/// Whether a value looks like a key, a token or a hash, whatever its column is called: long, without a space, letters and digits mixed as no word,
/// name, address or time has them; or a private key's or token's well-known beginning.
bool is_confidential_value(std::string_view value);

/// The text of an engine's error, a check or a query with kNotShown in the place of each word that is_confidential_value finds confidential, and of a
/// private key as a whole. A word that stands in one of the texts that are `shown` anyway stays: names of the catalog, what the model itself wrote.
/// What holds no such word stays as it is, to the byte.
std::string without_confidential_values(std::string_view text, std::span<const std::string_view> shown = {});
inline constexpr std::string_view kNotShown = "(not shown)";

}  // namespace sluice
