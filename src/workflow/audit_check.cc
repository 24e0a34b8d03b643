#include "workflow/audit_check.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "workflow/audit_check_run.h"
#include "workflow/ports/journal_errors.h"

namespace sluice {
namespace {

using workflow_detail::FaultList;
using workflow_detail::RunAudit;

constexpr int kUnreadableMax = 100;          // entries, one after another
constexpr int kPage = 500;                   // entries, runs or approvals read at once
constexpr std::int64_t kToldEvery = 5'000;   // entries or runs between two words about progress
constexpr std::size_t kGoneMax = 1'000'000;  // runs and approvals that are gone and whose deletion the chain has still to explain

/// Things that the chain speaks of and that are not there: a later entry has to say that retention deleted them.
template <class Id>
class Gone {
 public:
  void add(const Id& id, std::int64_t no) {
    if (unexplained_.size() < kGoneMax) unexplained_.try_emplace(id, no);
  }
  /// By an entry that lists what was deleted. True: the chain spoke of it.
  void explain(const Json& ids) {
    const auto* list = ids.as_array();
    if (list == nullptr) return;
    for (const Json& id : *list)
      if (id.as_string() != nullptr) explained_ += static_cast<std::int64_t>(unexplained_.erase(Id{*id.as_string()}));
  }
  const std::map<Id, std::int64_t>& unexplained() const { return unexplained_; }
  std::int64_t explained() const { return explained_; }

 private:
  std::map<Id, std::int64_t> unexplained_{};  // with the first entry that speaks of it
  std::int64_t explained_ = 0;
};

class Checker {
 public:
  Checker(Journal& journal, const AuditCheck& check) : journal_(journal), check_(check), anchors_(check.anchors) {
    std::ranges::stable_sort(anchors_, {}, &AuditAnchor::no);
  }

  Result<AuditReport> run() {
    TRY(expected_, journal_.audit_head());
    TRY_VOID(read_chain());
    TRY_VOID(check_end());
    TRY_VOID(check_runs());
    TRY_VOID(check_homeless_approvals());
    check_older();
    report_.faults = faults_.kept();
    report_.fault_count = faults_.count();
    report_.whole = !check_.stop.stop_requested();
    return std::move(report_);
  }

 private:
  // ---- the chain ----

  Result<> read_chain() {
    for (std::int64_t from = 1; !check_.stop.stop_requested();) {  // bounded by the chain
      auto page = journal_.audit(from, kPage);
      if (!page && page.error().code == "E0202") page = read_singly(from);
      if (!page) return page.error();
      for (const AuditEntry& entry : *page) TRY_VOID(take(entry));
      if (std::ssize(*page) < kPage && !unreadable_) return {};
      from = std::max(from, report_.head.no) + 1;
      unreadable_ = false;
    }
    return {};
  }

  /// Takes what comes before the first entry that cannot be read; that one is a fault.
  Result<std::vector<AuditEntry>> read_singly(std::int64_t from) {
    for (int n = 0; n < kPage; ++n) {
      auto one = journal_.audit(from, 1);
      if (!one && one.error().code != "E0202") return one.error();
      if (one && one->empty()) break;
      if (!one) {
        if (++unreadable_in_a_row_ > kUnreadableMax) return one.error();  // it is not single entries: the chain itself is damaged or gone
        faults_.add({from, {}, "", "the entry cannot be read: " + one.error().message});
        report_.head = {from, ""};
        unreadable_ = true;
        break;
      }
      TRY_VOID(take(one->front()));
      from = report_.head.no + 1;
    }
    return std::vector<AuditEntry>();
  }

  Result<> take(const AuditEntry& entry) {
    unreadable_in_a_row_ = 0;
    const auto fault = [&](std::string what) { faults_.add({entry.no, entry.run, entry.path, std::move(what)}); };
    const AuditHead before = report_.head;
    if (entry.no == 1) {
      beginning_ = entry.before_hash;
      first_hash_ = entry.hash;
      if (!read_not_covered(beginning_)) fault("the first entry names an entry before it");
    }
    if (entry.no != before.no + 1) {
      const std::int64_t last = entry.no - 1;
      faults_.add(
          {before.no + 1, {}, "", last == before.no + 1 ? "the entry was deleted" : "the entries up to " + std::to_string(last) + " were deleted"});
    } else if (entry.no > 1 && !before.hash.empty() && entry.before_hash != before.hash) {
      fault("the entry does not follow the one before: one of the two was put in the place of another");
    }
    if (hash_of(entry) != entry.hash) fault("the entry was edited: its hash is another one");
    while (anchor_ < anchors_.size() && anchors_[anchor_].no <= entry.no) check_anchor(anchors_[anchor_++], entry);
    report_.head = {entry.no, entry.hash};
    ++report_.entries;
    if (entry.no == 1 || !report_.begins_at) report_.begins_at = entry.at;
    if (entry.kind == "decision" || entry.kind == "expiry") ++report_.decisions;
    if (entry.kind == "intent") ++report_.effects;
    if (entry.kind == "refused") ++report_.refusals;
    if (report_.entries % kToldEvery == 0) tell("entry " + with_thousands(entry.no) + " of " + with_thousands(expected_.no));
    return look_for_subject(entry);
  }

