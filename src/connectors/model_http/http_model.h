#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "connectors/model_http/exchange.h"

namespace sluice::model_http {

/// Puts the key into the options' key_header, or `header` where they name none: as "Bearer …" into Authorization, else bare. No key, no header.
void add_key(HttpRequest& request, const ModelHttpOptions& options, const std::string& key, const std::string& header);

/// A model that is asked over HTTP by a provider's protocol. Remembers what its server does not take. Any thread.
class HttpModel final : public Model {
 public:
  HttpModel(ModelHttpOptions options, std::unique_ptr<const ModelProtocol> protocol, HttpClient& http);

  const ModelInfo& info() const override { return options_.info; }
  std::vector<Result<ModelReply>> answer(std::span<const ModelRequest> requests, const ModelEvents& events, const Call& call) override;
  /// How often a request is put in another way at most.
  static constexpr int kPhrasingsMax = 8;

 private:
  struct Asked;

  Result<std::string> reveal_key() const;
  KeyMask mask_for(const std::string& key) const;
  Phrasing phrasing() const;
  void learn(const Phrasing& sent, const Phrasing& better);
  /// Carries out what has no reply yet.
  void ask(Asked& asked, const std::string& key, const Call& call, bool last);

  ModelHttpOptions options_;
  std::unique_ptr<const ModelProtocol> protocol_;
  HttpClient& http_;
  mutable std::mutex mutex_;
  Phrasing phrasing_;  ///< guarded by mutex_
};

}  // namespace sluice::model_http
