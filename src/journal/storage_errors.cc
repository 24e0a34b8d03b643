#include "journal/storage_errors.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace sluice::journal_detail {
namespace {

std::string quoted(const std::string& file) { return "\"" + file + "\""; }

Error disk_full(const std::string& file) {
  return {ErrorKind::storage, "E0204", "the disk that holds " + quoted(file) + " is full",
          "free some space and run the command again; nothing confirmed is lost", 0};
}

Error read_only(const std::string& file) {
  return {ErrorKind::storage, "E0206", quoted(file) + " cannot be written: it, its folder or its file system is read-only",
          "make the folder writable, or point SLUICE_HOME at one that is", 0};
}

Error cannot_open(const std::string& file, const std::string& why, const std::string& hint) {
  return {ErrorKind::storage, "E0201", "cannot open " + quoted(file) + ": " + why, hint, 0};
}

Error io_failed(const std::string& file, std::string_view doing) {
  return {ErrorKind::storage, "E0207", "the disk reported an error while " + std::string(doing) + " " + quoted(file),
          "check the disk and the system's log; nothing confirmed is lost as long as the file is", 0};
}

/// SQLite says SQLITE_FULL of the journal and its log only: the files beside them, and quotas, have but an errno.
bool lacks_space(int extended_code, int error_number) {
  const int code = extended_code & 0xff;
  return (code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && (error_number == ENOSPC || error_number == EDQUOT);
}

}  // namespace

Error sqlite_error(int extended_code, int error_number, const std::string& file, std::string_view doing) {
  if (lacks_space(extended_code, error_number)) return disk_full(file);
  switch (extended_code & 0xff) {
    case SQLITE_FULL: return disk_full(file);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return locked(file);
    case SQLITE_READONLY: return read_only(file);
    case SQLITE_CORRUPT: return damaged(file, "its pages contradict each other");
    case SQLITE_NOTADB: return not_a_journal(file, "it is no SQLite database, or its beginning was overwritten");
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return cannot_open(file, "permission denied, or its folder is missing or read-only", "check the folder and its owner, or set SLUICE_HOME");
    case SQLITE_IOERR: return io_failed(file, doing);
    case SQLITE_NOMEM: return {ErrorKind::storage, "E0207", "out of memory while " + std::string(doing) + " " + quoted(file), "free some memory", 0};
    case SQLITE_ERROR:
      // Statements that are fixed and tested fail while they read only where the tables are no longer those that they were written for.
      if (doing == "reading") return damaged(file, "its tables are not as they were made");
      [[fallthrough]];
    default:
      return {ErrorKind::bug, "E0209",
              "the journal " + quoted(file) + " refused a statement while " + std::string(doing) + " (code " + std::to_string(extended_code) + ")",
              "this is a defect in Sluice; please report it with `sluice doctor --output json`", 0};
  }
}

Error file_error(int error_number, const std::string& file, std::string_view doing) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT: return disk_full(file);
    case EROFS: return read_only(file);
    case EACCES:
    case EPERM: return cannot_open(file, "permission denied", "check its owner and mode, or set SLUICE_HOME to a folder of your own");
    case ENOENT:
    case ENOTDIR: return cannot_open(file, "its folder does not exist", "create the folder, or run `sluice init`");
    case EISDIR: return cannot_open(file, "it is a folder", "move it away, or set SLUICE_HOME");
    default: return io_failed(file, doing);
  }
}

Error damaged(const std::string& file, std::string_view how) {
  return {ErrorKind::storage, "E0202", "the journal " + quoted(file) + " is damaged: " + std::string(how),
          "move it away together with its -wal file, restore a backup, and check the disk", 0};
}

Error not_a_journal(const std::string& file, std::string_view what) {
  return {ErrorKind::storage, "E0202", quoted(file) + " is not a journal of Sluice: " + std::string(what),
          "move it away, or set SLUICE_HOME to another folder", 0};
}

Error too_new(const std::string& file, int version, int known) {
  return {ErrorKind::storage, "E0203",
          "the journal " + quoted(file) + " was written by a newer Sluice (format " + std::to_string(version) + ", this one knows " +
              std::to_string(known) + ")",
          "use that version of sluice, or set SLUICE_HOME to another folder; the journal was not touched", 0};
}

Error locked(const std::string& file) {
  return {ErrorKind::storage, "E0205", "the journal " + quoted(file) + " is locked by another program",
          "end the program that holds it (`fuser` names it), then run the command again", 0};
}

Error overloaded(const std::string& file) {
  return {ErrorKind::transient, "E0208", "too many writes wait for the journal " + quoted(file), "try again in a moment; the disk may be slow", 1000};
}

void die_of_failed_sync(int extended_code, const std::string& file) {
  std::fprintf(stderr,
               "sluice: the disk did not confirm a write to the journal \"%s\" (code %d). What was being written may or may not be there;\n"
               "sluice ends now, so that nothing is built on it. Check the disk, then go on with `sluice runs list` and `sluice runs resume`.\n",
               file.c_str(), extended_code);
  constexpr int kInternalError = 2;
  std::_Exit(kInternalError);
}

}  // namespace sluice::journal_detail
