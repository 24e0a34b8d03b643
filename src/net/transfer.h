#pragma once
#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "net/address.h"
#include "net/http.h"
#include "net/origin.h"

struct curl_slist;

namespace sluice {

/// One attempt at a job, carried out by a multi handle. Borrows the job, whose functions it calls while the multi handle works. One thread.
class Transfer {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `proxy`: "" for none. E1110 where the request cannot be sent as it is.
  static Result<std::unique_ptr<Transfer>> prepare(const HttpJob& job, const HttpOrigin& origin, const std::string& proxy);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Hands it to the multi handle (a CURLM), which has to outlive it.
  Result<> begin(void* multi);
  /// What came of it, once the multi handle says so; `code` is its CURLcode. Rethrows what a function of the job has thrown.
  Result<HttpResponse> finish(int code);

  const void* handle() const { return easy_.get(); }
  bool is_connected() const { return connected_; }          ///< there is a connection on which the request goes out
  bool has_answer() const { return response_.status > 0; }  ///< its answer has begun
  int status() const { return response_.status; }
  bool found_no_host() const { return found_no_host_; }  ///< ended because the name has no address
  Time last_byte() const { return last_byte_; }          ///< of the answer

 private:
  struct EasyCleanup {
    void operator()(void* easy) const;
  };
  struct ListCleanup {
    void operator()(curl_slist* list) const;
  };
  Transfer(const HttpJob& job, const HttpOrigin& origin, std::string proxy);
  bool set_request();
  bool set_route();
  bool set_callbacks();
  bool add_header(const std::string& line);
  template <class Work>
  std::size_t guarded(std::size_t bytes, Work work);
  Result<> header_arrived(std::string_view line);
  Result<> body_arrived(std::string_view bytes);
  bool may_reach(AddressReach reach);
  Error refused_address() const;

  struct Callbacks;  ///< libcurl's, with its types

  const HttpJob& job_;
  const HttpOrigin& origin_;
  const std::string proxy_;
  std::unique_ptr<curl_slist, ListCleanup> headers_{};
  std::array<char, 256> error_text_{};
  std::unique_ptr<void, EasyCleanup> easy_{};
  void* multi_ = nullptr;

  HttpResponse response_{};
  std::size_t header_bytes_ = 0;
  bool connected_ = false, found_no_host_ = false;
  Time last_byte_{};
  std::optional<AddressReach> refused_{};  ///< an address of the host that it must not connect to
  std::optional<Error> failure_{};         ///< why a callback ended it
  std::exception_ptr thrown_{};
};

}  // namespace sluice
