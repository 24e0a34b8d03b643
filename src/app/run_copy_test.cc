#include "app/run_copy.h"

#include <gtest/gtest.h>

#include <sstream>

#include "app/agent_memory.h"
#include "app/chained_lines.h"
#include "base/hash.h"
#include "base/text.h"
#include "workflow/engine_test_base.h"

namespace sluice {
namespace {

/// A workflow that leaves all that an export has to carry: artifacts that name others, bytes that are no text, a child, an approval.
class RunCopyTest : public EngineTest {
 protected:
  RunCopyTest() {
    engine_->add<In, std::string>("part", "1", [](Context& run, const In& in) -> Result<std::string> {
      return run.step("look", in, [](const In& name) -> Result<std::string> { return name + " was looked at"; });
    });
    add([this](Context& run, const In& in) -> Result<std::string> {
      TRY(const std::string catalog, run.step("read catalog", read_, in));
      TRY(const std::string part, run.child<std::string>("part", "part", catalog));
      TRY(const auto decision, run.wait_for_approval("run this", Subject{.sql = catalog}, {}));
      if (!decision.approved) return std::string("no");
      return run.step("execute", execute_, *decision.approved);
    });
  }

  RunState finished() {
    const RunState waiting = run({.labels = Json::object().set("text", "what?")});
    decide(waiting, {.action = DecisionAction::approve});
    return drive(waiting.run.id);
  }
  std::string exported(const RunId& id, Journal& journal, Artifacts& artifacts) {
    std::ostringstream to;
    const auto summary = write_copy(journal, artifacts, id, to);
    EXPECT_TRUE(summary) << summary.error().message;
    return to.str();
  }
  Result<CopySummary> import(const std::string& file) {
    std::istringstream from(file);
    return read_copy(other_, other_artifacts_, from, "bob");
  }

  std::string nested_ = *artifacts_.put("\xff\x00 not a text");
  Activity<In, std::string> read_{.effect = Effect::read, .act = [this](StepContext&, const In&) -> Result<std::string> {
                                    return *artifacts_.put(Json::object().set("values", nested_).dump());
                                  }};
  Activity<Approved<Subject>, std::string> execute_{.effect = Effect::keyed,
                                                    .act = [](StepContext&, const Approved<Subject>&) -> Result<std::string> {
                                                      return std::string(3000, 'x');  // an artifact
                                                    }};
  MemoryJournal other_{[this] { return clock_.now(); }};
  MemoryArtifacts other_artifacts_{};
};

/// But for who imported it, and what is of the importing journal.
std::string without_marks(const std::string& file) {
  std::string out;
  std::istringstream from(file);
  ChainedLinesReader lines(from);
  for (;;) {
    auto line = lines.next();
    EXPECT_TRUE(line) << line.error().message;
    if (!line || !*line) return out;
    for (const char* mark : {"imported", "policy"}) std::erase_if(*(*line)->data.as_object(), [&](const Json::Member& m) { return m.first == mark; });
    out += (*line)->kind + (*line)->data.dump() + "\n";
  }
}

TEST_F(RunCopyTest, WhatComesBackIsWhatWent) {
  const RunState done = finished();
  ASSERT_EQ(done.status(), RunStatus::done);
  const std::string file = exported(done.run.id, journal_, artifacts_);
  const auto taken = import(file);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->runs, 2);
  EXPECT_EQ(taken->approvals, 1);
  EXPECT_EQ(taken->artifacts, 3);
  EXPECT_EQ(taken->bytes, std::ssize(file));
  EXPECT_EQ(without_marks(exported(done.run.id, other_, other_artifacts_)), without_marks(file));
  const auto copy = other_.run(done.run.id);
  ASSERT_TRUE(copy);
  EXPECT_NE(copy->imported.find("by bob"), std::string::npos);
  EXPECT_EQ(copy->status, RunStatus::done);
  EXPECT_EQ(*other_artifacts_.get(nested_), *artifacts_.get(nested_));
}

TEST_F(RunCopyTest, ACopyIsNotExecutedButCanBeForked) {
  const RunState waiting = run();
  ASSERT_TRUE(import(exported(waiting.run.id, journal_, artifacts_)));
  Engine elsewhere({other_, other_artifacts_, clock_, random_}, options_);
  elsewhere.add<In, std::string>("w", "1", [this](Context& run, const In& in) -> Result<std::string> { return run.step("read catalog", read_, in); });
  const auto driven = elsewhere.drive(waiting.run.id, {.resume = true});
  ASSERT_FALSE(driven);
  EXPECT_EQ(driven.error().code, "E0129");
  EXPECT_EQ(other_.approval(waiting.open_approvals.front())->status, ApprovalStatus::voided);
  const auto fork = elsewhere.fork({.from = waiting.run.id, .keep_seq = 1, .by = "bob"});
  ASSERT_TRUE(fork) << fork.error().message;
  EXPECT_EQ(elsewhere.drive(fork->run.id)->status(), RunStatus::done);
}

TEST_F(RunCopyTest, NothingIsReplaced) {
  const std::string file = exported(finished().run.id, journal_, artifacts_);
  std::istringstream here(file);
  const auto back = read_copy(journal_, artifacts_, here, "bob");
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, "E0128");
  ASSERT_TRUE(import(file));
  const auto again = import(file);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "E0128");
}

