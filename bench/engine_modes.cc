// The modes about runs that wait, and about a run that was away: parked approvals, and one long run.
#include "engine_modes.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "workflow/worker.h"

namespace sluice::bench {
namespace {

constexpr int kDecisions = 200, kClaims = 200, kPage = 50, kPageReads = 20;
constexpr std::chrono::milliseconds kSettle{50};  // until the worker has had its first look
constexpr std::chrono::seconds kResumeMax{30};
constexpr std::size_t kSubjectBytes = 400, kIdBytes = 256;

struct Question {
  std::string sql{};
  static constexpr auto fields() { return std::tuple{Field{"sql", &Question::sql}}; }
};

/// Tells when a run's step began.
class Resumptions {
 public:
  void began(const std::string& run) {
    const std::scoped_lock lock(mutex_);
    times_[run] = BenchClock::now();
    changed_.notify_all();
  }
  BenchClock::time_point wait_for(const std::string& run) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kResumeMax, [&] { return times_.contains(run); })) fail("run \"" + run + "\" was decided and did not go on");
    return times_.at(run);
  }

 private:
  std::mutex mutex_{};
  std::condition_variable changed_{};
  std::map<std::string, BenchClock::time_point> times_{};
};

void add_question(Engine& engine, const Activity<std::string, std::string>& step) {
  engine.add<std::string, std::string>("question", "1", [&step](Context& run, const std::string& in) -> Result<std::string> {
    const Question subject{std::string(kSubjectBytes, 'q')};
    const ApprovalRequest request{.card = Json::object().set("sql", subject.sql).set("for", in), .policy = "ask a person"};
    TRY(const auto decision, run.wait_for_approval("run this query", subject, request));
    if (!decision.approved) return std::string("rejected");
    return run.step("execute", step, in);
  });
}

ClaimDue wanted_by(const NodeId& node) {
  ClaimDue wanted{.node = node, .limit = kClaimsMax};
  wanted.queues.push_back({});
  wanted.versions.emplace_back("question", "1");
  return wanted;
}

void approve(Journal& journal, const ApprovalId& id) { must(journal.decide(id, {.action = DecisionAction::approve, .decided_by = "ann"})); }

/// A process of its own that decides what it is told to; forked before anything is open.
class Decider {
 public:
  explicit Decider(const Options& options) {
    std::array<int, 2> to{}, from{};
    if (::pipe(to.data()) != 0 || ::pipe(from.data()) != 0) fail("no pipe");
    child_ = ::fork();
    if (child_ < 0) fail("no process");
    if (child_ == 0) {
      ::close(to[1]);
      ::close(from[0]);
      decide_all(options, to[0], from[1]);
      ::_exit(0);
    }
    ::close(to[0]);
    ::close(from[1]);
    to_ = to[1];
    from_ = from[0];
  }
  ~Decider() {
    ::close(to_);  // its end
    ::close(from_);
    ::waitpid(child_, nullptr, 0);
  }
  Decider(const Decider&) = delete;
  Decider& operator=(const Decider&) = delete;

  /// When it began to decide.
  BenchClock::time_point approve(const ApprovalId& id) const {
    std::array<char, kIdBytes> text{};
    if (id.text.size() >= text.size()) fail("an id that is too long");
    std::memcpy(text.data(), id.text.data(), id.text.size());
    BenchClock::rep began = 0;
    if (::write(to_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) fail("the deciding process is gone");
    if (::read(from_, &began, sizeof began) != static_cast<ssize_t>(sizeof began)) fail("the deciding process failed");
    return BenchClock::time_point(BenchClock::duration(began));
  }

 private:
  static void decide_all(const Options& options, int in, int out) {
    const Bench bench(options);
    std::array<char, kIdBytes> text{};
    while (::read(in, text.data(), text.size()) == static_cast<ssize_t>(text.size())) {
      const BenchClock::rep began = BenchClock::now().time_since_epoch().count();
      bench::approve(*bench.journal, ApprovalId{text.data()});
      if (::write(out, &began, sizeof began) != static_cast<ssize_t>(sizeof began)) return;
    }
  }
  pid_t child_ = -1;
  int to_ = -1, from_ = -1;
};

/// All open approvals, by pages of the largest size.
std::vector<ApprovalInfo> all_open(Journal& journal) {
  std::vector<ApprovalInfo> all;
  ApprovalFilter filter{.limit = kListMax};
  for (;;) {  // bounded by what there is
    const auto page = must(journal.approvals(filter));
    for (const ApprovalInfo& approval : page) all.push_back({.id = approval.id, .run_id = approval.run_id});
    if (page.size() < static_cast<std::size_t>(kListMax)) return all;
    filter.after = page.back().id;
  }
}

Times times_of(int count, const std::function<void()>& call) {
  Times times;
  for (int n = 0; n < count; ++n) {
    const auto begun = BenchClock::now();
    call();
    times.push_back(since_ms(begun));
  }
  return times;
}

}  // namespace

Json spread(const Times& times) {
  return Json::object().set("p50_ms", percentile(times, 0.5)).set("p99_ms", percentile(times, 0.99)).set("max_ms", percentile(times, 1));
}

std::int64_t of_process(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name + ":")) return std::atoll(line.c_str() + name.size() + 1);
  fail("/proc/self/status has no " + name);
}

