#include "journal/pg_news.h"

#include <utility>

namespace sluice::journal_detail {
namespace {

constexpr std::chrono::milliseconds kApart{20};  // far below what a person or a poll would notice

}  // namespace

PgNews::PgNews(std::function<void()> tell) : tell_(std::move(tell)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

bool PgNews::may_go_along() {
  const std::scoped_lock lock(mutex_);
  const Time now = std::chrono::steady_clock::now();
  if (pending_ || (told_at_ && now - *told_at_ < kApart)) return false;
  told_at_ = now;
  return true;
}

void PgNews::tell_soon() {
  {
    const std::scoped_lock lock(mutex_);
    pending_ = true;
  }
  changed_.notify_one();
}

void PgNews::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return pending_; })) {
    changed_.wait_until(lock, stop, told_at_.value_or(Time{}) + kApart, [] { return false; });
    pending_ = false;  // what comes from now on is told once more
    told_at_ = std::chrono::steady_clock::now();
    lock.unlock();
    tell_();
    lock.lock();
  }
}

}  // namespace sluice::journal_detail
