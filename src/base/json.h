#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace sluice {

/// A JSON value. Objects keep the order in which members were added, so that the same value always gives the same text.
/// Integers that fit 64 bits stay integers. Strings may hold any bytes (see `dump`).
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;
  Json(std::nullptr_t) {}                                       // NOLINT(google-explicit-constructor): literals read as JSON
  Json(bool value) : value_(value) {}                           // NOLINT(google-explicit-constructor)
  Json(int value) : value_(std::int64_t{value}) {}              // NOLINT(google-explicit-constructor)
  Json(std::int64_t value) : value_(value) {}                   // NOLINT(google-explicit-constructor)
  Json(double value) : value_(value) {}                         // NOLINT(google-explicit-constructor)
  Json(const char* value) : value_(std::string(value)) {}       // NOLINT(google-explicit-constructor)
  Json(std::string value) : value_(std::move(value)) {}         // NOLINT(google-explicit-constructor)
  Json(std::string_view value) : value_(std::string(value)) {}  // NOLINT(google-explicit-constructor)
  Json(Array value) : value_(std::move(value)) {}               // NOLINT(google-explicit-constructor)
  Json(Object value) : value_(std::move(value)) {}              // NOLINT(google-explicit-constructor)
  static Json object() { return Json(Object{}); }
  static Json array() { return Json(Array{}); }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  const bool* as_bool() const { return std::get_if<bool>(&value_); }
  const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&value_); }
  const double* as_double() const { return std::get_if<double>(&value_); }
  const std::string* as_string() const { return std::get_if<std::string>(&value_); }
  const Array* as_array() const { return std::get_if<Array>(&value_); }
  const Object* as_object() const { return std::get_if<Object>(&value_); }
  Array* as_array() { return std::get_if<Array>(&value_); }
  Object* as_object() { return std::get_if<Object>(&value_); }

  /// The member of an object, or null where there is none (or this is no object).
  const Json* find(std::string_view key) const;
  /// `find`, or a null value: for reading chains such as `tree["stmt"]["SelectStmt"]`.
  const Json& operator[](std::string_view key) const;
  /// The string member, or "" where there is none.
  std::string_view text(std::string_view key) const;
  /// The integer member, or `otherwise`.
  std::int64_t integer(std::string_view key, std::int64_t otherwise = 0) const;
  /// The boolean member, or false.
  bool flag(std::string_view key) const;
  /// Sets a member of an object (a null value becomes an object first); returns *this for chaining.
  Json& set(std::string_view key, Json value);
  /// Appends to an array (a null value becomes an array first).
  Json& push(Json value);
  /// Elements of an array, members of an object, otherwise 0.
  std::size_t size() const;

  /// For the journal and for hashing: lossless. A string that is not valid UTF-8 becomes {"$base64": "…"}, a number
  /// that JSON lacks {"$number": "NaN"}; `parse` turns both back.
  std::string dump() const;
  /// For people and other programs: what is not valid UTF-8 becomes U+FFFD, NaN and infinities become null.
  std::string dump_text(int indent = -1) const;
  /// Fails with E0002 on what is not one JSON value, or is nested deeper than `depth_max`.
  static Result<Json> parse(std::string_view text, int depth_max = kDepthMax);
  static constexpr int kDepthMax = 200;

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

}  // namespace sluice
