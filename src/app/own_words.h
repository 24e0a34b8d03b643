#pragma once
#include "app/access.h"
#include "app/run_view.h"
#include "base/json.h"

// What quotes data, and who may read it. Engines put values of cells into their messages ("could not convert 'ada@example.org'"), models repeat what
// they were shown: who may not see rows gets the code of an error and our own words instead. All that a face tells of a run goes through here.
namespace sluice {

enum class Words : std::uint8_t {
  all,   ///< for who may see rows
  ours,  ///< nothing that somebody else's program has put into words, beside the question, the SQL and what people said
};

/// E1301 is not noted: nobody was refused anything.
Words words_for(const Principal& who, std::string_view connection, std::string_view workflow);

/// What is not known to be in our words alone keeps its code and kind.
Error told(Error error, Words words);
RunView told(RunView view, Words words);
/// `reason` of a run that stands still for an error, or ended with one.
RunSummary told(RunSummary summary, Words words);
EventInfo told(EventInfo event, Words words);
ApprovalInfo told(ApprovalInfo approval, Words words);
/// A card with all its members; `ours` has no sample, and not what a model asks back.
Json told_card(const Json& card, Words words);

}  // namespace sluice
