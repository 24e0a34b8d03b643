#pragma once
#include <string>

#include "app/app.h"
#include "server/http.h"

namespace sluice {

/// The rows of an answered run as a download: csv, jsonl or parquet (the whole kept file). They stream; nothing of them is held in memory. `limit` 0:
/// all.
WebResponse download_rows(App& app, const RunView& view, const std::string& format, std::int64_t limit);

}  // namespace sluice
