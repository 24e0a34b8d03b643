#include "journal/claim_rows.h"

#include <algorithm>
#include <map>
#include <set>

#include "journal/rows.h"
#include "journal/run_rows.h"
#include "workflow/ports/journal_errors.h"

namespace sluice::journal_detail {
namespace {

constexpr int kLooksMax = 8;  // at a queue in one claim: each look leaves out the tenants that were found to be at their limit

using Nodes = std::map<std::string, bool>;  // by owner, whether it is dead

Result<bool> node_is_dead(Db& db, const NodeId& node, const Claimer& claimer) {
  if (claimer.is_dead_for_sure(node)) return true;
  Query lease(db, "SELECT lease_until FROM wf_node WHERE node_id = ?1");
  TRY(const bool known, lease.bind(node.text).next());
  if (!known) return db.locks_rows();  // without a sign of life of another kind, who has no lease is gone
  return lease.integer(0) <= db.now();
}

/// Gives the run to the node. What its former owner had written in the journal about being alive goes, so that only dead ones' runs are looked at.
Result<RunInfo> take(Db& db, const RunId& run, const NodeId& node) {
  Query take(db,
             "UPDATE wf_run SET status = 'running', owner = ?2, epoch = epoch + 1, idle_claims = idle_claims + 1, reason = '', wake_at = NULL,"
             " updated_at = ?3, started_at = coalesce(started_at, ?3) WHERE run_id = ?1");
  TRY_VOID(take.bind(run.text).bind(node.text).bind(db.now()).run());
  return read_run(db, run);
}

/// What a queue's limits leave.
struct Room {
  const QueueLimits& limits;
  int running = 0, starts = 0;
  std::map<std::string, int> of_tenant{};

