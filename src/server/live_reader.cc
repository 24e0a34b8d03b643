#include "server/live_reader.h"

#include <utility>

namespace sluice {

bool LiveReader::add(std::shared_ptr<const LiveMessage> message) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::open) return state_ == State::ended;
  const bool full = waiting_.size() >= kWaitingMax || bytes_ + message->text.size() > kWaitingBytesMax;
  if (full) {
    state_ = State::too_slow;
    waiting_.clear();
  } else {
    bytes_ += message->text.size();
    waiting_.push_back(std::move(message));
  }
  if (news_) news_();
  return !full;
}

void LiveReader::end() {
  const std::lock_guard lock(mutex_);
  if (state_ == State::open) state_ = State::ended;
  if (news_) news_();
}

std::shared_ptr<const LiveMessage> LiveReader::take() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return nullptr;
  auto message = std::move(waiting_.front());
  waiting_.pop_front();
  bytes_ -= message->text.size();
  return message;
}

LiveReader::State LiveReader::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void LiveReader::on_news(std::function<void()> news) {
  const std::lock_guard lock(mutex_);
  news_ = std::move(news);
}

void LiveReader::gone() {
  on_news({});
  end();
  if (const auto heard = std::exchange(ears_.on_end, {})) heard();
}

}  // namespace sluice
