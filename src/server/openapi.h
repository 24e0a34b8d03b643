#pragma once
#include <string>
#include <vector>

#include "server/api_route.h"

namespace sluice {

/// The OpenAPI 3.1 description of the routes (https://spec.openapis.org/oas/v3.1.0).
Json openapi(const std::vector<ApiRoute>& routes, const std::string& version);
/// The schemas of what operations give, by name: `components/schemas` of the description.
Json openapi_schemas();

}  // namespace sluice
