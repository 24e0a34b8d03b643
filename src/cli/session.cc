#include "cli/session.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction is POSIX
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <thread>

#include "base/text.h"

namespace sluice {
namespace {

constexpr int kExitInterrupted = 130;

// A signal handler can reach nothing but globals: the writing end of the pipe, the first signal, and the last words.
int signal_pipe = -1;                        // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
volatile sig_atomic_t signals_received = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

volatile sig_atomic_t seconds_counted = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): whether a second signal means something
volatile sig_atomic_t hurried = 0;          // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

std::array<char, 200> last_words{};         // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
volatile sig_atomic_t last_words_size = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void on_signal(int signal) {
  // Who closes a terminal sends several SIGHUPs at once: that is one wish, and not an impatient one.
  if (signals_received > 0 && signal == SIGHUP) return;
  const bool passed_on = seconds_counted != 0 && hurried == 0;
  if (signals_received > 0 && !passed_on) {
    (void)!write(STDERR_FILENO, last_words.data(), static_cast<std::size_t>(last_words_size));
    _exit(kExitInterrupted);
  }
  if (signals_received > 0) hurried = 1;
  if (signals_received == 0) signals_received = signal;
  const char byte = 'i';
  (void)!write(signal_pipe, &byte, 1);
}

/// SQLite writes its index of the journal (journal.db-shm) through memory, and a file system with blocks smaller than a page may find no room for
/// a page of it only then: no call is there to give an error back.
void on_lost_page(int signal, siginfo_t* what, void* /*context*/) {
  static constexpr std::string_view kWords =
      "error E0204 the disk that holds the journal is full, or a file in use was cut short: a page of it is not there\n"
      "  next: free some space and run the command again (`sluice runs resume` for a run); nothing confirmed is lost\n";
  if (what->si_code != BUS_ADRERR) {
    ::signal(signal, SIG_DFL);  // anything else is a defect, and dies as one
    raise(signal);
    return;
  }
  (void)!write(STDERR_FILENO, kWords.data(), kWords.size());
  _exit(kExitHandled);
}

}  // namespace

Result<App*> Session::open() {
  if (!app) {
    TRY(app, ports.open_app());
  }
  return app.get();
}

struct Interrupts::State {
  std::stop_source source{}, hurry{};
  std::array<int, 2> pipe{-1, -1};
  std::thread thread{};
};

Interrupts::Interrupts() : state_(std::make_unique<State>()) {
  if (pipe2(state_->pipe.data(), O_CLOEXEC) != 0) return;
  signal_pipe = state_->pipe[1];
  struct sigaction action{};
  action.sa_handler = on_signal;  // NOLINT(cppcoreguidelines-pro-type-union-access)
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  struct sigaction lost_page{};
  lost_page.sa_sigaction = on_lost_page;  // NOLINT(cppcoreguidelines-pro-type-union-access)
  lost_page.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &lost_page, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  state_->thread = std::thread([state = state_.get()] {
    pthread_setname_np(pthread_self(), "signals");
    char byte = 0;
    for (;;) {
      const ssize_t got = read(state->pipe[0], &byte, 1);
      if (got == 1) (state->source.stop_requested() ? state->hurry : state->source).request_stop();
      if (got == 0 || (got < 0 && errno != EINTR)) return;  // EINTR: the system gave the signal to this very thread
    }
  });
}

Interrupts::~Interrupts() {
  if (!state_->thread.joinable()) return;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGBUS}) ::signal(signal, SIG_DFL);
  signal_pipe = -1;
  close(state_->pipe[1]);  // the reader sees the end
  state_->thread.join();
  close(state_->pipe[0]);
}

bool Interrupts::by_person() { return signals_received == SIGINT; }

Interrupts::LastWords::LastWords(const std::string& text) {
  const std::size_t size = text.copy(last_words.data(), last_words.size());
  std::atomic_signal_fence(std::memory_order_release);  // a signal in between finds no words yet
  last_words_size = static_cast<sig_atomic_t>(size);
}

Interrupts::LastWords::~LastWords() { last_words_size = 0; }

Interrupts::SecondCounts::SecondCounts() { seconds_counted = 1; }
Interrupts::SecondCounts::~SecondCounts() { seconds_counted = 0; }

std::stop_token Interrupts::token() const { return state_->source.get_token(); }
std::stop_token Interrupts::hurry() const { return state_->hurry.get_token(); }

void say(const std::string& text) {
  // A pipe that nobody reads would keep the process from ending.
  constexpr int kPatienceMs = 1'000;
  pollfd room{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  if (poll(&room, 1, kPatienceMs) == 0) return;
  std::fprintf(stderr, "%s\n", text.c_str());
  std::fflush(stderr);
}

void say_error(const Session& session, const Error& error) {
  const bool color = session.terminal.color_errors;
  say(styled(Style::red, "error", color) + " " + styled(Style::dim, error.code, color) + " " + show_hidden(error.message, true));
  if (!error.hint.empty()) say(styled(Style::dim, "  next: ", color) + show_hidden(error.hint, true));
}

int report(const Session& session, const Error& error) {
  say_error(session, error);
  const Json document = Json::object().set("error", encode(error));
  if (session.output == OutputFormat::json) print_json(document);
  if (session.output == OutputFormat::jsonl) print_text(document.dump_text() + "\n");
  return error.kind == ErrorKind::bug ? kExitUsage : kExitHandled;
}

int report_usage(const Session& session, const Error& error) {
  report(session, error);
  return kExitUsage;
}

int print_table(const Session& session, const TableView& table, const std::string& when_empty) {
  if (!table.empty()) return print_text(table.render(session.terminal.output ? session.terminal.width : 0, session.terminal.color_output));
  say(when_empty);
  return kExitOk;
}

int print_json(const Json& json) { return print_text(json.dump_text(2) + "\n"); }

int print_text(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return kExitOk;
  if (errno == EPIPE) return kExitHandled;  // whoever read it has seen enough
  say("error E0802 the output could not be written\n  next: check the space and permissions where it goes");
  return kExitHandled;
}

std::string ago(TimeMs then, TimeMs now) {
  const std::int64_t seconds = (now - then) / 1000;
  constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86'400;
  if (seconds < 1) return "just now";
  if (seconds < kMinute) return std::to_string(seconds) + " s ago";
  if (seconds < kHour) return std::to_string(seconds / kMinute) + " min ago";
  if (seconds < kDay) return std::to_string(seconds / kHour) + " h ago";
  return std::to_string(seconds / kDay) + " d ago";
}

}  // namespace sluice
