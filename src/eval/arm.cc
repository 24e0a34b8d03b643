#include "eval/arm.h"

#include <algorithm>

#include "base/text.h"

namespace sluice::eval {
namespace {

constexpr std::string_view kBuiltIn = "built-in", kNoTools = "no-tools", kAlso = "+no-tools";
constexpr const char* kHint = "name arms with commas between them: built-in, a model of sluice.yaml, no-tools, or MODEL+no-tools";

Error wrong(const std::string& what) { return {ErrorKind::input, "E0852", what, kHint, 0}; }

Result<Arm> parse_arm(std::string_view text) {
  Arm out{.name = std::string(text)};
  if (text.empty()) return wrong("the list of arms has an empty place");
  if (text == kBuiltIn) {
    out.built_in = true;
    return out;
  }
  if (text == kNoTools) {
    out.no_tools = true;
    return out;
  }
  out.no_tools = text.ends_with(kAlso);
  out.model = std::string(out.no_tools ? text.substr(0, text.size() - kAlso.size()) : text);
  if (out.model.empty() || out.model.find('+') != std::string::npos || out.model == kBuiltIn)
    return wrong("\"" + show_hidden(text, false) + "\" is no arm");
  return out;
}

}  // namespace

Result<std::vector<Arm>> parse_arms(const std::string& text) {
  std::vector<Arm> out;
  for (const std::string_view part : split(text, ',')) {
    TRY(Arm arm, parse_arm(trim(part)));
    if (std::ranges::any_of(out, [&](const Arm& one) { return one.name == arm.name; }))
      return wrong("the arm \"" + show_hidden(arm.name, false) + "\" is there twice");
    if (out.size() == kArmsMax) return wrong("there are more than " + std::to_string(kArmsMax) + " arms");
    out.push_back(std::move(arm));
  }
  return out;
}

}  // namespace sluice::eval
