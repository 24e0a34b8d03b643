#include "app/run_copy.h"

#include <algorithm>
#include <deque>
#include <istream>
#include <map>
#include <ostream>
#include <set>

#include "app/chained_lines.h"
#include "app/run_copy_records.h"
#include "base/hash.h"
#include "base/text.h"
#include "workflow/ports/journal_errors.h"

namespace sluice {
namespace {

constexpr std::int64_t kFormatVersion = 1;
constexpr int kApprovalPagesMax = 1000;  // of kListMax
constexpr std::size_t kIdBytesMax = 200, kHashDigits = 64;

bool is_hash(std::string_view text) { return text.size() == kHashDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

Error too_large_to_export(const std::string& what) {
  return {ErrorKind::input, "E0124", "the run cannot be exported: " + what, "an export is made to be sent to somebody; look at the run where it is",
          0};
}

/// Writes a run and what belongs to it.
class CopyWriter {
 public:
  CopyWriter(Journal& journal, Artifacts& artifacts, std::ostream& to) : journal_(journal), artifacts_(artifacts), lines_(to) {}

  Result<CopySummary> write(const RunId& id) {
    summary_.run = id;
    TRY_VOID(lines_.write("sluice export", Json::object().set("version", kFormatVersion).set("schema_v", kEventSchema).set("run", id.text)));
    std::deque<RunId> next{id};
    for (; !next.empty(); next.pop_front()) {
      if (++summary_.runs > kCopiedRunsMax) return too_large_to_export("more than " + with_thousands(kCopiedRunsMax) + " runs belong to it");
      TRY(const RunInfo run, journal_.run(next.front()));
      TRY_VOID(write_run(run));
      TRY(std::vector<RunInfo> children, journal_.runs({.limit = kListMax, .parent = run.id}));
      for (auto child = children.rbegin(); child != children.rend(); ++child) next.push_back(child->id);
    }
    TRY_VOID(write_artifacts());
    TRY(summary_.hash, lines_.end());
    summary_.bytes = lines_.bytes();
    return summary_;
  }

 private:
  Result<> write_run(const RunInfo& run) {
    TRY(const std::vector<EventInfo> events, journal_.events(run.id));
    RunInfo seen = run;  // one that goes on while it is read is as long as what was read of it
    if (!events.empty()) seen.head_seq = events.back().seq;
    TRY_VOID(lines_.write("run", encode_run(seen)));
    for (const EventInfo& event : events) {
      TRY_VOID(lines_.write("event", encode_event(run.id, event)));
      find_artifacts(event.body);
      for (const char* name : {"artifact", "input_artifact"})
        if (const std::string_view hash = event.body.text(name); !hash.empty()) needed_.emplace(hash);
    }
    summary_.events += std::ssize(events);
    return write_approvals(run.id);
  }

  Result<> write_approvals(const RunId& run) {
    std::vector<ApprovalInfo> all;
    ApprovalFilter page{.open_only = false, .run = run, .limit = kListMax};
    for (int n = 0; n < kApprovalPagesMax; ++n) {
      TRY(const std::vector<ApprovalInfo> some, journal_.approvals(page));
      all.insert(all.end(), some.begin(), some.end());
      if (std::ssize(some) < kListMax) break;
      page.after = some.back().id;
    }
    for (auto approval = all.rbegin(); approval != all.rend(); ++approval) {  // oldest first
      TRY_VOID(lines_.write("approval", encode_approval(*approval)));
      find_artifacts(approval->subject);
    }
    summary_.approvals += std::ssize(all);
    return {};
  }

  /// Whatever may be the name of one: texts that are a hash.
  void find_artifacts(const Json& value) {  // NOLINT(misc-no-recursion): values have bounded depth
    if (const auto* text = value.as_string(); text != nullptr && is_hash(*text) && seen_.insert(*text).second) found_.push_back(*text);
    if (const auto* array = value.as_array())
      for (const Json& element : *array) find_artifacts(element);
    if (const auto* object = value.as_object())
      for (const auto& [key, member] : *object) find_artifacts(member);
  }

  /// Artifacts name others: a step's result the catalog, a prompt its examples.
  Result<> write_artifacts() {
    for (; !found_.empty(); found_.pop_front()) {
      const std::string hash = found_.front();
      auto bytes = artifacts_.get(hash);
      if (!bytes && bytes.error().code == "E0122" && !needed_.contains(hash)) continue;  // the hash of something else
      if (!bytes) return std::move(bytes).error();
      if (++summary_.artifacts > kCopiedArtifactsMax)
        return too_large_to_export("it refers to more than " + with_thousands(kCopiedArtifactsMax) + " artifacts");
      if (bytes->size() > kCopiedArtifactBytesMax)
        return too_large_to_export("artifact " + hash.substr(0, 12) + "… has " + human_bytes(std::ssize(*bytes)) + ", at most " +
                                   human_bytes(kCopiedArtifactBytesMax));
      TRY_VOID(lines_.write("artifact", Json::object().set("hash", hash).set("bytes", *bytes)));
      if (const auto value = Json::parse(*bytes)) find_artifacts(*value);
    }
    return {};
  }

  Journal& journal_;
  Artifacts& artifacts_;
  ChainedLinesWriter lines_;
  CopySummary summary_{};
  std::deque<std::string> found_{};
  std::set<std::string> seen_{}, needed_{};
};

/// What a file holds beside its artifacts, once it was verified.
struct ReadFile {
  CopySummary summary{};
  std::vector<RunCopy> runs{};  ///< each after its parent
};

/// Reads a file and looks whether it makes sense.
class CopyReader {
 public:
  explicit CopyReader(std::istream& from) : lines_(from) {}

  Result<ReadFile> read() {
    TRY_VOID(read_header());
    for (;;) {  // bounded by the reader
      TRY(const std::optional<ChainedLine> line, lines_.next());
      if (!line) break;
      TRY_VOID(take(*line));
    }
    TRY_VOID(check_runs());
    file_.summary.hash = lines_.hash();
    file_.summary.bytes = lines_.bytes();
    return std::move(file_);
  }

 private:
  Result<> read_header() {
    TRY(const std::optional<ChainedLine> first, lines_.next());
    if (!first || first->kind != "sluice export") return damaged_export("it does not begin like one");
    if (first->data.integer("version") != kFormatVersion || first->data.integer("schema_v") > kEventSchema)
      return Error{ErrorKind::input, "E0134", "this export was made by a newer release of Sluice, and cannot be read by this one",
                   "use that release, or a newer one", 0};
    file_.summary.run = {std::string(first->data.text("run"))};
    return {};
  }

  Result<> take(const ChainedLine& line) {
    if (line.kind == "artifact") {
      const auto* bytes = line.data["bytes"].as_string();
      if (bytes == nullptr || sha256_hex(*bytes) != line.data.text("hash")) return damaged_export("an artifact is not what its hash says");
      ++file_.summary.artifacts;
      return {};
    }
    if (line.kind == "run") return take_run(line.data);
    if (line.kind == "event") return take_event(line.data);
    if (line.kind == "approval") return take_approval(line.data);
    return damaged_export("it has lines of an unknown kind, \"" + show_hidden(line.kind, false) + "\"");
  }

  Result<> take_run(const Json& data) {
    auto run = decode_run(data);
    if (!run) return damaged_export("a run in it cannot be read: " + run.error().message);
    if (!is_id(run->id.text) || places_.contains(run->id)) return damaged_export("a run in it has an odd id");
    const bool first = file_.runs.empty();
    if (first ? run->id != file_.summary.run : !places_.contains(run->parent))
      return damaged_export("run " + run->id.text + " does not belong to the others");
    if (std::ssize(file_.runs) == kCopiedRunsMax) return damaged_export("it has more runs than an export has");
    places_[run->id] = file_.runs.size();
    file_.runs.push_back({.run = *std::move(run)});
    return {};
  }

  Result<> take_event(const Json& data) {
    auto copied = decode_event(data);
    if (!copied) return damaged_export("an event in it cannot be read: " + copied.error().message);
    const auto place = places_.find(copied->run);
    if (place == places_.end()) return damaged_export("it has events of a run that is not in it");
    std::vector<EventInfo>& events = file_.runs[place->second].events;
    if (copied->event.seq != std::ssize(events) + 1 || std::ssize(events) == kEventsMax)
      return damaged_export("the events of run " + copied->run.text + " are not without gaps");
    if (events.empty() != (copied->event.type == EventType::run_started))
      return damaged_export("run " + copied->run.text + " does not begin with its beginning");
    if (copied->event.schema_v > kEventSchema) return damaged_export("an event in it is of a newer release");
    events.push_back(std::move(copied->event));
    ++file_.summary.events;
    return {};
  }

  Result<> take_approval(const Json& data) {
    auto approval = decode_approval(data);
    if (!approval) return damaged_export("an approval in it cannot be read: " + approval.error().message);
    const auto place = places_.find(approval->run_id);
    if (place == places_.end() || !is_id(approval->id.text) || !approvals_.insert(approval->id).second)
      return damaged_export("an approval in it belongs to none of its runs, or has an odd id");
    approval->policy = kImportedPolicy;
    file_.runs[place->second].approvals.push_back(*std::move(approval));
    ++file_.summary.approvals;
    return {};
  }

  Result<> check_runs() {
    if (file_.runs.empty()) return damaged_export("there is no run in it");
    for (const RunCopy& copy : file_.runs) {
      if (copy.events.empty() || copy.run.head_seq != std::ssize(copy.events))
        return damaged_export("events of run " + copy.run.id.text + " are missing");
      if (is_final(copy.run.status) && copy.events.back().type != last_event_of(copy.run.status))
        return damaged_export("run " + copy.run.id.text + " does not end as it says");
    }
    file_.summary.runs = std::ssize(file_.runs);
    return {};
  }

  static EventType last_event_of(RunStatus final) {
    if (final == RunStatus::done) return EventType::finished;
    return final == RunStatus::failed ? EventType::failed : EventType::cancelled;
  }

  static bool is_id(std::string_view text) {
    const auto fits = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    };
    return !text.empty() && text.size() <= kIdBytesMax && std::ranges::all_of(text, fits);
  }

  ChainedLinesReader lines_;
  ReadFile file_{};
  std::map<RunId, std::size_t> places_{};
  std::set<ApprovalId> approvals_{};
};

/// Whether an import that was cut off has taken exactly this in. E0128: the run is here, and it is another one.
Result<bool> is_there(Journal& journal, const RunCopy& copy) {
  const auto run = journal.run(copy.run.id);
  if (!run && run.error().kind == ErrorKind::not_found) return false;
  if (!run) return run.error();
  TRY(const std::vector<EventInfo> events, journal.events(copy.run.id));
  const auto same = [](const EventInfo& a, const EventInfo& b) { return a.type == b.type && a.path == b.path && a.body == b.body; };
  if (run->imported.empty() || !std::ranges::equal(events, copy.events, same)) return run_exists(*run);
  return true;
}

Result<> check_approvals(Journal& journal, const RunCopy& copy) {
  for (const ApprovalInfo& approval : copy.approvals) {
    const auto known = journal.approval(approval.id);
    if (known)
      return Error{ErrorKind::conflict, "E0128", "approval " + approval.id.text + " is in this journal already, with run " + known->run_id.text,
                   "an import replaces nothing; import into another SLUICE_HOME", 0};
    if (known.error().kind != ErrorKind::not_found) return known.error();
  }
  return {};
}

Result<> put_artifacts(Artifacts& artifacts, std::istream& from) {
  from.clear();
  from.seekg(0);
  if (!from) return damaged_export("it cannot be read twice");
  ChainedLinesReader lines(from);
  for (;;) {  // bounded by the reader
    TRY(const std::optional<ChainedLine> line, lines.next());
    if (!line) return {};
    if (line->kind != "artifact") continue;
    const std::string* bytes = line->data["bytes"].as_string();
    TRY(const std::string hash, artifacts.put(bytes == nullptr ? "" : *bytes));
    if (hash != line->data.text("hash")) return damaged_export("it changed while it was read");
  }
}

}  // namespace

Result<CopySummary> write_copy(Journal& journal, Artifacts& artifacts, const RunId& run, std::ostream& to) {
  return CopyWriter(journal, artifacts, to).write(run);
}

Result<CopySummary> read_copy(Journal& journal, Artifacts& artifacts, std::istream& from, const std::string& by) {
  TRY(ReadFile file, CopyReader(from).read());
  std::set<RunId> family;
  for (const RunCopy& copy : file.runs) family.insert(copy.run.id);
  for (RunCopy& copy : file.runs)
    if (!family.contains(copy.run.root)) copy.run.root = copy.run.id;  // its family is elsewhere
  std::vector<const RunCopy*> wanted;
  for (const RunCopy& copy : file.runs) {
    TRY(const bool there, is_there(journal, copy));
    if (there) continue;
    TRY_VOID(check_approvals(journal, copy));
    wanted.push_back(&copy);
  }
  if (wanted.empty()) {
    TRY(const RunInfo there, journal.run(file.summary.run));
    return run_exists(there);
  }
  TRY_VOID(put_artifacts(artifacts, from));
  // The run itself last: it is there when all that belongs to it is.
  for (auto copy = wanted.rbegin(); copy != wanted.rend(); ++copy) TRY_VOID(journal.import_run(**copy, by));
  return file.summary;
}

}  // namespace sluice
