#include "app/retention.h"

#include <array>
#include <deque>
#include <filesystem>
#include <fstream>
#include <set>
#include <unordered_set>

#include "app/app.h"
#include "app/app_inner.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr int kRunsAtOnce = 200;        // deleted in one transaction, for which all who write wait
constexpr int kDryRunsMax = 1'000'000;  // that a dry run counts
constexpr int kPage = 500;
constexpr int kEventsPage = 2'000;
constexpr std::size_t kMarksMax = 50'000'000;     // 2 GB of memory
constexpr std::size_t kNoteBytesMax = 1'000'000;  // of a file that notes the newest catalog
constexpr std::size_t kHashDigits = 64;

/// The names of files that something needs: all that looks like a SHA-256, wherever it stands.
class Marks {
 public:
  /// Everything in the text that may be a name.
  void add_from(std::string_view text) {
    for (std::size_t at = 0; at + kHashDigits <= text.size();) {
      std::size_t end = at;
      while (end < text.size() && is_hex(text[end])) ++end;
      if (end - at == kHashDigits) add(text.substr(at, kHashDigits));
      at = end + 1;
    }
  }
  void add_all_from(const Json& value) {  // NOLINT(misc-no-recursion): values have bounded depth
    if (const auto* text = value.as_string()) add_from(*text);
    if (const auto* array = value.as_array())
      for (const Json& element : *array) add_all_from(element);
    if (const auto* object = value.as_object())
      for (const auto& [key, member] : *object) {
        add_from(key);
        add_all_from(member);
      }
  }
  bool contains(const std::string& hash) const { return hash.size() != kHashDigits || marks_.contains(packed(hash)); }
  bool full() const { return marks_.size() >= kMarksMax; }
  /// One that nobody has looked into yet.
  std::optional<std::string> next() {
    if (unread_.empty()) return std::nullopt;
    std::string hash = std::move(unread_.front());
    unread_.pop_front();
    return hash;
  }
  std::size_t size() const { return marks_.size(); }

 private:
  using Packed = std::array<std::uint64_t, 4>;
  struct First {
    std::size_t operator()(const Packed& hash) const { return hash.front(); }
  };
  static bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
  static Packed packed(std::string_view hash) {
    Packed out{};
    for (std::size_t n = 0; n < kHashDigits; ++n) {
      const char c = hash[n];
      out.at(n / 16) = out.at(n / 16) * 16 + static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return out;
  }
  void add(std::string_view hash) {
    if (marks_.insert(packed(hash)).second) unread_.emplace_back(hash);
  }

  std::unordered_set<Packed, First> marks_{};
  std::deque<std::string> unread_{};
};

Error too_many_marks() {
  return {ErrorKind::exhausted, "E0139",
          "the journal names more than " + with_thousands(kMarksMax) + " files, too many to tell which are still needed",
          "old runs were deleted, the files that they alone needed were not; keep runs for a shorter time", 0};
}

/// Deletes old runs, then what only they needed.
class Retention {
 public:
  Retention(Journal& journal, Artifacts& artifacts, const RetentionRequest& request, const ProgressWords& progress, std::stop_token stop)
      : journal_(journal), artifacts_(artifacts), request_(request), progress_(progress), stop_(std::move(stop)) {}

  Result<> delete_runs() {
    const TimeMs now = journal_.now();
    const PruneLimits limits{.ended_before = now - request_.older_than.count(),
                             .approvals_before = now - request_.approvals_older_than.count(),
                             .runs_max = request_.dry ? kDryRunsMax : kRunsAtOnce,
                             .dry = request_.dry};
    for (bool more = true; more && !stop_.stop_requested();) {  // each round deletes some of what there is
      TRY(const Pruned pruned, journal_.prune(limits));
      report_.runs += std::ssize(pruned.runs);
      report_.events += pruned.events;
      report_.approvals += std::ssize(pruned.approvals);
      more = pruned.more && !request_.dry;
      tell("deleting old runs: " + with_thousands(report_.runs));
      if (!request_.dry) continue;
      runs_gone_.insert(pruned.runs.begin(), pruned.runs.end());
      approvals_gone_.insert(pruned.approvals.begin(), pruned.approvals.end());
    }
    return {};
  }

  /// After this, what is not marked is needed by nothing that was there when it began.
  Result<> mark(const std::string& notes) {
    TRY_VOID(mark_runs());
    TRY_VOID(mark_approvals());
    mark_notes(notes);
    for (std::int64_t n = 0; !stop_.stop_requested(); ++n) {  // bounded by the artifacts
      const auto hash = marks_.next();
      if (!hash) break;
      if (n % kPage == 0) tell("looking into artifacts: " + with_thousands(n) + " of " + with_thousands(static_cast<std::int64_t>(marks_.size())));
      const auto bytes = artifacts_.get(*hash);  // most are the hashes of something else; a damaged one stays, and names nothing that can be read
      if (bytes) marks_.add_from(*bytes);
      if (!bytes && bytes.error().code != "E0122" && bytes.error().code != "E0123") return bytes.error();
      if (marks_.full()) return too_many_marks();
    }
    return {};
  }

