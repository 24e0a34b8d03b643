#pragma once
#include <memory>
#include <string>

#include "proof/ports/engine.h"

namespace sluice {

/// Results as Parquet files (ZSTD) in `folder`, each named by the SHA-256 of its bytes. Booleans, integers, floating numbers and bytes are stored as
/// such, everything else as the text that the engine gave, so that no digit and no odd date is lost; names and types of the columns are in the
/// file's metadata under "sluice". Text that is not UTF-8 has U+FFFD in the place of what is not. E0412 the folder or file cannot be written,
/// E0413 a result is missing or no longer what its name says. Any thread.
Result<std::unique_ptr<ResultStore>> open_result_store(const std::string& folder);

}  // namespace sluice
