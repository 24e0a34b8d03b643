#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/glossary.h"

namespace sluice {

/// The entries of a glossary.yml (docs/glossary.md) that apply to the connection; all entries are checked. Nothing is looked up in a catalog.
/// `connections` are the names that an entry may be restricted to. E0701 and E0706 for what is no YAML, E0740 for what is no glossary, each with the
/// line.
Result<Glossary> parse_glossary(std::string_view text, const std::string& path, const std::string& connection,
                                const std::vector<std::string>& connections);

}  // namespace sluice
