#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

// What PostgreSQL says, in our words; its own text never reaches anybody, since it may hold values.
namespace sluice::journal_detail {

Error pg_error(std::string_view sqlstate, const std::string& shown);
/// Whether the same transaction may go well another time: others were in its way, or the server was going down.
bool pg_may_try_again(std::string_view sqlstate);
Error pg_lost(const std::string& shown);  // E0210
/// `said` is libpq's message of a failed connection: E0210 where trying again may help, else E0211.
Error pg_unreachable(std::string_view said, const std::string& shown);
Error pg_too_new(const std::string& shown, int format, int known);  // E0203

}  // namespace sluice::journal_detail
