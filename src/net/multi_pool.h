#pragma once
#include <memory>
#include <mutex>
#include <vector>

namespace sluice {

/// libcurl's multi handles that nobody uses at the moment, with the connections they keep. Any thread; a lease is one thread's.
class MultiPool {
 public:
  /// Idle handles that are kept, and idle connections in each.
  static constexpr std::size_t kIdleMax = 8;
  static constexpr long kIdleConnectionsMax = 32;

  struct Cleanup {
    void operator()(void* multi) const;
  };
  using Multi = std::unique_ptr<void, Cleanup>;  ///< a CURLM

  /// A handle for as long as the lease lives. The pool outlives it.
  class Lease {
   public:
    Lease(MultiPool& pool, Multi multi) : pool_(pool), multi_(std::move(multi)) {}
    ~Lease() { pool_.give_back(std::move(multi_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    void* multi() const { return multi_.get(); }

   private:
    MultiPool& pool_;
    Multi multi_;
  };

  /// Null in it where there is no memory.
  Lease take();

 private:
  void give_back(Multi multi);

  std::mutex mutex_{};
  std::vector<Multi> idle_{};
};

}  // namespace sluice
