#include "connectors/gemini/client.h"

#include "connectors/gemini/wire.h"
#include "connectors/model_http/http_model.h"

namespace sluice {
namespace {

using model_http::Phrasing;

class GenerateContent final : public model_http::ModelProtocol {
 public:
  Phrasing phrasing(const ModelHttpOptions& options) const override {
    return {.structured = options.structured == Structured::automatic ? Structured::schema : options.structured, .stream = options.stream};
  }

  HttpRequest request(const ModelHttpOptions& options, const ModelRequest& request, const Phrasing& phrasing, const std::string& key) const override {
    HttpRequest out{.url = gemini::endpoint(options.base_url, options.info.model, phrasing.stream),
                    .headers = {{"content-type", "application/json"}}};
    model_http::add_key(out, options, key, "x-goog-api-key");
    out.body = gemini::request_body(request, options.info, phrasing).dump_text();
    return out;
  }

  std::unique_ptr<model_http::ReplyReader> reader(const ModelRequest& /*request*/) const override { return std::make_unique<gemini::ReplyReader>(); }

  model_http::ProviderFailure failure(const HttpResponse& response) const override { return gemini::read_failure(response); }

  std::optional<model_http::Rephrasing> rephrased(const ModelHttpOptions& options, const ModelRequest& request, const Phrasing& sent,
                                                  const model_http::ProviderFailure& failure) const override {
    return gemini::rephrased(options.structured, request, sent, failure);
  }
};

}  // namespace

std::unique_ptr<Model> make_gemini(ModelHttpOptions options, HttpClient& http) {
  return std::make_unique<model_http::HttpModel>(std::move(options), std::make_unique<GenerateContent>(), http);
}

}  // namespace sluice
