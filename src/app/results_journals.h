#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"

// Results lie beside sluice.yaml whatever the journal is, and only their journal knows which of them are needed.
namespace sluice {

/// Notes in the folder, once, that the configured journal has results here. E0201.
Result<> note_journal(const Config& config);
/// All that were noted, in any order: "file" for the folder's own journal, else where the database is, without who logs in. None where no list was
/// begun. E0201 where it cannot be read: who takes that for none deletes what another journal needs.
Result<std::vector<std::string>> noted_journals(const Config& config);

}  // namespace sluice
