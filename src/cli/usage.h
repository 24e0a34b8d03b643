#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace sluice {

/// The command that was named, as far as the words of the command line lead.
const CLI::App& named_command(const CLI::App& root);

/// What is wrong with the command line, in Sluice's words: E0800 with "did you mean" and the help to read.
Error usage_error(const CLI::App& root, const CLI::ParseError& failure);
Error wrong_usage(std::string message, std::string hint);
/// `given` is none of an option's values.
Error not_a_value(const std::string& option, const std::string& given, std::span<const std::string> values);

/// The enumerator of that name, as the value of an option.
template <class Enum>
Result<Enum> option_value(const std::string& option, const std::string& given) {
  std::vector<std::string> names;
  for (const auto& [value, name] : EnumNames<Enum>::names) {
    if (name == given) return value;
    names.emplace_back(name);
  }
  return not_a_value(option, given, names);
}

}  // namespace sluice
