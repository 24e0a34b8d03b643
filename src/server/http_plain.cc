#include "server/http_connection.h"

namespace sluice {

void serve_plain(HttpShared& shared, asio::ip::tcp::socket socket, std::string peer) {
  std::make_shared<HttpConnection<beast::tcp_stream>>(shared, beast::tcp_stream(std::move(socket)), std::move(peer))->start();
}

}  // namespace sluice
