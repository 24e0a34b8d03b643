#pragma once
#include "planner/compose.h"

namespace sluice::planner {

/// The first mention that the spec has nothing of: neither its column (or one that a key makes equal), its value, nor its table. A question's
/// word that came to nothing could have changed the answer. kNoMention: all of them are there.
MentionId first_unused(const Frame& frame, const Choice& choice, const plan::SpecDraft& draft, const Catalog& catalog, const JoinGraph& graph);

}  // namespace sluice::planner
