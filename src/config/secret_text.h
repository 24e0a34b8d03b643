#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/environment.h"

namespace sluice {

/// A text that may hold secrets, kept as it was written: references (`${VAR}`, `${VAR:-default}`, `secret://env/NAME`,
/// `secret://file/PATH`) are looked up each time it is revealed, never before. It has no stream operator, no conversion and no codec, so
/// it cannot slip into a log, the journal or an error; `masked` is what a person may see.
class SecretText {
 public:
  SecretText() = default;
  /// `$${` stands for a literal `${`. E0710 for a reference that is not closed or names nothing; a relative secret://file path is taken from
  /// `base_dir`.
  static Result<SecretText> parse(std::string_view text, const std::string& base_dir = "");
  /// Like `parse` for a connection URL: a value put in between `://` and the host is percent-encoded, so that a password may hold
  /// any characters. A text that is one single reference is taken as the whole URL and left alone.
  static Result<SecretText> parse_url(std::string_view text, const std::string& base_dir = "");
  /// The text itself, without references.
  static SecretText literal(std::string text);

  SecretText& append_literal(std::string text);
  /// Appends the value that the variable has when revealed; `fallback` where it is unset or empty.
  SecretText& append_variable(std::string name, std::optional<std::string> fallback, bool percent_encode);

  bool empty() const { return parts_.empty(); }
  /// The text with every reference looked up now. E0711 for a variable that is not set, E0712 for a file that can't be read.
  /// From then on no log of this process shows what was looked up; of a URL, its password.
  Result<std::string> reveal(const Environment& environment = process_environment()) const;
  /// The same for a text that is no secret.
  Result<std::string> plain(const Environment& environment) const;
  /// For people: references by their names, the password of a URL as `***`.
  std::string masked() const;
  /// The same for a text that is a secret as a whole, such as a key: what is written out in it is `***`.
  std::string masked_wholly() const;
  /// Something is written out in it instead of being referred to, be it as a default (`${NAME:-…}`).
  bool has_literal() const;
  /// A password is written out in it instead of being referred to.
  bool has_literal_password() const;
  /// The URL with the password between `:` and `@` replaced by a reference. E0733 where it stands elsewhere.
  Result<SecretText> with_password_from(const std::string& variable) const;
  /// As `parse_url` reads it back, passwords in clear: for sluice.yaml and nothing else.
  std::string written() const;
  bool operator==(const SecretText&) const = default;

 private:
  enum class Origin { text, variable, file };
  struct Part {
    Origin origin = Origin::text;
    std::string text{};  ///< literal, variable or path
    std::optional<std::string> fallback{};
    bool percent_encode = false;

    bool operator==(const Part&) const = default;
  };
  static Result<SecretText> split_references(std::string_view text, const std::string& base_dir);
  static Result<Part> reference(std::string_view inside);
  std::string shown() const;
  struct LookedUp {
    std::size_t at = 0;   ///< in the text
    std::string value{};  ///< as it was found
  };
  Result<std::string> look_up(const Environment& environment, std::vector<LookedUp>& found) const;

  std::vector<Part> parts_{};
};

/// Everything but letters, digits and - . _ ~ as %XX (RFC 3986).
std::string percent_encoded(std::string_view text);

}  // namespace sluice
