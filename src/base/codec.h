#pragma once
#include <array>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/json.h"

namespace sluice {

/// How a value is written to JSON and read back, for the journal, the API and files. A struct describes itself:
///
///   struct Question {
///     std::string connection, text;
///     static constexpr auto fields() { return std::tuple{Field{"connection", &Question::connection}, Field{"text", &Question::text}}; }
///   };
///
/// A field that has its default value is omitted, so that a new field does not change the hash of old values; unknown members are
/// ignored, missing ones keep the default. An enum names its values by specialising EnumNames.
template <class Struct, class Member>
struct Field {
  std::string_view name;
  Member Struct::* member;
};
template <class Struct, class Member>
Field(const char*, Member Struct::*) -> Field<Struct, Member>;

template <class E>
struct EnumNames;  // static constexpr std::array<std::pair<E, std::string_view>, N> names

template <class T>
struct Codec;

template <class T>
Json encode(const T& value) {
  return Codec<T>::encode(value);
}
template <class T>
Result<T> decode(const Json& json) {
  return Codec<T>::decode(json);
}

Error codec_error(std::string_view expected, const Json& got);
Error codec_error_at(std::string_view field, Error inner);

template <class T>
concept Described = requires { T::fields(); };
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires { EnumNames<E>::names; };

template <Described T>
struct Codec<T> {
  static Json encode(const T& value) {
    static const T kDefault{};
    Json out = Json::object();
    std::apply(
        [&](const auto&... field) {
          (
              [&] {
                Json member = sluice::encode(value.*(field.member));
                if (!(member == sluice::encode(kDefault.*(field.member)))) out.as_object()->emplace_back(std::string(field.name), std::move(member));
              }(),
              ...);
        },
        T::fields());
    return out;
  }
  static Result<T> decode(const Json& json) {
    if (json.as_object() == nullptr) return codec_error("an object", json);
    T out{};
    Error error{};
    bool ok = true;
    std::apply([&](const auto&... field) { ((ok = ok && read(json, field, out, error)), ...); }, T::fields());
    if (!ok) return error;
    return out;
  }

 private:
  template <class F>
  static bool read(const Json& json, const F& field, T& out, Error& error) {
    const Json* member = json.find(field.name);
    if (member == nullptr) return true;
    auto value = sluice::decode<std::remove_cvref_t<decltype(out.*(field.member))>>(*member);
    if (!value) {
      error = codec_error_at(field.name, std::move(value).error());
      return false;
    }
    out.*(field.member) = *std::move(value);
    return true;
  }
};

template <NamedEnum E>
struct Codec<E> {
  static Json encode(E value) {
    for (const auto& [candidate, name] : EnumNames<E>::names)
      if (candidate == value) return Json(std::string(name));
    return Json();
  }
  static Result<E> decode(const Json& json) {
    if (const auto* text = json.as_string())
      for (const auto& [candidate, name] : EnumNames<E>::names)
        if (name == *text) return candidate;
    return codec_error("one of the known names", json);
  }
};

/// The name of an enum's value as it appears in JSON.
template <NamedEnum E>
std::string_view enum_name(E value) {
  for (const auto& [candidate, name] : EnumNames<E>::names)
    if (candidate == value) return name;
  return "?";
}

template <>
struct Codec<Json> {
  static Json encode(const Json& value) { return value; }
  static Result<Json> decode(const Json& json) { return json; }
};
template <>
struct Codec<bool> {
  static Json encode(bool value) { return Json(value); }
  static Result<bool> decode(const Json& json) {
    if (const bool* value = json.as_bool()) return *value;
    return codec_error("true or false", json);
  }
};
template <std::integral I>
  requires(!std::same_as<I, bool>)
struct Codec<I> {
  static Json encode(I value) { return Json(static_cast<std::int64_t>(value)); }
  static Result<I> decode(const Json& json) {
    if (const auto* value = json.as_int(); value != nullptr && std::in_range<I>(*value)) return static_cast<I>(*value);
    return codec_error("an integer in range", json);
  }
};
template <>
struct Codec<double> {
  static Json encode(double value) { return Json(value); }
  static Result<double> decode(const Json& json) {
    if (const double* value = json.as_double()) return *value;
    if (const auto* value = json.as_int()) return static_cast<double>(*value);
    return codec_error("a number", json);
  }
};
template <>
struct Codec<std::string> {
  static Json encode(const std::string& value) { return Json(value); }
  static Result<std::string> decode(const Json& json) {
    if (const auto* value = json.as_string()) return *value;
    return codec_error("a string", json);
  }
};
template <class T>
struct Codec<std::optional<T>> {
  static Json encode(const std::optional<T>& value) { return value ? sluice::encode(*value) : Json(); }
  static Result<std::optional<T>> decode(const Json& json) {
    if (json.is_null()) return std::optional<T>{};
    TRY(T value, sluice::decode<T>(json));
    return std::optional<T>(std::move(value));
  }
};
template <class T>
struct Codec<std::vector<T>> {
  static Json encode(const std::vector<T>& values) {
    Json::Array out;
    out.reserve(values.size());
    for (const T& value : values) out.push_back(sluice::encode(value));
    return Json(std::move(out));
  }
  static Result<std::vector<T>> decode(const Json& json) {
    const auto* array = json.as_array();
    if (array == nullptr) return codec_error("an array", json);
    std::vector<T> out;
    out.reserve(array->size());
    for (const Json& element : *array) {
      TRY(T value, sluice::decode<T>(element));
      out.push_back(std::move(value));
    }
    return out;
  }
};
template <class T>
struct Codec<std::map<std::string, T>> {
  static Json encode(const std::map<std::string, T>& values) {
    Json out = Json::object();
    for (const auto& [key, value] : values) out.as_object()->emplace_back(key, sluice::encode(value));
    return out;
  }
  static Result<std::map<std::string, T>> decode(const Json& json) {
    const auto* object = json.as_object();
    if (object == nullptr) return codec_error("an object", json);
    std::map<std::string, T> out;
    for (const auto& [key, member] : *object) {
      TRY(T value, sluice::decode<T>(member));
      out.insert_or_assign(key, std::move(value));
    }
    return out;
  }
};

/// An error is recorded like any other outcome of a step. It is read back by a function of its own: a Result<Error> could not tell an error that
/// was read from one that happened while reading. What is no error object gives an error of kind bug that says so.
template <>
struct Codec<Error> {
  static Json encode(const Error& error);
};
Error read_error(const Json& json);
template <>
struct Codec<std::optional<Error>> {
  static Json encode(const std::optional<Error>& error) { return error ? Codec<Error>::encode(*error) : Json(); }
  static Result<std::optional<Error>> decode(const Json& json) {
    return json.is_null() ? std::optional<Error>() : std::optional<Error>(read_error(json));
  }
};

}  // namespace sluice
