#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace sluice {

/// SHA-256 (FIPS 180-4, by OpenSSL) of the bytes, in lower-case hex.
std::string sha256_hex(std::string_view bytes);

/// Whether two texts are the same, in a time that does not say where they differ: for what somebody must not find out piece by piece.
bool equal_in_constant_time(std::string_view one, std::string_view other);

/// SHA-256 of a stream of chunks. One thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(std::string_view bytes);
  std::string finish_hex();  ///< Once; afterwards the object is used up.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice
