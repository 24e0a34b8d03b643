#include "server/http_connection.h"

#include <boost/asio/ssl.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace sluice {

using Tls = beast::ssl_stream<beast::tcp_stream>;

Result<std::shared_ptr<void>> tls_context(const std::string& certificate, const std::string& key) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  const auto wrong = [](const std::string& what, const std::string& why) {
    return Error{ErrorKind::input, "E1202", what + " cannot be used: " + why,
                 "give PEM files that belong together: `server: tls:` needs the certificate with its chain, and its key without a passphrase", 0};
  };
  ErrorCode error;
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
  context->set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string(); },
                                 error);  // else OpenSSL asks a terminal
  context->use_certificate_chain_file(certificate, error);
  if (error) return wrong("the certificate \"" + certificate + "\"", error.message());
  context->use_private_key_file(key, asio::ssl::context::pem, error);
  if (error) return wrong("the key \"" + key + "\"", error.message());
  const bool are_a_pair = SSL_CTX_check_private_key(context->native_handle()) == 1;  // also where they are of different kinds
  if (!are_a_pair) return wrong("the key \"" + key + "\"", "it is not that of the certificate");
  return std::shared_ptr<void>(std::move(context));
}

void serve_tls(HttpShared& shared, asio::ip::tcp::socket socket, std::string peer, void* context) {
  auto& with = *static_cast<asio::ssl::context*>(context);
  std::make_shared<HttpConnection<Tls>>(shared, Tls(beast::tcp_stream(std::move(socket)), with), std::move(peer))
      ->start([](Tls& stream) -> asio::awaitable<bool> {
        ErrorCode error;
        co_await stream.async_handshake(asio::ssl::stream_base::server, into(error));
        co_return !error;
      });
}

}  // namespace sluice
