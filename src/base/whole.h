#pragma once
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/codec.h"

namespace sluice {

/// As `encode`, with the members that have their default values, too: for programs that should not have to know those.
template <class T>
Json encode_whole(const std::vector<T>& values);
template <class T>
Json encode_whole(const std::optional<T>& value);
template <class T>
Json encode_whole(const T& value) {
  if constexpr (requires { T::fields(); }) {
    Json out = Json::object();
    std::apply([&](const auto&... field) { (out.set(field.name, encode_whole(value.*(field.member))), ...); }, T::fields());
    return out;
  } else {
    return encode(value);
  }
}
template <class T>
Json encode_whole(const std::vector<T>& values) {
  Json out = Json::array();
  for (const T& value : values) out.push(encode_whole(value));
  return out;
}
template <class T>
Json encode_whole(const std::optional<T>& value) {
  return value ? encode_whole(*value) : Json();
}

}  // namespace sluice
