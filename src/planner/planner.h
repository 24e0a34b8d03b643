#pragma once
#include <cstddef>
#include <memory>

#include "agents/ports/proposer.h"

namespace sluice {

/// The longest question and the longest single feedback that the built-in planner reads.
inline constexpr std::size_t kQuestionBytesMax = 2'000;

/// The built-in planner: a deterministic proposer that needs no model. It answers what it can place word for word and refuses the rest.
/// Any thread; keeps an index of names for a few recent catalogs, by the request's ids of catalog and glossary.
///
/// Errors, all Error{unanswerable}: E0600 nothing asked, E0601 too long, E0602 a word that could not be placed, E0603 two readings,
/// E0604 no way to join or to compute without counting rows twice, E0605 no table named, E0606 a shape of question that it doesn't know.
std::unique_ptr<Proposer> make_planner();

}  // namespace sluice
