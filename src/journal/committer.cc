#include "journal/committer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "journal/audit_rows.h"
#include "journal/storage_errors.h"

namespace sluice::journal_detail {
namespace {

constexpr std::size_t kQueueMax = 4'096;  // writes waiting; more callers wait outside
constexpr std::size_t kBatchMax = 512;    // writes in one transaction
constexpr int kTriesMax = 5;              // of one write, where the store says that another may go well
constexpr std::chrono::milliseconds kRoomWaitMax{10'000};

}  // namespace

Result<> Committer::submit(Job job) {
  std::unique_lock lock(mutex_);
  if (!room_.wait_for(lock, kRoomWaitMax, [&] { return queue_.size() < kQueueMax; })) return overloaded(db_.name());
  queue_.push_back(&job);
  job.answered.wait(lock, [&] { return job.done || (!working_ && queue_.front() == &job); });
  if (!job.done) {
    working_ = true;
    const std::size_t count = std::min(queue_.size(), kBatchMax);
    std::vector<Job*> batch(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    lock.unlock();
    commit(batch);
    lock.lock();
    working_ = false;
    ++changes_;
    for (Job* answered : batch) {
      answered->done = true;
      if (answered != &job) answered->answered.notify_one();  // under the lock: its owner cannot leave before we are through
    }
    if (!queue_.empty()) queue_.front()->answered.notify_one();
    room_.notify_all();
    if (watchers_ > 0) changed_.notify_all();
  }
  if (job.error) return *std::move(job.error);
  return {};
}

void Committer::wait_for_change(std::chrono::milliseconds at_most, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  ++watchers_;
  changed_.wait_for(lock, std::move(stop), at_most, [this, seen = changes_] { return changes_ != seen; });
  --watchers_;
}

void Committer::commit(std::vector<Job*>& batch) {
  std::stable_sort(batch.begin(), batch.end(), [](const Job* one, const Job* other) { return *one->of < *other->of; });
  if (commit_together(batch)) return;
  const Error* away = nullptr;
  for (Job* job : batch) {
    if (away != nullptr)
      job->error = *away;
    else if (!commit_alone(*job))
      away = &*job->error;
  }
}

/// False: the transaction was spoiled by one of them; nothing of it is written.
bool Committer::commit_together(const std::vector<Job*>& batch) {
  if (auto begun = db_.begin(); !begun) {
    for (Job* job : batch) job->error = begun.error();  // nobody's fault, and alone it would go no better
    return true;
  }
  if (!send_ahead(batch)) {
    db_.roll_back();
    return false;
  }
  for (Job* job : batch) {
    const std::int64_t changes = db_.changes();
    auto outcome = run(*job);
    if (outcome) continue;
    job->error = std::move(outcome).error();
    if (db_.is_spoiled(changes)) {  // it must not take the others with it, nor leave half of itself
      db_.take_drafts();
      db_.roll_back();
      return false;
    }
  }
  auto finished = finish_transaction();
  if (finished) return true;
  db_.roll_back();
  if (!db_.is_unsettled()) return false;
  for (Job* job : batch)
    if (!job->error) job->error = finished.error();
  return true;
}

/// All that can be sent at once, is: their answers are there when they are run. An error: the transaction is spoiled, by whichever of them.
Result<> Committer::send_ahead(const std::vector<Job*>& batch) {
  if (!db_.sends_ahead() || batch.size() == 1) return {};
  for (Job* job : batch) {
    if (job->sent == nullptr) continue;
    Query query(db_, job->sent->sql);
    TRY_VOID(query.prepare());
  }
  TRY_VOID(db_.begin_sending());
  for (Job* job : batch) {
    if (job->sent == nullptr) continue;
    Query query(db_, job->sent->sql);
    job->sent->bind(db_, query);
    query.send();
    job->is_sent = true;
  }
  return db_.end_sending();
}

Result<> Committer::run(Job& job) {
  if (job.sent == nullptr) return (*job.write)(db_);
  Query query(db_, job.sent->sql);
  if (std::exchange(job.is_sent, false)) {
    TRY(const bool there, query.receive());
    return job.sent->read(db_, query, there);
  }
  job.sent->bind(db_, query);
  TRY(const bool there, query.next());
  return job.sent->read(db_, query, there);
}

/// False: the store is away, for whoever comes next as well.
bool Committer::commit_alone(Job& job) {
  job.is_sent = false;
  for (int n = 0; n < kTriesMax; ++n) {
    job.error.reset();
    auto outcome = db_.begin();
    const bool begun = bool(outcome);
    if (begun) outcome = run(job);
    if (outcome) outcome = finish_transaction();
    if (outcome) return true;
    job.error = std::move(outcome).error();
    const bool again = db_.may_try_again();
    db_.take_drafts();
    if (begun) db_.roll_back();
    if (!again) return begun;
  }
  return true;
}

Result<> Committer::finish_transaction() {
  TRY_VOID(write_audit(db_, db_.take_drafts()));
  return db_.commit();
}

}  // namespace sluice::journal_detail
