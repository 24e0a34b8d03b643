#include "server/forwarded.h"

#include <arpa/inet.h>

#include <array>
#include <vector>

#include "base/text.h"

namespace sluice {
namespace {

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

}  // namespace

std::string client_behind(const std::string& peer, std::string_view forwarded_for, const TrustsProxy& trusts) {
  if (!trusts || !trusts(peer)) return peer;
  std::string client = peer;
  const std::vector<std::string_view> hops = split(forwarded_for, ',');
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    const std::string address(trim(*hop));
    if (!is_address(address)) break;
    client = address;
    if (!trusts(address)) break;
  }
  return client;
}

}  // namespace sluice
