#pragma once
#include <map>
#include <mutex>
#include <string>

#include "journal/file_lock.h"
#include "workflow/ports/ids.h"

namespace sluice::journal_detail {

/// Signs of life: each node holds the lock of a file of its own, `FOLDER/NODE`. All users of a SQLite journal run on one kernel (its
/// WAL needs shared memory), so whoever gets a node's lock knows that the node is dead. Any thread.
class Nodes {
 public:
  explicit Nodes(std::string folder) : folder_(std::move(folder)) {}
  ~Nodes();
  Nodes(const Nodes&) = delete;
  Nodes& operator=(const Nodes&) = delete;

  Result<NodeId> add();
  void remove(const NodeId& node);
  /// Removes a dead node's file as well.
  bool is_dead(const NodeId& node);

 private:
  std::string file_of(const NodeId& node) const { return folder_ + "/" + node.text; }
  std::string folder_;
  std::mutex mutex_{};
  std::map<NodeId, FileLock> held_{};
};

}  // namespace sluice::journal_detail