  void check_anchor(const AuditAnchor& anchor, const AuditEntry& entry) {
    ++report_.anchors;
    if (!anchor.first_hash.empty() && anchor.first_hash != first_hash_)
      return faults_.add(
          {entry.no, {}, "", "the anchor of " + utc_text(anchor.at) + " is of another chain: this one is another journal's, or was written anew"});
    if (anchor.no == entry.no && anchor.hash != entry.hash)
      faults_.add({entry.no, entry.run, entry.path, "the entry is not the one that the anchor of " + utc_text(anchor.at) + " noted"});
  }

  /// Remembers what the entry speaks of and is not there.
  Result<> look_for_subject(const AuditEntry& entry) {
    if (entry.kind == "prune") {
      runs_gone_.explain(entry.body["runs"]);
      approvals_gone_.explain(entry.body["approvals"]);
      return {};
    }
    // What somebody wanted and did not get changed nothing, and tokens and logins are no part of a run: there is nothing to hold against the entry.
    if (entry.kind == "refused" || entry.kind == "token" || entry.kind == "login") return {};
    if (entry.run != looked_for_) {
      const auto run = journal_.run(entry.run);
      if (!run && run.error().kind != ErrorKind::not_found && run.error().code != "E0202") return run.error();
      looked_for_ = entry.run;
      is_there_ = run || run.error().code == "E0202";
    }
    if (is_there_) return {};  // it comes to it with its run
    runs_gone_.add(entry.run, entry.no);
    if (const auto* brought = entry.body["approvals"].as_object())
      for (const auto& [id_of_copy, hash] : *brought) TRY_VOID(look_for_approval({id_of_copy}, entry.no));
    const ApprovalId id{std::string(entry.body.text("approval_id"))};
    return entry.kind == "intent" || id.empty() ? Result<>() : look_for_approval(id, entry.no);
  }

  Result<> look_for_approval(const ApprovalId& id, std::int64_t no) {
    const auto approval = journal_.approval(id);
    if (!approval && approval.error().kind != ErrorKind::not_found) return approval.error();
    if (!approval) approvals_gone_.add(id, no);
    return {};
  }

  /// What the chain's end shows only once it is reached.
  Result<> check_end() {
    if (check_.stop.stop_requested()) return {};
    if (report_.entries == 0) beginning_ = expected_.hash;
    const auto cut = [&](std::int64_t no, const std::string& who) {
      faults_.add({report_.head.no + 1, {}, "", "the chain was cut off here: " + who + " says that it goes on to entry " + std::to_string(no)});
    };
    if (report_.head.no < expected_.no) cut(expected_.no, "the journal");
    for (; anchor_ < anchors_.size(); ++anchor_) {
      ++report_.anchors;
      cut(anchors_[anchor_].no, "the anchor of " + utc_text(anchors_[anchor_].at));
    }
    TRY(const AuditHead now, journal_.audit_head());
    if (report_.head.no >= now.no && report_.entries > 0 && (now.no < report_.head.no || now.hash != report_.head.hash))
      faults_.add({report_.head.no, {}, "", "the newest entry is not the one that the journal noted as such"});
    for (const auto& [run, no] : runs_gone_.unexplained())
      faults_.add({no, run, "", "the run that the entry speaks of was deleted, and not by `sluice runs prune`"});
    for (const auto& [approval, no] : approvals_gone_.unexplained())
      faults_.add({no, {}, "", "approval " + approval.text + ", which the entry speaks of, was deleted, and not by `sluice runs prune`"});
    report_.pruned_runs = runs_gone_.explained();
    return {};
  }

  // ---- what it speaks of ----

  Result<> check_runs() {
    RunFilter page{.limit = kPage};
    while (!check_.stop.stop_requested()) {  // bounded by the runs
      const auto runs = journal_.runs(page);
      if (!runs && runs.error().code == "E0202") {
        faults_.add({0, {}, "", "runs cannot be read: " + runs.error().message});
        return {};
      }
      if (!runs) return runs.error();
      for (const RunInfo& run : *runs) {
        if (check_.stop.stop_requested()) return {};
        TRY_VOID(check_one(run.id));
        if (++report_.runs % kToldEvery == 0) tell("run " + with_thousands(report_.runs));
      }
      if (std::ssize(*runs) < kPage) return {};
      page.before = runs->back().id;
    }
    return {};
  }

