#pragma once
#include "cli/session.h"

namespace sluice {

/// Prints what became of a question: rows to standard output in the wanted format, words to standard error. Returns the exit status.
enum class ShowFor : std::uint8_t {
  asking,   ///< 0 only for `answered`
  looking,  ///< 0 whatever became of the run, unless its result cannot be read
};
int show_answer(Session& session, App& app, const RunView& view, ShowFor purpose = ShowFor::asking);

/// The JSON document of docs/schemas/answer.schema.json without its rows.
Json answer_json(const RunView& view);

/// One check, and all of a proof.
Json check_json(const Check& check);
Json proof_json(const Proof& proof);

}  // namespace sluice
