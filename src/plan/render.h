#pragma once
#include <string>
#include <string_view>

#include "plan/spec.h"

namespace sluice::plan {

/// The spec as one SELECT in the dialect: the same spec gives the same bytes. Means the same on every dialect, as far as the engines
/// allow: text is compared and ordered by the database's own collation.
std::string render(const Spec& spec, Dialect dialect);

/// The name as SQL, in double quotes where it needs them: keywords, odd characters, and upper case where the dialect would fold it.
std::string quote_name(std::string_view name, Dialect dialect);

}  // namespace sluice::plan
