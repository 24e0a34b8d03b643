#pragma once
#include "cli/session.h"

namespace sluice {

/// Prints what became of a question: rows to standard output in the wanted format, words to standard error. Returns the exit status.
enum class ShowFor : std::uint8_t {
  asking,   ///< 0 only for `answered`
  looking,  ///< 0 whatever became of the run, unless its result cannot be read
};
int show_answer(Session& session, App& app, const RunView& view, ShowFor purpose = ShowFor::asking);

}  // namespace sluice
