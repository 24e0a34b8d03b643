#include "cli/progress.h"

#include <cstdio>

#include "base/text.h"

namespace sluice {
namespace {
constexpr std::chrono::milliseconds kQuiet{1000}, kRedraw{250}, kAgain{10'000};
}

Progress::Progress(const Terminal& terminal) : terminal_(terminal), since_(std::chrono::steady_clock::now()) {
  thread_ = std::thread([this] { show(); });
}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    clear();
  }
  changed_.notify_all();
  thread_.join();
}

void Progress::stage(std::string what) {
  const std::lock_guard lock(mutex_);
  clear();
  what_ = std::move(what);
  since_ = std::chrono::steady_clock::now();
  shown_ = false;
}

void Progress::words(std::string what) {
  const std::lock_guard lock(mutex_);
  what_ = std::move(what);
  if (!terminal_.errors && std::chrono::steady_clock::now() - said_ >= kAgain) shown_ = false;
}

void Progress::show() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    changed_.wait_for(lock, kRedraw);
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since_);
    if (stop_ || what_.empty() || elapsed < kQuiet) continue;
    if (terminal_.errors) {
      const std::string time = " … " + human_duration(elapsed.count());
      const std::string what = clipped(what_, terminal_.width - display_width(time) - 1);  // a line that wraps cannot be redrawn
      std::fprintf(stderr, "\r\x1b[K%s", styled(Style::dim, what + time, terminal_.color_errors).c_str());
    } else if (!shown_) {
      std::fprintf(stderr, "%s …\n", what_.c_str());
      said_ = std::chrono::steady_clock::now();
    }
    std::fflush(stderr);
    shown_ = true;
  }
}

void Progress::clear() {
  if (shown_ && terminal_.errors) std::fprintf(stderr, "\r\x1b[K");
}

}  // namespace sluice
