// What a call of a model costs beside what the model takes: over a raw connection, by the connector, and on the whole way with ledger and recordings.
//
//   models_bench serve DELAY_MS                serves canned chat completions on 127.0.0.1 until standard input ends; prints its port
//   models_bench request                       prints what the other modes send, for peers that send the same
//   models_bench calls PORT COUNT              milliseconds of calls one after another, raw and by the connector, streamed and not
//   models_bench many PORT COUNT               milliseconds of so many calls at once
//   models_bench path PORT FOLDER COUNT        milliseconds of calls by ModelCaller, of its cache's hits, and of 1 and 64 at once; FOLDER is empty
//
// The last three print one line of JSON.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "agents/model_caller.h"
#include "agents/sql_reply.h"
#include "agents/token_estimate.h"
#include "connectors/openai/client.h"
#include "connectors/openai/wire.h"
#include "journal/artifact_dir.h"
#include "journal/reply_dir.h"
#include "journal/sqlite_ledger.h"
#include "models_server.h"
#include "net/http.h"
#include "workflow/system_ports.h"

namespace sluice {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::int64_t kPromptTokens = 12'000;
constexpr int kWarmUp = 20;
constexpr int kAtOnce = 64;
constexpr std::chrono::minutes kDeadline{5};

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "models_bench: %s\n", what.c_str());
  std::exit(2);
}

template <class T>
T must(Result<T> result) {
  if (!result) fail(result.error().message);
  return *std::move(result);
}

double milliseconds_since(Steady::time_point start) { return std::chrono::duration<double, std::milli>(Steady::now() - start).count(); }

Call soon() { return {.deadline = Steady::now() + kDeadline}; }

/// As an agent asks: a catalog with 12,000 tokens, by our estimate, and the schema of SQL replies. `number` makes it another request.
ModelRequest request(int number = 0) {
  ModelRequest out{.system = "You write one SQL query for PostgreSQL. Reply in JSON.", .reply_name = "answer", .reply_schema = sql_reply_schema()};
  std::string text = "Question " + std::to_string(number) + ": which carriers had the highest average arrival delay?\n\n";
  std::int64_t tokens = 0;
  for (int table = 0; tokens < kPromptTokens; ++table) {
    std::string lines = "table \"sales_" + std::to_string(table) + "\"  -- about 336,776 rows; 'what was sold'\n";
    for (int column = 0; column < 8; ++column) lines += "  column_" + std::to_string(column) + " text  e.g. 'UA', 'B6'  -- 'two letters'\n";
    tokens += estimated_tokens(lines);
    text += lines;
  }
  out.messages.push_back({.text = std::move(text)});
  return out;
}

ModelHttpOptions options(int port, bool stream) {
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/v1";
  ModelHttpOptions out{.info = {.name = "bench", .provider = "openai", .model = "bench-1", .endpoint = url}, .base_url = url};
  out.info.price = ModelPrice{.input = 3, .cached = 0.3, .cache_written = 3, .output = 15};
  out.api_key = [] { return Result<std::string>("sk-bench-0123456789"); };
  out.stream = stream;
  return out;
}

void check(const Result<ModelReply>& reply) {
  if (!reply) fail(reply.error().message);
  if (reply->text != chat_reply_text()) fail("the reply is not what the server sent");
}

/// The floor: the same bytes over one kept connection, and nothing read of the answer but where it ends.
class RawClient {
 public:
  RawClient(int port, const std::string& body, bool streamed) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), streamed_(streamed) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("the server cannot be reached");
    const int now = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
    request_ =
        "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void call() {
    for (std::size_t sent = 0; sent < request_.size();) {
      const ssize_t more = ::send(fd_, request_.data() + sent, request_.size() - sent, MSG_NOSIGNAL);
      if (more <= 0) fail("the server went away");
      sent += static_cast<std::size_t>(more);
    }
    answer_.clear();
    while (!is_whole()) {
      const ssize_t got = ::recv(fd_, buffer_.data(), buffer_.size(), 0);
      if (got <= 0) fail("the server went away");
      answer_.append(buffer_.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  bool is_whole() const {
    if (streamed_) return answer_.ends_with("\r\n0\r\n\r\n");
    constexpr std::string_view kLength = "content-length: ";
    const std::size_t head = answer_.find("\r\n\r\n"), length = answer_.find(kLength);
    return head != std::string::npos && answer_.size() >= head + 4 + std::strtoul(answer_.c_str() + length + kLength.size(), nullptr, 10);
  }

  int fd_;
  bool streamed_;
  std::string request_, answer_{};
  std::array<char, 64 * 1024> buffer_{};
};

/// The two take turns, so that what else the machine does hits both alike.
Json calls(int port, int count, bool streamed) {
  HttpClient http;
  const ModelHttpOptions how = options(port, streamed);
  const auto model = make_openai(how, http);
  const ModelRequest asked = request();
  RawClient raw(port, openai::request_body(asked, how.info, {.stream = streamed}).dump_text(), streamed);
  Json floor = Json::array(), ours = Json::array();
  for (int n = -kWarmUp; n < count; ++n) {
    auto start = Steady::now();
    raw.call();
    const double floor_ms = milliseconds_since(start);
    start = Steady::now();
    const auto replies = model->answer({&asked, 1}, {}, soon());
    const double ours_ms = milliseconds_since(start);
    check(replies.front());
    if (n < 0) continue;
    floor.push(floor_ms);
    ours.push(ours_ms);
  }
  return Json::object().set("floor_ms", std::move(floor)).set("ours_ms", std::move(ours));
}

/// The peak of this process's memory, of this program alone: what its parent held does not count.
std::int64_t peak_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::atoll(line.c_str() + 6);
  return 0;
}

