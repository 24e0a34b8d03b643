#pragma once
#include <expected>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace sluice {

/// A value or an Error. Discarding one is a compile error; propagate with TRY.
template <class T = void>
class [[nodiscard]] Result {
 public:
  static_assert(!std::is_same_v<T, Error>, "a Result<Error> cannot tell its value from its error");
  using value_type = T;

  Result(Error error) : value_(std::unexpect, std::move(error)) {}  // NOLINT(google-explicit-constructor): `return Error{…}`
  template <class U = T>
    requires(!std::is_void_v<T> && std::is_constructible_v<T, U> && !std::is_same_v<std::remove_cvref_t<U>, Error> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result>)
  Result(U&& value) : value_(std::in_place, std::forward<U>(value)) {}  // NOLINT(google-explicit-constructor): `return value`
  Result()
    requires std::is_void_v<T>
  = default;

  explicit operator bool() const { return value_.has_value(); }
  auto& operator*() &
    requires(!std::is_void_v<T>)
  {
    return *value_;
  }
  const auto& operator*() const&
    requires(!std::is_void_v<T>)
  {
    return *value_;
  }
  auto&& operator*() &&
    requires(!std::is_void_v<T>)
  {
    return *std::move(value_);
  }
  auto* operator->()
    requires(!std::is_void_v<T>)
  {
    return &*value_;
  }
  const auto* operator->() const
    requires(!std::is_void_v<T>)
  {
    return &*value_;
  }
  const Error& error() const& { return value_.error(); }
  Error&& error() && { return std::move(value_).error(); }

 private:
  std::expected<T, Error> value_;
};

}  // namespace sluice

#define SLUICE_CAT2(a, b) a##b
#define SLUICE_CAT(a, b) SLUICE_CAT2(a, b)
#define SLUICE_TRY(tmp, decl, ...) \
  auto tmp = (__VA_ARGS__);        \
  if (!tmp) [[unlikely]]           \
    return std::move(tmp).error(); \
  decl = *std::move(tmp)
/// TRY(Type name, expression): a statement; the expression may hold commas, the declared type may not (use auto).
#define TRY(decl, ...) SLUICE_TRY(SLUICE_CAT(try_result_, __COUNTER__), decl, __VA_ARGS__)
#define TRY_VOID(...)                                          \
  if (auto try_void_ = (__VA_ARGS__); !try_void_) [[unlikely]] \
  return std::move(try_void_).error()
