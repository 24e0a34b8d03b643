#pragma once
#include <string>
#include <vector>

#include "journal/db.h"

// The audit chain's rows.
namespace sluice::journal_detail {

/// Chains the drafts to what is there; the last thing in a transaction, since from here on whoever else writes to the chain waits for its end.
Result<> write_audit(Db& db, std::vector<AuditDraft> drafts);
Result<std::vector<AuditEntry>> read_audit(Db& db, std::int64_t from, int limit, const RunId& of);
/// Whether as many refusals of this who and deed are noted as may be.
Result<bool> refusals_are_full(Db& db, const NewRefusal& kept);
/// Notes the refusal in the chain; false where as many are there already.
Result<bool> write_refusal(Db& db, const NewRefusal& kept);
/// Notes a login in the chain, unless as many of this name are there already.
Result<> write_login(Db& db, const std::string& who, const std::vector<std::string>& groups);
/// What the store says is the newest entry.
Result<AuditHead> read_audit_head(Db& db);

}  // namespace sluice::journal_detail