Json park(const Options& options) {
  Bench bench(options);
  const Activity<std::string, std::string> step{.effect = Effect::read,
                                                .act = [](StepContext&, const std::string& in) -> Result<std::string> { return in; }};
  add_question(*bench.engine, step);
  std::atomic<int> next{0};
  const auto begun = BenchClock::now();
  {
    std::vector<std::jthread> threads;
    for (int n = 0; n < options.concurrency; ++n) {
      threads.emplace_back([&] {
        for (int number = next++; number < options.runs; number = next++) {
          const RunState state = must(bench.engine->run("question", Json("question " + std::to_string(number))));
          if (state.status() != RunStatus::parked) fail("a run is not parked but " + std::string(enum_name(state.status())));
        }
      });
    }
  }
  const double seconds = since_ms(begun) / 1000;
  return Json::object()
      .set("runs", options.runs)
      .set("runs_per_s", options.runs / seconds)
      .set("rss_mb", static_cast<double>(of_process("VmRSS")) / 1024)
      .set("threads", of_process("Threads"))
      .set("bytes_per_run", static_cast<double>(must(bench.journal->size()).bytes) / options.runs);
}

Json parked(const Options& options) {
  const Decider other(options);  // before this process has anything open
  Bench bench(options);
  Resumptions resumptions;
  const Activity<std::string, std::string> step{.effect = Effect::read,
                                                .act = [&](StepContext& context, const std::string& in) -> Result<std::string> {
                                                  resumptions.began(context.run);
                                                  return in;
                                                }};
  add_question(*bench.engine, step);
  Journal& journal = *bench.journal;
  const NodeId idle = must(journal.register_node());
  const auto read_page = [&] {
    if (must(journal.approvals({.limit = kPage})).size() != static_cast<std::size_t>(std::min(kPage, options.runs))) fail("a page is too short");
  };
  const double first_page_ms = times_of(1, read_page).front();
  const Times pages = times_of(kPageReads, read_page);
  const Times claims = times_of(kClaims, [&] {
    if (!must(journal.claim_due(wanted_by(idle))).empty()) fail("something is due that should not be");
  });
  std::stop_source stop;
  std::jthread working([&] { Worker(*bench.engine, journal, bench.clock, {}).run(stop.get_token()); });
  std::this_thread::sleep_for(kSettle);
  const std::int64_t rss = of_process("VmRSS");
  const auto open = all_open(journal);
  if (open.size() != static_cast<std::size_t>(options.runs)) fail(std::to_string(open.size()) + " approvals are open");
  Times here, there;
  const std::size_t apart = std::max<std::size_t>(1, open.size() / (2 * kDecisions));
  for (std::size_t n = 0; n < 2 * kDecisions && n * apart < open.size(); ++n) {
    const ApprovalInfo& approval = open.at(n * apart);
    auto begun = BenchClock::now();
    n % 2 == 0 ? approve(journal, approval.id) : void(begun = other.approve(approval.id));
    const double took = std::chrono::duration<double, std::milli>(resumptions.wait_for(approval.run_id.text) - begun).count();
    (n % 2 == 0 ? here : there).push_back(took);
  }
  const std::int64_t threads = of_process("Threads");  // with all that the engine starts once it executes something
  stop.request_stop();
  working.join();
  return Json::object()
      .set("runs", options.runs)
      .set("rss_mb", static_cast<double>(rss) / 1024)
      .set("rss_peak_mb", static_cast<double>(of_process("VmHWM")) / 1024)
      .set("threads", threads)
      .set("first_page_ms", first_page_ms)
      .set("page", spread(pages))
      .set("claim", spread(claims))
      .set("resumption", spread(here))
      .set("resumption_other_process", spread(there));
}

Json resume(const Options& options) {
  const Activity<std::int64_t, std::string> step{
      .effect = Effect::read, .act = [](StepContext&, const std::int64_t&) -> Result<std::string> { return std::string(kSubjectBytes, 'r'); }};
  const auto add_long = [&](Engine& engine) {
    engine.add<std::string, std::string>("long", "1", [&](Context& run, const std::string&) -> Result<std::string> {
      for (std::int64_t n = 0; n < options.steps; ++n) TRY_VOID(run.scope("n", n).step("step", step, n));
      TRY(const auto decision, run.wait_for_approval("end", Question{"end"}, {.policy = "ask a person"}));
      return std::string(decision.approved ? "ended" : "rejected");
    });
  };
  std::vector<RunId> runs(static_cast<std::size_t>(options.rounds));
  {
    Bench before(options);
    add_long(*before.engine);
    std::vector<std::jthread> threads;
    for (RunId& run : runs) {
      threads.emplace_back([&] {
        const RunState state = must(before.engine->run("long", Json("long")));
        if (state.status() != RunStatus::parked) fail("the long run is not parked but " + std::string(enum_name(state.status())));
        approve(*before.journal, state.open_approvals.front());
        run = state.run.id;
      });
    }
  }
  Times times;
  for (const RunId& run : runs) {
    Bench after(options);  // nothing is remembered
    add_long(*after.engine);
    const auto begun = BenchClock::now();
    const RunState state = must(after.engine->drive(run));
    times.push_back(since_ms(begun));
    if (state.status() != RunStatus::done || state.output != Json("ended")) fail("the long run did not end");
  }
  return spread(times).set("best_ms", percentile(times, 0)).set("steps", options.steps);
}

}  // namespace sluice::bench