  Sweep sweep() const {
    return {.is_kept = [this](const std::string& hash) { return marks_.contains(hash); }, .dry = request_.dry, .stop = stop_};
  }
  bool stopped() const { return stop_.stop_requested(); }
  RetentionReport& report() { return report_; }
  void tell(const std::string& what) const {
    if (progress_) progress_(what);
  }

 private:
  Result<> mark_runs() {
    RunFilter page{.limit = kPage};
    std::int64_t seen = 0;
    while (!stop_.stop_requested()) {  // bounded by the runs
      TRY(const std::vector<RunInfo> runs, journal_.runs(page));
      for (const RunInfo& run : runs)
        if (!runs_gone_.contains(run.id)) TRY_VOID(mark_run(run));
      if (marks_.full()) return too_many_marks();
      seen += std::ssize(runs);
      tell("looking at what is kept: " + counted(seen, "run"));
      if (std::ssize(runs) < kPage) return {};
      page.before = runs.back().id;
    }
    return {};
  }

  Result<> mark_run(const RunInfo& run) {
    marks_.add_all_from(run.labels);
    marks_.add_from(run.reason);
    for (std::int64_t after = 0;;) {  // bounded by the run's events
      auto events = journal_.events(run.id, after, kEventsPage);
      if (!events && events.error().kind == ErrorKind::not_found) return {};  // somebody else deletes runs too
      if (!events) return events.error();
      for (const EventInfo& event : *events) marks_.add_all_from(event.body);
      if (std::ssize(*events) < kEventsPage) break;
      after = events->back().seq;
    }
    const auto inbox = journal_.inbox(run.id);
    if (!inbox && inbox.error().kind != ErrorKind::not_found) return inbox.error();
    if (inbox)
      for (const Message& message : *inbox) marks_.add_all_from(message.body);
    return {};
  }

  Result<> mark_approvals() {
    ApprovalFilter page{.open_only = false, .limit = kPage};
    while (!stop_.stop_requested()) {  // bounded by the approvals
      TRY(const std::vector<ApprovalInfo> approvals, journal_.approvals(page));
      for (const ApprovalInfo& approval : approvals) {
        if (approvals_gone_.contains(approval.id)) continue;
        marks_.add_all_from(approval.subject);
        marks_.add_all_from(approval.card);
        marks_.add_from(approval.edited);
      }
      if (std::ssize(approvals) < kPage) return {};
      page.after = approvals.back().id;
    }
    return {};
  }

  /// The newest catalog of each connection lies in a file of its own, for the next run.
  void mark_notes(const std::string& folder) {
    std::error_code failure;
    for (std::filesystem::directory_iterator file(folder, failure), end; !failure && file != end; file.increment(failure)) {
      std::ifstream in(file->path(), std::ios::binary);
      std::string text(kNoteBytesMax, '\0');
      in.read(text.data(), static_cast<std::streamsize>(text.size()));
      text.resize(static_cast<std::size_t>(in.gcount()));
      marks_.add_from(text);
    }
  }

  Journal& journal_;
  Artifacts& artifacts_;
  const RetentionRequest& request_;
  const ProgressWords& progress_;
  std::stop_token stop_;
  Marks marks_{};
  std::set<RunId> runs_gone_{};  // that would be deleted: a dry run leaves them where they are
  std::set<ApprovalId> approvals_gone_{};
  RetentionReport report_{};
};

}  // namespace

Result<RetentionReport> App::prune(const RetentionRequest& request, const ProgressWords& progress, const std::stop_token& stop) {
  TRY_VOID(inner_->workflows());
  Retention retention(*inner_->journal, *inner_->artifacts, request, progress, stop);
  TRY_VOID(retention.delete_runs());
  TRY_VOID(retention.mark(inner_->config.home + "/catalogs"));
  if (retention.stopped()) return retention.report();
  retention.tell("deleting what nothing needs any more");
  TRY(retention.report().artifacts, inner_->artifacts->sweep(retention.sweep()));
  TRY(ResultStore * results, inner_->result_store());
  TRY(retention.report().journals_of_results, inner_->journals_of_results());
  if (retention.report().journals_of_results.size() == 1) {
    TRY(retention.report().results, results->sweep(retention.sweep()));
  }
  retention.report().whole = !retention.stopped();
  return retention.report();
}

Result<StoredSizes> App::stored_sizes() {
  TRY_VOID(inner_->workflows());
  StoredSizes sizes;
  TRY(sizes.journal, inner_->journal->size());
  TRY(const AuditHead head, inner_->journal->audit_head());
  sizes.audit_entries = head.no;
  return sizes;
}

}  // namespace sluice
