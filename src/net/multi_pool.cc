#include "net/multi_pool.h"

#include "net/libcurl.h"

namespace sluice {

void MultiPool::Cleanup::operator()(void* multi) const { libcurl().curl_multi_cleanup(multi); }

MultiPool::Lease MultiPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      // The one used last has the freshest connections.
      Multi multi = std::move(idle_.back());
      idle_.pop_back();
      return {*this, std::move(multi)};
    }
  }
  Multi multi(libcurl().curl_multi_init());
  if (multi) libcurl().curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, kIdleConnectionsMax);
  return {*this, std::move(multi)};
}

void MultiPool::give_back(Multi multi) {
  const std::lock_guard lock(mutex_);
  if (multi && idle_.size() < kIdleMax) idle_.push_back(std::move(multi));
}

}  // namespace sluice
