#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>

#include "faulty_journal.h"
#include "journal/sqlite_journal.h"
#include "journal/test_folder.h"
#include "workflow/engine.h"
#include "workflow/memory_journal.h"
#include "workflow/test_ports.h"

// A workflow with a step of each effect class and an approval dies before and after every write and every effect, and again in its
// recovery. Whatever happened: it ends, with the same answer, each effect happened once, and the approval was spent once.
namespace sluice::sim {
namespace {

using std::chrono::milliseconds;

struct Subject {
  std::string sql{};
  static constexpr auto fields() { return std::tuple{Field{"sql", &Subject::sql}}; }
};

/// The outside world: counts what really happened to it. Survives all processes.
struct World {
  int looks = 0, sends = 0;
  std::map<std::string, int> rows_by_key{}, jobs_by_tag{}, approved_by_key{};
  Fate* fate = nullptr;  // of the process that is calling

  template <class Fn>
  auto call(const Fn& effect) {
    fate->moment();
    auto outcome = effect();
    fate->moment();
    return outcome;
  }
  static std::int64_t total(const std::map<std::string, int>& counts) {
    std::int64_t sum = 0;
    for (const auto& [key, count] : counts) sum += count;
    return sum;
  }
};

struct Acts {
  Activity<std::string, std::string> look, put, job, send;
  Activity<Approved<Subject>, std::string> execute;

  explicit Acts(World& world) {
    look = {.effect = Effect::read, .act = [&](StepContext&, const std::string& in) -> Result<std::string> {
              return world.call([&] { return ++world.looks, in + "-seen"; });
            }};
    put = {.effect = Effect::keyed, .act = [&](StepContext& step, const std::string&) -> Result<std::string> {
             return world.call([&] { return world.rows_by_key[step.idempotency_key] = 1, std::string("put"); });  // the service knows the key
           }};
    job = {.effect = Effect::reconcile,
           .act = [&](StepContext& step, const std::string&) -> Result<std::string> {
             return world.call([&] { return world.jobs_by_tag[step.idempotency_key] += 1, std::string("job"); });  // it does not
           },
           .find = [&](StepContext& step, const std::string&) -> Result<std::optional<std::string>> {
             if (world.jobs_by_tag.contains(step.idempotency_key)) return std::optional<std::string>("job");
             return std::optional<std::string>{};
           }};
    send = {.effect = Effect::at_most_once, .act = [&](StepContext&, const std::string&) -> Result<std::string> {
              return world.call([&] { return ++world.sends, std::string("sent"); });
            }};
    execute = {.effect = Effect::keyed, .act = [&](StepContext& step, const Approved<Subject>&) -> Result<std::string> {
                 return world.call([&] { return world.approved_by_key[step.idempotency_key] = 1, std::string("executed"); });
               }};
  }
};

Result<std::string> everything(Context& run, const Acts& acts, const std::string& question) {
  TRY(std::string answer, run.step("look", acts.look, question));
  TRY(const std::string upper, run.step("pure", answer, [](const std::string& text) -> Result<std::string> { return text + "-pure"; }));
  TRY(std::string put, run.step("put", acts.put, upper));
  TRY(std::string job, run.step("job", acts.job, upper));
  TRY(auto decision, run.wait_for_approval("ok", Subject{"SELECT 1"}, {.timeout = milliseconds(100'000'000)}));
  if (!decision.approved) return std::string("no");
  TRY(std::string executed, run.step("execute", acts.execute, *decision.approved));
  TRY(std::string sent, run.step("send", acts.send, upper));
  return upper + "," + put + "," + job + "," + executed + "," + sent;
}

struct Kind {
  std::string name{};
  std::unique_ptr<Journal> (*make)(const std::optional<TestFolder>&, FakeClock&) = nullptr;
};

class Crash : public testing::TestWithParam<Kind> {
 protected:
  /// A person: answers what is open, after looking at the world.
  static void answer(Journal& journal, const World& world) {
    auto open = journal.approvals({});
    ASSERT_TRUE(open);
    for (const ApprovalInfo& approval : *open) {
      DecisionInput decision{.action = DecisionAction::approve, .decided_by = "ann"};
      if (approval.policy == "unknown outcome" && world.sends > 0)
        decision = {.action = DecisionAction::refine, .edited = "\"sent\"", .decided_by = "ann"};
      ASSERT_TRUE(journal.decide(approval.id, decision));
    }
  }

