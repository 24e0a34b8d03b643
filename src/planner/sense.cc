#include "planner/sense.h"

#include <algorithm>

namespace sluice::planner {
namespace {

/// The value with the parts of every "and" and "or" in one order.
Json sorted(const Json& value) {
  if (const auto* array = value.as_array()) {
    Json out = Json::array();
    for (const Json& one : *array) out.push(sorted(one));
    return out;
  }
  const auto* object = value.as_object();
  if (object == nullptr) return value;
  Json out = Json::object();
  for (const auto& [key, one] : *object) out.set(key, sorted(one));
  const bool any_order = value.text("call") == "and" || value.text("call") == "or";
  const auto* args = out["args"].as_array();
  if (!any_order || args == nullptr) return out;
  Json::Array parts = *args;
  std::ranges::sort(parts, {}, [](const Json& one) { return one.dump(); });
  return std::move(out.set("args", Json(std::move(parts))));
}

}  // namespace

bool shows_less(const Json& less, const Json& more) {
  const auto columns_of = [](const Json& spec) {
    const auto* columns = spec["select"]["columns"].as_array();
    return columns == nullptr ? Json::Array{} : *columns;
  };
  const auto rest_of = [](const Json& spec) {
    Json select = spec["select"], out = spec;
    select.set("columns", Json::array());
    out.set("select", std::move(select));
    return out.dump();
  };
  const auto few = columns_of(less), many = columns_of(more);
  if (few.size() >= many.size() || rest_of(less) != rest_of(more)) return false;
  return std::ranges::all_of(
      few, [&](const Json& one) { return std::ranges::any_of(many, [&](const Json& other) { return one.dump() == other.dump(); }); });
}

std::string sense_of(const Json& spec) { return sorted(spec).dump(); }

}  // namespace sluice::planner
