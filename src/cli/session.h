#pragma once
#include <optional>
#include <stop_token>
#include <string>

#include "app/app.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/row_output.h"
#include "cli/terminal.h"

namespace sluice {

inline constexpr int kExitOk = 0, kExitHandled = 1, kExitUsage = 2;

/// What every command works with.
struct Session {
  const CliPorts& ports;
  const Terminal& terminal;
  OutputFormat output = OutputFormat::table;
  std::stop_token interrupted{};  ///< Ctrl-C or SIGTERM came
  std::stop_token hurried{};      ///< it came a second time, where a command counts that
  std::unique_ptr<App> app{};     ///< opened by `open`

  /// The operations over the configuration found from here.
  Result<App*> open();
};

/// Turns the first SIGINT, SIGTERM or SIGHUP into a stop; a second one, but for SIGHUP, ends the process at once with
/// status 130 (runs can be resumed). A page of a mapped file that found no room on its disk ends it too, with E0204 and its status. One at a time.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  std::stop_token token() const;
  /// The second signal, while a SecondCounts lives.
  std::stop_token hurry() const;
  /// Whether a person pressed Ctrl-C. A machine that shuts down (SIGTERM) wants the work to go on later.
  static bool by_person();

  /// While it lives, a second signal is passed on, and only a third one ends the process.
  class SecondCounts {
   public:
    SecondCounts();
    ~SecondCounts();
    SecondCounts(const SecondCounts&) = delete;
    SecondCounts& operator=(const SecondCounts&) = delete;
  };

  /// While it lives, what a second signal says on standard error before it ends the process. One at a time; a longer text is cut.
  class LastWords {
   public:
    explicit LastWords(const std::string& text);
    ~LastWords();
    LastWords(const LastWords&) = delete;
    LastWords& operator=(const LastWords&) = delete;
  };

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Words for people, on standard error.
void say(const std::string& text);
/// The error with its next step on standard error.
void say_error(const Session& session, const Error& error);
/// The same (and, where JSON or JSON lines are wanted, {"error": …} on standard output). Returns the exit status.
int report(const Session& session, const Error& error);
/// The same for what the command line itself got wrong.
int report_usage(const Session& session, const Error& error);
/// The table on standard output, or, where it has no row, those words on standard error.
int print_table(const Session& session, const TableView& table, const std::string& when_empty);
/// One JSON document on standard output.
int print_json(const Json& json);
/// The text on standard output. Returns the exit status.
int print_text(const std::string& text);

/// "run_…", "3 min ago" and the like.
std::string ago(TimeMs then, TimeMs now);

}  // namespace sluice
