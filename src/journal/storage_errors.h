#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace sluice::journal_detail {

/// SQLite's extended result code in our words, with the errno behind it (0: none); SQLite's own text never reaches anybody.
Error sqlite_error(int extended_code, int error_number, const std::string& file, std::string_view doing);
/// An errno of a call on the journal's files in our words.
Error file_error(int error_number, const std::string& file, std::string_view doing);

Error damaged(const std::string& file, std::string_view how);         // E0202
Error not_a_journal(const std::string& file, std::string_view what);  // E0202
Error too_new(const std::string& file, int version, int known);       // E0203
Error locked(const std::string& file);                                // E0205
Error overloaded(const std::string& file);                            // E0208

/// Ends the process: after a failed sync nobody knows what is on the disk, and the kernel may have dropped the pages, so that a second
/// sync would report success without having written them.
[[noreturn]] void die_of_failed_sync(int extended_code, const std::string& file);

}  // namespace sluice::journal_detail
