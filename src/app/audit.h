#pragma once
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "workflow/audit_check.h"

namespace sluice {

/// Words about what goes on, now and then. Must not block.
using ProgressWords = std::function<void(const std::string& what)>;

/// The anchors that a file holds, oldest first: a JSON object a line, each {"no", "hash", "first", "at"}. E0138: it cannot be read, or is none.
Result<std::vector<AuditAnchor>> read_anchors(const std::string& file);

/// Adds where the chain ends now to the file, which is made where there is none; on disk when it returns. Nothing where the chain has no entry.
/// E0131: what the file says already does not fit the chain, so that a new anchor would cover up what happened. E0138.
Result<std::optional<AuditAnchor>> add_anchor(Journal& journal, const std::string& file);

/// Hands the chain over, an entry a line, from the first that is not older than `since`. A line is the canonical bytes that its hash is made of, with
/// `"hash"` as one more member at their end. Returns the number of lines.
Result<std::int64_t> export_audit(Journal& journal, TimeMs since, const std::function<Result<>(const std::string& line)>& sink,
                                  const std::stop_token& stop);

}  // namespace sluice
