#include "cli/editor.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/text.h"
#include "cli/input_text.h"
#include "cli/session.h"

namespace sluice {
namespace {

constexpr std::size_t kEditedBytesMax = 1'000'000;
constexpr std::chrono::milliseconds kEditorPoll{20};

Error editor_failed(const std::string& why) {
  return {ErrorKind::input, "E0804", "the editor " + why, "set EDITOR to an editor that waits until the file is closed, or use refine", 0};
}

/// A file that only its owner may read, in $TMPDIR, else /tmp; gone at the end.
class EditFile {
 public:
  explicit EditFile(const std::string& text) {
    std::error_code failure;
    path_ = (std::filesystem::temp_directory_path(failure) / "sluice-edit-XXXXXX.sql").string();
    const int file = failure ? -1 : mkstemps(path_.data(), 4);
    if (file < 0) {
      path_.clear();
      return;
    }
    written_ = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    close(file);
  }
  ~EditFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  EditFile(const EditFile&) = delete;
  EditFile& operator=(const EditFile&) = delete;
  bool written() const { return written_; }
  std::string& path() { return path_; }

 private:
  std::string path_{};
  bool written_ = false;
};

/// The editor's exit status. Ctrl-C is the editor's own key; a terminal that was closed or a shutdown leaves an editor that lives on to itself.
int run_editor(std::string& path, const std::stop_token& stop) {
  const char* editor = std::getenv("VISUAL");
  if (editor == nullptr) editor = std::getenv("EDITOR");
  const std::string command = std::string(editor != nullptr && *editor != '\0' ? editor : "vi") + " \"$0\"";
  const pid_t child = fork();
  if (child == 0) {
    // The shell splits an EDITOR such as "code --wait"; the path is its own argument, never part of the command.
    execl("/bin/sh", "sh", "-c", command.c_str(), path.data(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = -1;
  while (child > 0 && waitpid(child, &status, WNOHANG) == 0) {  // bounded by the person
    if (stop.stop_requested() && !Interrupts::by_person()) return -1;
    std::this_thread::sleep_for(kEditorPoll);
  }
  return status;
}

}  // namespace

Result<std::optional<std::string>> edit_text(std::string& text, const std::stop_token& stop) {
  EditFile file(text);
  if (!file.written()) return editor_failed("has no place for a temporary file: set TMPDIR to a folder that can be written");
  const int status = run_editor(file.path(), stop);
  if (stop.stop_requested()) return std::optional<std::string>();
  const auto read = read_input_text(file.path(), kEditedBytesMax, stop);
  if (!read) return editor_failed("left a file that cannot be read or is larger than 1 MB, so nothing was changed");
  const std::string edited(trim(*read));
  const bool changed = !edited.empty() && edited != trim(text);
  if (changed) text = edited;
  if (status != 0)
    return editor_failed(changed ? "did not end well; your text is kept, and edit opens it again" : "did not end well, so nothing was changed");
  return changed ? std::optional(edited) : std::nullopt;
}

}  // namespace sluice