  bool is_limited() const { return limits.running_max > 0 || limits.tenant_running_max > 0 || limits.starts_max > 0; }
  bool tenant_full(const std::string& tenant) const {
    const auto place = of_tenant.find(tenant);
    return limits.tenant_running_max > 0 && place != of_tenant.end() && place->second >= limits.tenant_running_max;
  }
  bool may_start() const { return limits.starts_max == 0 || starts < limits.starts_max; }
  bool has_room_for(const RunInfo& run, bool began) const {
    if (limits.running_max > 0 && running >= limits.running_max) return false;
    return !tenant_full(run.place.tenant) && (began || may_start());
  }
  void add(const RunInfo& run, bool began) {
    ++running;
    ++of_tenant[run.place.tenant];
    if (!began) ++starts;
  }
};

/// One claimer at a time counts and takes from a limited queue.
Result<Room> open_room(Db& db, const QueueLimits& limits, const Claimer& claimer, Nodes& nodes) {
  Room room{.limits = limits};
  if (!room.is_limited()) return room;
  if (db.locks_rows()) {
    Query lock(db, "SELECT pg_advisory_xact_lock(hashtextextended('sluice queue ' || ?1, 0))");
    TRY_VOID(lock.bind(limits.queue).next());
  }
  {
    Query running(db, "SELECT owner, tenant, count(*) FROM wf_run WHERE status = 'running' AND queue = ?1 GROUP BY owner, tenant");
    running.bind(limits.queue);
    std::vector<std::tuple<std::string, std::string, int>> counts;
    for (;;) {  // bounded by nodes and tenants
      TRY(const bool more, running.next());
      if (!more) break;
      counts.emplace_back(running.text(0), running.text(1), static_cast<int>(running.integer(2)));
    }
    for (const auto& [owner, tenant, count] : counts) {
      if (!nodes.contains(owner)) {
        TRY(nodes[owner], node_is_dead(db, {owner}, claimer));
      }
      if (nodes[owner]) continue;
      room.running += count;
      room.of_tenant[tenant] += count;
    }
  }
  if (limits.starts_max == 0) return room;
  Query starts(db, "SELECT count(*) FROM wf_run WHERE queue = ?1 AND started_at IS NOT NULL AND started_at > ?2");
  TRY_VOID(starts.bind(limits.queue).bind(db.now() - limits.starts_per_ms).next());
  room.starts = static_cast<int>(starts.integer(0));
  return room;
}

/// A run that could be claimed, and where it comes in the order.
struct Candidate {
  int priority = 0;
  TimeMs created_at = 0;
  RunId id{};
  bool began = false;
  auto operator<=>(const Candidate&) const = default;
};

// What all four questions have in common: ?1 the queue, ?2 the workflows and versions, ?3 the tenants without room, ?4 how many, ?5 whether only
// what has begun before. A name is in a list
// if taking it out changes the list: every dialect can say that.
#define CANDIDATE                                                                                                                                   \
  "SELECT priority, created_at, run_id, started_at IS NOT NULL FROM wf_run WHERE queue = ?1 AND imported = ''"                                      \
  " AND replace(?2, '|' || name || '@' || code_version || '|', '') <> ?2 AND replace(?3, '|' || tenant || '|', '') = ?3 AND (?5 = 0 OR started_at " \
  "IS NOT NULL)"
#define IN_ORDER " ORDER BY priority, created_at, run_id LIMIT ?4"
#define IN_ORDER_LOCKED IN_ORDER " FOR UPDATE SKIP LOCKED"

#define READY CANDIDATE " AND status = 'ready'"
#define DUE CANDIDATE " AND status IN ('parked','unknown') AND wake_at IS NOT NULL AND wake_at <= ?6"
#define NEWS                                                                                                          \
  CANDIDATE                                                                                                           \
  " AND status IN ('parked','unknown','paused') AND wake_no <> parked_no AND (status <> 'paused' OR EXISTS (SELECT 1" \
  " FROM wf_inbox WHERE wf_inbox.run_id = wf_run.run_id AND topic = 'cancel' AND taken_seq IS NULL))"
#define OF_DEAD CANDIDATE " AND status = 'running' AND replace(?6, '|' || owner || '|', '') <> ?6"

struct Lists {
  std::string versions{"|"}, full{"|"}, dead{"|"};
};

Result<> collect(Query& query, std::vector<Candidate>& found) {
  for (;;) {  // bounded by LIMIT
    TRY(const bool more, query.next());
    if (!more) return {};
    found.push_back({static_cast<int>(query.integer(0)), query.integer(1), {query.text(2)}, query.integer(3) != 0});
  }
}

Result<std::vector<Candidate>> look(Db& db, const std::string& queue, const Lists& lists, std::int64_t limit, bool begun_only) {
  std::vector<Candidate> found;
  const std::int64_t begun = begun_only ? 1 : 0;
  const bool locked = db.locks_rows();
  Query ready(db, locked ? READY IN_ORDER_LOCKED : READY IN_ORDER);
  TRY_VOID(collect(ready.bind(queue).bind(lists.versions).bind(lists.full).bind(limit).bind(begun), found));
  Query due(db, locked ? DUE IN_ORDER_LOCKED : DUE IN_ORDER);
  TRY_VOID(collect(due.bind(queue).bind(lists.versions).bind(lists.full).bind(limit).bind(begun).bind(db.now()), found));
  Query news(db, locked ? NEWS IN_ORDER_LOCKED : NEWS IN_ORDER);
  TRY_VOID(collect(news.bind(queue).bind(lists.versions).bind(lists.full).bind(limit).bind(begun), found));
  if (lists.dead.size() > 1) {
    Query of_dead(db, locked ? OF_DEAD IN_ORDER_LOCKED : OF_DEAD IN_ORDER);
    TRY_VOID(collect(of_dead.bind(queue).bind(lists.versions).bind(lists.full).bind(limit).bind(begun).bind(lists.dead), found));
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());  // due by time and by news
  return found;
}

Result<> claim_from(Db& db, const ClaimDue& wanted, Room& room, Lists lists, std::vector<RunInfo>& claimed) {
  const std::size_t limit = static_cast<std::size_t>(std::clamp(wanted.limit, 0, kClaimsMax));
  for (int n = 0; n < kLooksMax && claimed.size() < limit; ++n) {
    for (const auto& [tenant, running] : room.of_tenant)
      if (room.tenant_full(tenant)) lists.full += tenant + "|";
    TRY(const std::vector<Candidate> found, look(db, room.limits.queue, lists, static_cast<std::int64_t>(limit - claimed.size()), !room.may_start()));
    const bool could_start = room.may_start();
    bool filled_a_tenant = false;
    for (const Candidate& candidate : found) {
      if (claimed.size() >= limit) break;
      TRY(const RunInfo run, read_run(db, candidate.id));
      if (!room.has_room_for(run, candidate.began)) continue;
      TRY(RunInfo taken, take(db, run.id, wanted.node));
      room.add(taken, candidate.began);
      filled_a_tenant = filled_a_tenant || room.tenant_full(taken.place.tenant);
      claimed.push_back(std::move(taken));
    }
    if (!filled_a_tenant && could_start == room.may_start()) break;  // another look would find the same
  }
  return {};
}

/// Those in whose hands runs are, and who are dead.
Result<std::string> dead_owners(Db& db, const Claimer& claimer, Nodes& nodes) {
  std::vector<std::string> owners;
  {
    Query query(db, "SELECT DISTINCT owner FROM wf_run WHERE status = 'running'");
    for (;;) {  // bounded by the nodes that there are
      TRY(const bool more, query.next());
      if (!more) break;
      owners.push_back(query.text(0));
    }
  }
  std::string dead = "|";
  for (const std::string& owner : owners) {
    TRY(nodes[owner], node_is_dead(db, {owner}, claimer));
    if (nodes[owner]) dead += owner + "|";
  }
  return dead;
}

}  // namespace

Result<bool> owner_is_dead(Db& db, const RunInfo& run, const Claimer& claimer) {
  if (run.status != RunStatus::running) return false;
  return node_is_dead(db, run.owner, claimer);
}

Result<RunInfo> claim_run(Db& db, const RunId& run, const NodeId& node, const Claimer& claimer) {
  TRY(const RunInfo before, lock_run(db, run));
  if (is_final(before.status)) return run_finished(before);
  if (!before.imported.empty()) return run_imported(before);
  if (before.status == RunStatus::running && before.owner != node) {
    TRY(const bool dead, owner_is_dead(db, before, claimer));
    if (!dead) return run_owned(before);
  }
  TRY(RunInfo taken, take(db, run, node));
  TRY_VOID(keep_lease(db, node, claimer.lease_ms));
  return taken;
}

Result<std::vector<RunInfo>> claim_due_runs(Db& db, const ClaimDue& wanted, const Claimer& claimer) {
  Nodes nodes;
  Lists lists;
  for (const auto& [name, version] : wanted.versions) lists.versions += name + "@" + version + "|";
  TRY(lists.dead, dead_owners(db, claimer, nodes));
  std::vector<RunInfo> claimed;
  for (const QueueLimits& queue : wanted.queues) {
    TRY(Room room, open_room(db, queue, claimer, nodes));
    TRY_VOID(claim_from(db, wanted, room, lists, claimed));
  }
  if (!claimed.empty()) TRY_VOID(keep_lease(db, wanted.node, claimer.lease_ms));
  return claimed;
}

}  // namespace sluice::journal_detail