TEST_F(RunCopyTest, AnImportThatWasCutOffIsFinished) {
  const RunState done = finished();
  const auto children = journal_.runs({.parent = done.run.id});
  ASSERT_EQ(children->size(), 1U);
  RunCopy child{.run = children->front(), .events = *journal_.events(children->front().id)};
  ASSERT_TRUE(other_.import_run(child, "bob"));
  const auto taken = import(exported(done.run.id, journal_, artifacts_));
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_TRUE(other_.run(done.run.id));
}

/// Every way to damage each line is found before anything is taken in.
TEST_F(RunCopyTest, DamageIsFound) {
  const std::string file = exported(finished().run.id, journal_, artifacts_);
  std::vector<std::string> lines;
  for (const std::string_view line : split(file, '\n')) lines.emplace_back(line);
  ASSERT_EQ(lines.back(), "");
  lines.pop_back();
  const auto refused = [this](std::vector<std::string> damaged, const std::string& what) {
    const auto taken = import(join(damaged, "\n") + "\n");
    ASSERT_FALSE(taken) << what;
    EXPECT_EQ(taken.error().code, "E0134") << what;
  };
  for (std::size_t n = 0; n < lines.size(); ++n) {
    const std::string where = "line " + std::to_string(n + 1);
    auto changed = lines;
    for (const std::size_t at : {std::size_t{9}, changed[n].size() / 2, changed[n].size() - 5}) {
      changed[n][at] = changed[n][at] == 'a' ? 'b' : 'a';
      refused(changed, where + " changed at " + std::to_string(at));
      changed = lines;
    }
    auto missing = lines;
    missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(n));
    refused(missing, where + " missing");
    auto doubled = lines;
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(n), lines[n]);
    refused(doubled, where + " doubled");
    if (n + 1 < lines.size()) {
      auto swapped = lines;
      std::swap(swapped[n], swapped[n + 1]);
      refused(swapped, where + " swapped");
    }
    refused({lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(n)}, "cut off before " + where);
  }
  EXPECT_FALSE(import(file.substr(0, file.size() - 1)));
  EXPECT_FALSE(import(file + "\n"));
  EXPECT_FALSE(import(""));
  EXPECT_FALSE(import("run_id,status\n"));
  EXPECT_EQ(other_.size()->runs, 0);
  EXPECT_FALSE(other_artifacts_.get(nested_));
}

/// A file with whole hashes that no export wrote.
std::string forged(const std::vector<std::pair<const char*, Json>>& lines) {
  std::ostringstream to;
  ChainedLinesWriter writer(to);
  for (const auto& [kind, data] : lines) EXPECT_TRUE(writer.write(kind, data));
  EXPECT_TRUE(writer.end());
  return to.str();
}

