#pragma once
#include "data/catalog.h"

namespace sluice {

/// A small connection "shop": flights, airlines, airports, planes, a view, mixed-case and quoted names, a struct column, and sales.orders off the
/// path.
Catalog catalog_for_test(Dialect dialect);

}  // namespace sluice
