#include "app/results_journals.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

namespace sluice {
namespace {

constexpr std::string_view kFile = "file";

std::string list_of(const Config& config) { return config.home + "/results-of"; }

/// Without login and options: a password that is changed makes no other journal of it.
Result<std::string> place_of(const Config& config) {
  TRY(std::string url, config.journal.reveal());
  if (url.empty()) return std::string(kFile);
  if (const std::size_t scheme = url.find("://"); scheme != std::string::npos) url.erase(0, scheme + 3);
  url.erase(std::min(url.find('?'), url.size()));
  if (const std::size_t login = url.rfind('@'); login != std::string::npos) url.erase(0, login + 1);
  return url;
}

Error cannot_write(const std::string& path, int code) {
  return {ErrorKind::storage, "E0201", path + " cannot be written: " + std::strerror(code),
          "make the folder writable, or set SLUICE_HOME to one that is", 0};
}

Error cannot_read(const std::string& path, int code) {
  return {ErrorKind::storage, "E0201", path + " cannot be read: " + std::strerror(code) + "; it says which journals need the results beside it",
          "make the file readable, or restore it", 0};
}

}  // namespace

Result<std::vector<std::string>> noted_journals(const Config& config) {
  const std::string list = list_of(config);
  errno = 0;
  std::ifstream in(list);
  if (!in && errno == ENOENT) return std::vector<std::string>();
  std::set<std::string> places;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) places.insert(line);
  // A journal that is not seen here would lose its results.
  if (!in.eof()) return cannot_read(list, errno);
  return std::vector<std::string>(places.begin(), places.end());
}

Result<> note_journal(const Config& config) {
  TRY(const std::string place, place_of(config));
  const std::string list = list_of(config);
  TRY(const std::vector<std::string> known, noted_journals(config));
  if (std::find(known.begin(), known.end(), place) != known.end()) return {};
  std::error_code failure;
  const bool there_before = known.empty() && !std::filesystem::is_empty(config.home + "/results", failure) && !failure;
  const int fd = ::open(list.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return cannot_write(list, errno);
  const std::string others = there_before && place != kFile ? std::string(kFile) + "\n" : "";  // what was not noted is older than other journals
  const std::string line = others + place + "\n";
  const bool written = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const int code = errno;
  ::close(fd);
  if (!written) return cannot_write(list, code);
  return {};
}

}  // namespace sluice
