#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "app/app.h"
#include "app/chat.h"
#include "server/http_server.h"

namespace sluice {

struct ServerOptions {
  HttpServerOptions http{};
  std::string version{};
  std::string public_url{};                   ///< where people reach it, behind a proxy: "https://sluice.example.org"; "" for as it listens
  bool must_log_in = false;                   ///< else whoever comes may do everything
  std::unique_ptr<LoginProvider> provider{};  ///< where people log in; null: by tokens alone
  Chat* chat = nullptr;                       ///< takes what people press in a chat, at /chat/…; outlives the server
  std::vector<std::string> warnings{};        ///< what is less safe than it could be, for whoever starts it
};

/// The API, the pages and the live events over the operations. Any thread.
class Server {
 public:
  /// Serves from now on. E1201 to E1203. `app` outlives it; `stop` tells waiting requests to give up.
  static Result<std::unique_ptr<Server>> open(App& app, ServerOptions options, std::stop_token stop);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// "http://127.0.0.1:8080".
  std::string url() const;
  /// What is less safe about it than it could be.
  std::vector<std::string> warnings() const;
  /// Takes nothing more, lets requests in flight end for as long as that, and closes.
  void stop(std::chrono::milliseconds grace);

 private:
  struct Inner;
  explicit Server(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

}  // namespace sluice