  /// Plays one story: the n-th process dies at its deaths[n]-th moment. Returns the moments of the last process that lived.
  int play(const std::vector<int>& deaths) {
    std::optional<TestFolder> folder;
    if (GetParam().name == "sqlite") folder.emplace();
    FakeClock clock;
    SeededRandom random(1);
    const std::unique_ptr<Journal> journal = GetParam().make(folder, clock);
    MemoryArtifacts artifacts;
    World world;
    const Acts acts(world);
    std::optional<RunState> last;
    int moments = 0;
    constexpr int kProcessesMax = 20;
    for (std::size_t n = 0; n < kProcessesMax && (!last || !is_final(last->status())); ++n) {
      Fate fate(n < deaths.size() ? deaths[n] : 0);
      FaultyJournal faulty(*journal, fate);
      world.fate = &fate;
      Engine engine({faulty, artifacts, clock, random}, {.watch_interval = milliseconds(0)});
      engine.add<std::string, std::string>("w", "1", [&](Context& run, const std::string& in) { return everything(run, acts, in); });
      try {
        auto state = engine.run("w", Json("q"), {.dedup_key = "once"});
        for (int turn = 0; turn < 5 && state && !is_final(state->status()); ++turn) {
          answer(*journal, world);
          clock.pass(milliseconds(120'000));
          state = engine.drive(state->run.id);
        }
        EXPECT_TRUE(state) << state.error().message;
        if (!state) return 0;
        last = *state;
        moments = fate.moments();
      } catch (const Death&) {
        clock.pass(milliseconds(40'000));  // until its lease ends
      }
    }
    check(*journal, world, last);
    return moments;
  }

  static void check(Journal& journal, const World& world, const std::optional<RunState>& last) {
    ASSERT_TRUE(last);
    ASSERT_EQ(last->status(), RunStatus::done) << last->run.reason;
    EXPECT_EQ(*last->output->as_string(), "q-seen-pure,put,job,executed,sent");
    EXPECT_EQ(World::total(world.rows_by_key), 1);
    EXPECT_EQ(World::total(world.jobs_by_tag), 1);
    EXPECT_EQ(World::total(world.approved_by_key), 1);
    EXPECT_EQ(world.sends, 1);
    EXPECT_EQ(journal.runs({})->size(), 1U);
    auto events = journal.events(last->run.id);
    ASSERT_TRUE(events);
    std::map<std::string, int> completed;
    int intents_that_spend = 0;
    for (const EventInfo& event : *events) {
      if (event.type == EventType::step_completed) ++completed[event.path];
      if (!event.body.text("approval_id").empty() && event.type == EventType::step_started) ++intents_that_spend;
    }
    EXPECT_EQ(completed.size(), 6U);
    for (const auto& [path, count] : completed) EXPECT_EQ(count, 1) << path;
    EXPECT_EQ(intents_that_spend, 1);
  }
};

TEST_P(Crash, BeforeAndAfterEveryWriteAndEffect) {
  const int moments = play({});
  ASSERT_GT(moments, 25);
  for (int first = 1; first <= moments && !HasFailure(); ++first) {
    SCOPED_TRACE("dies at moment " + std::to_string(first));
    play({first});
  }
}

TEST_P(Crash, AndAgainInTheRecovery) {
  const int moments = play({});
  const int stride = GetParam().name == "sqlite" ? 8 : 1;  // its syncs cost time; the memory journal plays all pairs
  for (int first = 1; first <= moments && !HasFailure(); first += stride) {
    for (int second = 1; second <= moments && !HasFailure(); second += stride) {
      SCOPED_TRACE("dies at moments " + std::to_string(first) + " and " + std::to_string(second));
      play({first, second});
    }
  }
}

TEST_P(Crash, AtRandomMomentsOfManyProcesses) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  SeededRandom random(seed);
  const int stories = GetParam().name == "sqlite" ? 10 : 300;
  for (int n = 0; n < stories && !HasFailure(); ++n) {
    std::vector<int> deaths;
    for (int process = 0; process < 4; ++process) deaths.push_back(static_cast<int>(random.next() % 30) + 1);
    std::string told;
    for (const int death : deaths) told += " " + std::to_string(death);
    SCOPED_TRACE("dies at" + told);
    play(deaths);
  }
}

INSTANTIATE_TEST_SUITE_P(Journals, Crash,
                         testing::Values(Kind{"memory",
                                              [](const std::optional<TestFolder>&, FakeClock& clock) -> std::unique_ptr<Journal> {
                                                return std::make_unique<MemoryJournal>([&clock] { return clock.now(); });
                                              }},
                                         Kind{"sqlite",
                                              [](const std::optional<TestFolder>& folder, FakeClock& clock) -> std::unique_ptr<Journal> {
                                                return *SqliteJournal::open(folder->path("journal.db"), {.now = [&clock] { return clock.now(); }});
                                              }}),
                         [](const auto& chosen) { return chosen.param.name; });

}  // namespace
}  // namespace sluice::sim
