#include "journal/nodes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <random>

#include "journal/storage_errors.h"

namespace sluice::journal_detail {

Nodes::~Nodes() {
  for (const auto& [node, lock] : held_) ::unlink(file_of(node).c_str());
}

Result<NodeId> Nodes::add() {
  constexpr mode_t kOwnerOnly = 0700;
  if (::mkdir(folder_.c_str(), kOwnerOnly) != 0 && errno != EEXIST) return file_error(errno, folder_, "creating");
  std::random_device random;
  char name[64];
  std::snprintf(name, sizeof name, "process-%d-%08x", static_cast<int>(::getpid()), random());
  NodeId node{name};
  TRY(FileLock lock, FileLock::open(file_of(node), true));
  if (!lock.try_lock()) return locked(file_of(node));
  const std::scoped_lock guard(mutex_);
  held_.emplace(node, std::move(lock));
  return node;
}

void Nodes::remove(const NodeId& node) {
  const std::scoped_lock guard(mutex_);
  if (held_.erase(node) > 0) ::unlink(file_of(node).c_str());
}

bool Nodes::is_dead(const NodeId& node) {
  if (node.empty() || node.text.find('/') != std::string::npos) return true;
  if (::access(file_of(node).c_str(), F_OK) != 0) return errno == ENOENT;
  auto lock = FileLock::open(file_of(node));
  if (!lock || !lock->try_lock(true)) return false;
  ::unlink(file_of(node).c_str());
  return true;
}

}  // namespace sluice::journal_detail
