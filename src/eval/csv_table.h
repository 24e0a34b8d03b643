#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice::eval {

struct CsvRecord {
  int line = 0;  ///< where it begins in its file, from 1
  std::vector<std::string> fields{};
};

inline constexpr std::size_t kCsvBytesMax = 16 * 1024 * 1024, kCsvFieldsMax = 100, kCsvRecordsMax = 20'000;

/// The records of a CSV text as RFC 4180 writes it: commas, fields in double quotes where they hold commas, quotes (doubled) or line breaks; lines
/// end in CR LF or LF; a byte order mark and empty lines are passed over. Whether records are as long as the header is the reader's to say. E0850
/// with the line.
Result<std::vector<CsvRecord>> read_csv_table(std::string_view text, const std::string& path);

}  // namespace sluice::eval
