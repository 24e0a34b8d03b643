#pragma once

namespace sluice::agents_detail {

struct PromptText {
  const char *name, *text;
};
/// The prompt files as they are, by name ("ask.system"); ends with a null name.
extern const PromptText kPromptTexts[];  // NOLINT(modernize-avoid-c-arrays): filled in by CMake, which does not count

}  // namespace sluice::agents_detail