Json many(int port, int count) {
  HttpClient http;
  const auto model = make_openai(options(port, true), http);
  check(model->answer(std::vector<ModelRequest>(1, request()), {}, soon()).front());
  const std::int64_t before = peak_kb();
  const std::vector<ModelRequest> asked(static_cast<std::size_t>(count), request());
  const auto start = Steady::now();
  const auto replies = model->answer(asked, {}, soon());
  const double took = milliseconds_since(start);
  for (const auto& reply : replies) check(reply);
  return Json::object().set("ms", took).set("peak_kb", peak_kb()).set("before_kb", before);
}

/// Everything that stands between a step and a model.
class Path {
 public:
  Path(int port, const std::string& folder)
      : model_(make_openai(options(port, true), http_)),
        ledger_(must(SqliteLedger::open(folder + "/journal.db"))),
        replies_(must(ReplyDir::open(folder + "/replies"))),
        artifacts_(must(ArtifactDir::open(folder + "/artifacts"))),
        caller_({.model = [this](const std::string&) -> Result<Model*> { return model_.get(); },
                 .ledger = [this]() -> Result<Ledger*> { return ledger_.get(); },
                 .replies = [this]() -> Result<ReplyStore*> { return replies_.get(); },
                 .artifacts = *artifacts_,
                 .clock = clock_}) {}

  /// The artifact of a request that was not asked before; a step of its own writes it.
  std::string compose() { return must(artifacts_->put(encode(request(++composed_)).dump())); }

  double call(const std::string& artifact, bool cached) {
    const ModelCalls asked{.model = "bench", .request = artifact, .run_budget = {.usd = 1'000}, .day_budget = {.usd = 100'000}};
    const auto start = Steady::now();
    const ModelOutcome outcome = must(caller_.call(asked, {.run = "r-" + artifact.substr(0, 8), .workflow = "ask", .path = "call model"}, soon()));
    const double took = milliseconds_since(start);
    if (outcome.failure()) fail(outcome.failure()->message);
    if (outcome.calls.front().cached != cached || outcome.calls.front().reply.text != chat_reply_text()) fail("not the reply that was expected");
    return took;
  }

  /// Calls a second, so many at once.
  double rate(int count, int at_once) {
    std::vector<std::string> asked;
    for (int n = 0; n < count; ++n) asked.push_back(compose());
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    const auto start = Steady::now();
    for (int n = 0; n < at_once; ++n)
      threads.emplace_back([&] {
        for (std::size_t at = next++; at < asked.size(); at = next++) call(asked[at], false);
      });
    for (std::thread& thread : threads) thread.join();
    return 1000.0 * count / milliseconds_since(start);
  }

 private:
  HttpClient http_{};
  std::unique_ptr<Model> model_;
  std::unique_ptr<SqliteLedger> ledger_;
  std::unique_ptr<ReplyDir> replies_;
  std::unique_ptr<ArtifactDir> artifacts_;
  SystemClock clock_{};
  ModelCaller caller_;
  int composed_ = 0;
};

Json path(int port, const std::string& folder, int count) {
  Path path(port, folder);
  Json called = Json::array(), hits = Json::array();
  for (int n = -kWarmUp; n < count; ++n) {
    const std::string artifact = path.compose();
    const double call_ms = path.call(artifact, false), hit_ms = path.call(artifact, true);
    if (n < 0) continue;
    called.push(call_ms);
    hits.push(hit_ms);
  }
  Json out = Json::object().set("call_ms", std::move(called)).set("hit_ms", std::move(hits));
  out.set("per_s_1", path.rate(count, 1));
  return out.set("per_s_64", path.rate(4 * count, kAtOnce));
}

void serve(int delay_ms) {
  ChatServer server{std::chrono::milliseconds(delay_ms)};
  std::printf("%d\n", server.port());
  std::fflush(stdout);
  server.run();
}

void show(const Json& line) { std::printf("%s\n", line.dump_text().c_str()); }

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto number = [&](std::size_t at) { return std::atoi(arguments[at].c_str()); };
  const std::string mode = arguments.empty() ? "" : arguments[0];
  if (mode == "serve" && arguments.size() == 2) {
    sluice::serve(number(1));
  } else if (mode == "request" && arguments.size() == 1) {
    sluice::show(sluice::openai::request_body(sluice::request(), {.model = "bench-1"}, {.stream = false}));
  } else if (mode == "calls" && arguments.size() == 3) {
    sluice::show(
        sluice::Json::object().set("whole", sluice::calls(number(1), number(2), false)).set("streamed", sluice::calls(number(1), number(2), true)));
  } else if (mode == "many" && arguments.size() == 3) {
    sluice::show(sluice::many(number(1), number(2)));
  } else if (mode == "path" && arguments.size() == 4) {
    sluice::show(sluice::path(number(1), arguments[2], number(3)));
  } else {
    return std::fputs("usage: models_bench serve DELAY_MS | request | calls PORT COUNT | many PORT COUNT | path PORT FOLDER COUNT\n", stderr), 2;
  }
  return 0;
}