  /// A run that goes on while it is read may look wrong once, but not again and again.
  Result<> check_one(const RunId& run) {
    constexpr int kLooksMax = 3;
    RunAudit audit(journal_, run);
    for (int n = 0; n < kLooksMax; ++n) {
      audit = RunAudit(journal_, run);
      TRY_VOID(audit.look());
      if (audit.faults().empty()) break;
    }
    count_older(audit.older());
    for (const AuditFault& fault : audit.faults()) faults_.add(fault);
    return {};
  }

  /// Approvals that are kept longer than their runs.
  Result<> check_homeless_approvals() {
    ApprovalFilter page{.open_only = false, .limit = kPage};
    RunId last;
    bool homeless = false;
    while (!check_.stop.stop_requested()) {  // bounded by the approvals
      const auto approvals = journal_.approvals(page);
      if (!approvals && approvals.error().code == "E0202") {
        faults_.add({0, {}, "", "approvals cannot be read: " + approvals.error().message});
        return {};
      }
      if (!approvals) return approvals.error();
      for (const ApprovalInfo& approval : *approvals) {
        if (approval.run_id != last) {
          const auto run = journal_.run(approval.run_id);
          if (!run && run.error().kind != ErrorKind::not_found && run.error().code != "E0202") return run.error();
          last = approval.run_id;
          homeless = !run && run.error().kind == ErrorKind::not_found;
        }
        if (!homeless) continue;
        RunAudit audit(journal_, approval.run_id);
        TRY_VOID(audit.look_at_homeless(approval));
        count_older(audit.older());
        for (const AuditFault& fault : audit.faults()) faults_.add(fault);
      }
      if (std::ssize(*approvals) < kPage) return {};
      page.after = approvals->back().id;
    }
    return {};
  }

  /// What has no entry: older than the chain, or made behind its back.
  void count_older(const std::vector<workflow_detail::Uncovered>& found) {
    for (const workflow_detail::Uncovered& one : found) {
      if (one.is_brought_in) {
        (one.is_decision ? report_.brought_in.decisions : report_.brought_in.effects) += 1;
        continue;
      }
      if (report_.begins_at && one.at > *report_.begins_at) {
        faults_.add({0, one.run, one.path, one.what + " has no entry: it was added or changed behind the chain's back"});
        continue;
      }
      (one.is_decision ? report_.older.decisions : report_.older.effects) += 1;
      if (!example_) example_ = one;
    }
  }

  void check_older() {
    const NotCovered said = read_not_covered(beginning_).value_or(NotCovered{});
    const NotCovered& found = report_.older;
    if (found.decisions <= said.decisions && found.effects <= said.effects) return;
    faults_.add({0, example_->run, example_->path,
                 example_->what + " has no entry; of what is older than the chain there are " + std::to_string(found.decisions) + " decisions and " +
                     std::to_string(found.effects) + " effects, and at its beginning there were " + std::to_string(said.decisions) + " and " +
                     std::to_string(said.effects)});
  }

  void tell(const std::string& what) const {
    if (check_.progress) check_.progress(what);
  }

  Journal& journal_;
  const AuditCheck& check_;
  std::vector<AuditAnchor> anchors_;
  std::size_t anchor_ = 0;  // the next one
  AuditHead expected_{};    // when it was begun
  std::string beginning_{}, first_hash_{};
  bool unreadable_ = false;
  int unreadable_in_a_row_ = 0;
  AuditReport report_{};
  FaultList faults_{};
  Gone<RunId> runs_gone_{};
  Gone<ApprovalId> approvals_gone_{};
  RunId looked_for_{"-"};
  bool is_there_ = false;
  std::optional<workflow_detail::Uncovered> example_{};
};

}  // namespace

Result<AuditReport> check_audit(Journal& journal, const AuditCheck& check) { return Checker(journal, check).run(); }

Error audit_broken(const AuditReport& report) {
  const AuditFault& first = report.faults.front();
  std::string where = first.no > 0 ? "entry " + std::to_string(first.no) : "";
  if (!first.run.empty()) where += (where.empty() ? "run " : ", run ") + first.run.text;
  if (!first.path.empty()) where += ", \"" + first.path + "\"";
  std::string more = report.fault_count > 1 ? " (and " + with_thousands(report.fault_count - 1) + " more)" : "";
  return {ErrorKind::storage, "E0131",
          "the audit chain and the journal are not as they were written: " + (where.empty() ? "" : where + ": ") + first.what + more,
          "keep a copy of the journal as it is, find out who could write to it, and compare it with a backup or an export", 0};
}

}  // namespace sluice
