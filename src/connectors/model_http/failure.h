#pragma once
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "connectors/model_http/key_mask.h"
#include "connectors/model_http/protocol.h"

namespace sluice::model_http {

/// What a status means where the body says no more.
ModelFailure failure_of_status(int status);
/// Whether a gateway says by it that it lost the service behind it, which may be at work all the same.
bool is_lost(int status);
/// What codes and text of an error say where the status says too little: in the words of OpenAI, Azure, OpenRouter, LiteLLM, vLLM and llama.cpp.
std::optional<ModelFailure> failure_said(int status, std::string_view text);
/// The body of an error, as the providers and those who speak like them write it; null where it is no JSON object.
Json error_body(const HttpResponse& response);
/// Its text: {"error": {"message": …}}, {"error": "…"}, {"message": …}, {"detail": …}.
std::string error_text(const Json& body);
/// A failure with status, text and the delay that the headers ask for; its kind is that of the status.
ProviderFailure plain_failure(const HttpResponse& response, const Json& body);
/// Whether the text holds one of the phrases, ignoring case.
bool says(std::string_view text, std::span<const std::string_view> phrases);
bool says(std::string_view text, std::initializer_list<std::string_view> phrases);

/// The provider's words are cleaned of secrets, shown as they are and clipped to kTextMax characters.
Error failure_error(const ModelInfo& info, const ProviderFailure& failure, const KeyMask& mask);
/// An error of HttpClient as one of a model. Cancelled stays; what is no use to repeat keeps its kind (a certificate that is not trusted).
Error transport_error(const ModelInfo& info, const Error& error, const KeyMask& mask);
constexpr int kTextMax = 300;

}  // namespace sluice::model_http
