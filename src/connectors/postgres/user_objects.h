#pragma once
#include <map>
#include <string>

#include "connectors/postgres/session.h"
#include "data/catalog.h"

namespace sluice::postgres {

/// By pg_class.oid: what makes reading or planning that table run functions that users added (Table::user_code), always and where its row-level
/// security applies.
struct UserCode {
  std::map<std::string, std::string, std::less<>> tables{}, policies{};
};

/// Fills in the functions, operators and types that users added, whatever their schema, and finds where their functions run without being called by
/// name: indexes and statistics with expressions (planning computes them), casts, operator classes and types, partition keys, views that hide a cast.
Result<UserCode> read_user_objects(Session& session, Catalog& catalog);

}  // namespace sluice::postgres
