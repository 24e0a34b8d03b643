#include "base/codec.h"

#include "base/text.h"

namespace sluice {

Error codec_error(std::string_view expected, const Json& got) {
  std::string shown = got.dump_text();
  constexpr std::size_t kShownMax = 60;
  if (shown.size() > kShownMax) shown = shown.substr(0, kShownMax) + "…";
  return {ErrorKind::input, "E0003", "expected " + std::string(expected) + ", found " + replace_invalid_utf8(shown), "", 0};
}

Error codec_error_at(std::string_view field, Error inner) {
  inner.message = "in \"" + std::string(field) + "\": " + inner.message;
  return inner;
}

Json Codec<Error>::encode(const Error& error) {
  Json out = Json::object();
  out.set("kind", std::string(name_of(error.kind))).set("code", error.code).set("message", error.message);
  if (!error.hint.empty()) out.set("hint", error.hint);
  if (error.retry_after_ms != 0) out.set("retry_after_ms", std::int64_t{error.retry_after_ms});
  return out;
}

Error read_error(const Json& json) {
  if (json.as_object() == nullptr) return Error::bug("a recorded error is no object: " + codec_error("an error object", json).message);
  Error error{};
  constexpr int kKinds = static_cast<int>(ErrorKind::bug) + 1;
  for (int kind = 0; kind < kKinds; ++kind)
    if (name_of(static_cast<ErrorKind>(kind)) == json.text("kind")) error.kind = static_cast<ErrorKind>(kind);
  error.code = json.text("code");
  error.message = json.text("message");
  error.hint = json.text("hint");
  error.retry_after_ms = static_cast<long>(json.integer("retry_after_ms"));
  return error;
}

}  // namespace sluice
