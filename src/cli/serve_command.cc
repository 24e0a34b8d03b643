#include <charconv>
#include <condition_variable>
#include <mutex>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/usage.h"
#include "cli/worker_news.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kGrace{5'000};

/// "127.0.0.1:8080", "[::1]:8080", ":8080" or "8080".
Result<ServeRequest> serve_request(const std::string& listen) {
  ServeRequest request;
  if (listen.empty()) return request;
  const std::size_t colon = listen.rfind(':');
  const std::string number = colon == std::string::npos ? listen : listen.substr(colon + 1);
  std::string host = colon == std::string::npos ? "" : listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), port);
  if (failure != std::errc() || end != number.data() + number.size() || number.empty())
    return wrong_usage("--listen cannot be \"" + show_hidden(listen, false) + "\"", "give an address and a port: --listen 127.0.0.1:8080");
  request.address = host == "localhost" ? "127.0.0.1" : host;
  request.port = port;
  return request;
}

/// Until it is told to end: there is no worker here to wait for.
void wait_for(const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait(lock, stop, [] { return false; });
}

}  // namespace

int run_serve(Session& session, const ServeCommand& command) {
  const auto request = serve_request(command.listen);
  if (!request) return report_usage(session, request.error());
  if (session.output == OutputFormat::json || session.output == OutputFormat::csv)
    return report_usage(session, wrong_usage("a server tells what happens as it happens", "use --output jsonl"));
  auto app = session.open();
  if (!app) return report(session, app.error());
  const auto options = (*app)->worker_options({});
  if (!options) return report_usage(session, options.error());
  auto served = session.ports.serve(**app, *request, session.interrupted);
  if (!served) return report(session, served.error());
  for (const std::string& warning : (*served)->warnings()) say(styled(Style::yellow, "!", session.terminal.color_errors) + " " + warning);
  say("Sluice is at " + (*served)->url() + " · Ctrl-C or SIGTERM ends it");
  if (session.output == OutputFormat::jsonl) print_text(Json::object().set("event", "serving").set("url", (*served)->url()).dump_text() + "\n");
  if (command.no_worker) {
    wait_for(session.interrupted);
  } else {
    const Interrupts::SecondCounts both_signals;
    const auto done = (*app)->work(*options, worker_news(session), session.interrupted, session.hurried);
    if (!done) return report(session, done.error());
    if (!done->stuck.empty()) end_with_stuck(done->stuck);
  }
  (*app)->stop_waiting();  // requests, too, wait for a journal's server that is away
  (*served)->stop(kGrace);
  say("ended");
  return kExitOk;
}

}  // namespace sluice