TEST_F(RunCopyTest, AForgedFileTakesNothingOver) {
  const Json head = Json::object().set("version", 1).set("schema_v", 1).set("run", "r-x");
  const Json run = Json::object().set("id", "r-x").set("name", "w").set("status", "ready").set("head_seq", 1);
  const Json first = Json::object().set("run", "r-x").set("seq", 1).set("type", "run started");
  const auto code = [this](const std::vector<std::pair<const char*, Json>>& lines) {
    const auto taken = import(forged(lines));
    return taken ? std::string("taken") : taken.error().code;
  };
  EXPECT_EQ(code({{"sluice export", head}, {"run", run}, {"event", first}}), "taken");
  const std::string mine = *other_artifacts_.put("mine");
  const RunState here = [this] {
    Engine engine({other_, other_artifacts_, clock_, random_}, options_);
    engine.add<In, std::string>("w", "1", [](Context& context, const In&) -> Result<std::string> {
      TRY_VOID(context.wait_for_approval("run this", Subject{.sql = "x"}, {}));
      return std::string("done");
    });
    return *engine.run("w", Json("in"));
  }();
  Json other = run, of_other = first;
  other.set("id", "r-y");
  of_other.set("run", "r-y");
  Json head_of_other = head;
  head_of_other.set("run", "r-y");
  const Json yes = Json::object().set("id", here.open_approvals.front().text).set("run", "r-y").set("path", "p").set("status", "approved");
  EXPECT_EQ(code({{"sluice export", head_of_other}, {"run", other}, {"event", of_other}, {"approval", yes}}), "E0128");
  EXPECT_EQ(other_.approval(here.open_approvals.front())->status, ApprovalStatus::open);
  Json for_here = yes;
  for_here.set("run", here.run.id.text);
  EXPECT_EQ(code({{"sluice export", head_of_other}, {"run", other}, {"event", of_other}, {"approval", for_here}}), "E0134");
  EXPECT_EQ(code({{"sluice export", head_of_other},
                  {"run", other},
                  {"event", of_other},
                  {"artifact", Json::object().set("hash", mine).set("bytes", "not mine")}}),
            "E0134");
  Json hidden = other, ended = other, gap = of_other, newer = head_of_other;
  hidden.set("id", "r-y\x1b[2J");
  ended.set("status", "done");
  gap.set("seq", 2);
  newer.set("version", 2);
  EXPECT_EQ(code({{"sluice export", head_of_other}, {"run", hidden}}), "E0134");
  EXPECT_EQ(code({{"sluice export", head_of_other}, {"run", ended}, {"event", of_other}}), "E0134");
  EXPECT_EQ(code({{"sluice export", head_of_other}, {"run", other}, {"event", gap}}), "E0134");
  EXPECT_EQ(code({{"sluice export", newer}, {"run", other}, {"event", of_other}}), "E0134");
  EXPECT_EQ(code({{"sluice export", head_of_other}, {"run", other}, {"event", of_other}, {"wish", Json::object()}}), "E0134");
  EXPECT_EQ(code({{"sluice export", head_of_other}, {"run", run}, {"event", first}}), "E0134");
}

TEST_F(RunCopyTest, ALostArtifactIsNotLeftOut) {
  const RunState done = finished();
  const auto events = journal_.events(done.run.id);
  for (const EventInfo& event : *events)
    if (const std::string hash(event.body.text("artifact")); !hash.empty()) artifacts_.forget(hash);
  std::ostringstream to;
  const auto summary = write_copy(journal_, artifacts_, done.run.id, to);
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, "E0122");
}

TEST_F(RunCopyTest, ALineThatCannotBeWrittenIsToldOf) {
  std::ostringstream to;
  to.setstate(std::ios::badbit);
  const auto summary = write_copy(journal_, artifacts_, finished().run.id, to);
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code, "E0802");
}

}  // namespace
}  // namespace sluice
