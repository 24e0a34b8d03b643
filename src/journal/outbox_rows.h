#pragma once
#include <optional>
#include <string>
#include <vector>

#include "app/ports/outbox.h"
#include "journal/db.h"

// The outbox's rows.
namespace sluice::journal_detail {

Result<std::optional<OutboxEntry>> read_outbox_entry(Db& db, const std::string& channel, const std::string& key);
Result<OutboxEntry> insert_outbox_entry(Db& db, const OutboxEntry& entry);
Result<int> raise_outbox(Db& db, const std::string& key, std::int64_t wanted);
/// Whether any could be taken: a look that writes nothing.
Result<bool> outbox_has_due(Db& db, const std::string& channel);
Result<std::optional<OutboxEntry>> take_from_outbox(Db& db, const std::string& channel, const std::string& holder, std::int64_t lease_ms);
Result<bool> settle_in_outbox(Db& db, std::int64_t no, const std::string& holder, const OutboxOutcome& outcome);
Result<std::vector<OutboxEntry>> read_outbox_wanting(Db& db, const std::string& kind, std::int64_t wanted_max);
Result<std::vector<OutboxCount>> count_outbox(Db& db);
/// Whether `forget_outbox` may find any: a look that writes nothing.
Result<bool> outbox_has_old(Db& db);
Result<int> forget_outbox(Db& db);

}  // namespace sluice::journal_detail
