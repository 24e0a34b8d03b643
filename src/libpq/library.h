#pragma once
#include <memory>
#include <string>

#include "base/result.h"

namespace sluice::libpq {

/// PostgreSQL's client library: see functions.h, which only .cc files include.
struct Functions;
/// Opened on first use with its symbols kept to itself: libpg_query defines some of the same names. E0441.
Result<std::shared_ptr<const Functions>> load();
/// E.g. "15.8".
std::string version_of(const Functions& library);

}  // namespace sluice::libpq
