#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice {

/// Addresses whose word about the client is believed. A value.
class TrustedProxies {
 public:
  /// "10.0.0.0/8", "fd00::/8", or an address alone. E1203.
  static Result<TrustedProxies> of(const std::vector<std::string>& ranges);

  bool contains(std::string_view address) const;
  /// Who stands behind the connection from `peer`: the last address in X-Forwarded-For that is no trusted proxy itself (what is in front of it
  /// anybody can have written). `peer` where it is no trusted proxy, or the header says nothing sensible.
  std::string client(const std::string& peer, std::string_view forwarded_for) const;

 private:
  struct Range {
    std::array<unsigned char, 16> bytes{};  ///< IPv4 as ::ffff:a.b.c.d
    int bits = 0;
  };
  std::vector<Range> ranges_{};
};

}  // namespace sluice
