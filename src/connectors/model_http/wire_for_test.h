#pragma once
// What the tests of every provider's wire set up and read in the same way; their cases are in the provider's own words.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "connectors/model_http/protocol.h"

namespace sluice::model_http {

inline ModelInfo info_for_test(std::string provider, std::string model) {
  return {.name = "m", .provider = std::move(provider), .model = std::move(model), .temperature = 0.5, .max_tokens = 1000};
}

/// An object with the field "sql", closed as all providers want it.
inline Json schema_for_test() {
  return *Json::parse(R"({"type":"object","properties":{"sql":{"type":"string"}},"required":["sql"],"additionalProperties":false})");
}

/// A conversation with a turn of each role; null for free text.
inline ModelRequest request_for_test(Json reply_schema) {
  return {.system = "S",
          .messages = {{.text = "Q"}, {ModelMessage::Role::assistant, "A"}, {.text = "Q2"}},
          .reply_name = "answer",
          .reply_schema = std::move(reply_schema)};
}

/// The reply that a new reader makes of the events; what it passed on meanwhile is added to `text`.
template <class Reader>
Provided<ModelReply> read_stream(const std::vector<std::string>& events, std::string* text = nullptr) {
  Reader reader;
  for (const std::string& event : events) {
    auto more = reader.read_event("message", event);
    if (!more) return std::unexpected(more.error());
    if (text != nullptr) *text += *more;
  }
  return reader.finish();
}

/// The reply that a new reader makes of a whole body.
template <class Reader>
Provided<ModelReply> read_body(const std::string& body) {
  Reader reader;
  const auto text = reader.read_body(*Json::parse(body));
  if (!text) return std::unexpected(text.error());
  return reader.finish();
}

/// An answer that is no success, and what it means.
struct FailureCase {
  int status;
  std::string body;
  ModelFailure failure;
  long retry_after_ms = 0;
};

inline void expect_failures(const std::vector<FailureCase>& cases, ProviderFailure (*read)(const HttpResponse& response)) {
  for (const FailureCase& c : cases) {
    const ProviderFailure failure = read({.status = c.status, .body = c.body});
    EXPECT_EQ(failure.failure, c.failure) << c.body;
    EXPECT_EQ(failure.retry_after_ms, c.retry_after_ms) << c.body;
  }
}

}  // namespace sluice::model_http
