#include "connectors/anthropic/client.h"

#include "connectors/anthropic/wire.h"
#include "connectors/model_http/http_model.h"

namespace sluice {
namespace {

using model_http::Phrasing;

constexpr std::string_view kVersion = "2023-06-01";

class Messages final : public model_http::ModelProtocol {
 public:
  Phrasing phrasing(const ModelHttpOptions& options) const override {
    return {.structured = options.structured == Structured::automatic ? Structured::tool : options.structured, .stream = options.stream};
  }

  HttpRequest request(const ModelHttpOptions& options, const ModelRequest& request, const Phrasing& phrasing, const std::string& key) const override {
    HttpRequest out{.url = anthropic::endpoint(options.base_url),
                    .headers = {{"content-type", "application/json"}, {"anthropic-version", std::string(kVersion)}}};
    model_http::add_key(out, options, key, "x-api-key");
    out.body = anthropic::request_body(request, options.info, phrasing).dump_text();
    return out;
  }

  std::unique_ptr<model_http::ReplyReader> reader(const ModelRequest& /*request*/) const override {
    return std::make_unique<anthropic::ReplyReader>();
  }

  model_http::ProviderFailure failure(const HttpResponse& response) const override { return anthropic::read_failure(response); }

  std::optional<model_http::Rephrasing> rephrased(const ModelHttpOptions& options, const ModelRequest& request, const Phrasing& sent,
                                                  const model_http::ProviderFailure& failure) const override {
    return anthropic::rephrased(options.structured, request, sent, failure);
  }
};

}  // namespace

std::unique_ptr<Model> make_anthropic(ModelHttpOptions options, HttpClient& http) {
  return std::make_unique<model_http::HttpModel>(std::move(options), std::make_unique<Messages>(), http);
}

}  // namespace sluice
