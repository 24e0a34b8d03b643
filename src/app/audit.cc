#include "app/audit.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "app/app.h"
#include "app/app_inner.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kAnchorLineMax = 4'096, kAnchorsMax = 1'000'000, kHashDigits = 64;
constexpr int kPage = 1'000;
constexpr mode_t kOthersMayRead = 0644;

Error anchor_file_error(const std::string& file, const std::string& why) {
  return {ErrorKind::input, "E0138", "the anchors in " + file + " " + why, "name a file that `sluice audit anchor` writes, in a folder that is there",
          0};
}

/// Nothing where the line is none.
std::optional<AuditAnchor> read_anchor(const std::string& line) {
  const auto json = Json::parse(line);
  if (!json) return std::nullopt;
  AuditAnchor anchor{.no = json->integer("no"), .hash = std::string(json->text("hash")), .first_hash = std::string(json->text("first"))};
  anchor.at = json->integer("at");
  const bool whole = anchor.no > 0 && anchor.hash.size() == kHashDigits && anchor.first_hash.size() == kHashDigits;
  return whole ? std::optional(anchor) : std::nullopt;
}

/// Appends the line and syncs it, and the name of a file that is new. A line that was torn by a crash is ended first.
Result<> append_line(const std::string& file, const std::string& line, bool torn) {
  const auto failed = [&] { return anchor_file_error(file, std::string("cannot be written: ") + std::strerror(errno)); };
  const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kOthersMayRead);
  if (fd < 0) return failed();
  const std::string bytes = (torn ? "\n" : "") + line + "\n";
  const bool written = ::write(fd, bytes.data(), bytes.size()) == std::ssize(bytes) && ::fsync(fd) == 0;
  Result<> outcome = written ? Result<>() : Result<>(failed());
  ::close(fd);
  const std::string folder = std::filesystem::absolute(file).parent_path().string();
  const int folder_fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_fd < 0 || ::fsync(folder_fd) != 0) outcome = outcome ? Result<>(failed()) : outcome;
  if (folder_fd >= 0) ::close(folder_fd);
  return outcome;
}

/// Whether an anchor that was noted before still holds.
Result<bool> holds(Journal& journal, const AuditAnchor& anchor, const std::string& first_hash) {
  TRY(const auto entry, journal.audit(anchor.no, 1));
  return anchor.first_hash == first_hash && !entry.empty() && entry.front().no == anchor.no && entry.front().hash == anchor.hash &&
         hash_of(entry.front()) == anchor.hash;
}

}  // namespace

Result<std::vector<AuditAnchor>> read_anchors(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return anchor_file_error(file, std::string("cannot be read: ") + std::strerror(errno));
  std::vector<AuditAnchor> anchors;
  std::string line;
  for (std::int64_t number = 1; std::getline(in, line); ++number) {  // bounded by kAnchorsMax
    if (trim(line).empty()) continue;
    const bool torn = in.eof();  // a crash while it was written: it was never confirmed
    const auto anchor = line.size() > kAnchorLineMax ? std::nullopt : read_anchor(line);
    if (!anchor && torn) break;
    if (!anchor) return anchor_file_error(file, "cannot be understood: line " + std::to_string(number) + " is no anchor");
    if (anchors.size() == kAnchorsMax) return anchor_file_error(file, "are more than " + with_thousands(kAnchorsMax));
    anchors.push_back(*anchor);
  }
  return anchors;
}

Result<std::optional<AuditAnchor>> add_anchor(Journal& journal, const std::string& file) {
  std::error_code failure;
  std::vector<AuditAnchor> before;
  bool torn = false;
  if (std::filesystem::exists(file, failure)) {
    TRY(before, read_anchors(file));
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    if (in.tellg() > 0) {
      in.seekg(-1, std::ios::end);
      torn = in.get() != '\n';
    }
  }
  TRY(const auto first, journal.audit(1, 1));
  for (const AuditAnchor& anchor : before) {
    TRY(const bool still, holds(journal, anchor, first.empty() ? "" : first.front().hash));
    if (!still)
      return Error{ErrorKind::storage, "E0131",
                   "the audit chain is not the one that " + file + " noted: entry " + std::to_string(anchor.no) + " is another one, or gone",
                   "nothing was noted; look at what happened with `sluice audit verify --anchor " + file + "`", 0};
  }
  TRY(const AuditHead head, journal.audit_head());
  if (head.no == 0) return std::optional<AuditAnchor>();
  const AuditAnchor anchor{.no = head.no, .hash = head.hash, .first_hash = first.empty() ? "" : first.front().hash, .at = journal.now()};
  TRY(const bool sound, holds(journal, anchor, anchor.first_hash));
  if (!sound)
    return Error{ErrorKind::storage, "E0131", "the newest entry of the audit chain is not the one that the journal noted as such",
                 "nothing was noted; look at what happened with `sluice audit verify`", 0};
  const Json line = Json::object().set("no", anchor.no).set("hash", anchor.hash).set("first", anchor.first_hash).set("at", anchor.at);
  TRY_VOID(append_line(file, line.dump(), torn));
  return std::optional(anchor);
}

Result<std::int64_t> export_audit(Journal& journal, TimeMs since, const std::function<Result<>(const std::string& line)>& sink,
                                  const std::stop_token& stop) {
  std::int64_t lines = 0;
  for (std::int64_t from = 1; !stop.stop_requested();) {  // bounded by the chain
    TRY(const std::vector<AuditEntry> page, journal.audit(from, kPage));
    for (const AuditEntry& entry : page) {
      if (lines == 0 && entry.at < since) continue;
      TRY_VOID(sink(audit_json(entry).set("hash", entry.hash).dump() + "\n"));
      ++lines;
    }
    if (std::ssize(page) < kPage) break;
    from = page.back().no + 1;
  }
  return lines;
}

Result<AuditReport> App::verify_audit(const std::string& anchors, const ProgressWords& progress, const std::stop_token& stop) {
  AuditCheck check{.progress = progress, .stop = stop};
  if (!anchors.empty()) {
    TRY(check.anchors, read_anchors(anchors));
  }
  TRY_VOID(inner_->workflows());
  return check_audit(*inner_->journal, check);
}

Result<std::optional<AuditAnchor>> App::anchor_audit(const std::string& file) {
  TRY_VOID(inner_->workflows());
  return add_anchor(*inner_->journal, file);
}

Result<std::int64_t> App::export_audit(std::chrono::milliseconds newest, const std::function<Result<>(const std::string&)>& sink,
                                       const std::stop_token& stop) {
  TRY_VOID(inner_->workflows());
  const TimeMs since = newest.count() > 0 ? inner_->journal->now() - newest.count() : 0;
  return sluice::export_audit(*inner_->journal, since, sink, stop);
}

}  // namespace sluice
