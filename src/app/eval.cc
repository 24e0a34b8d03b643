#include "app/eval.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

#include "app/app.h"
#include "app/question_file.h"
#include "base/text.h"

namespace sluice {
namespace {

using eval::Asked;
using eval::Verdict;

constexpr std::chrono::milliseconds kWaitSlice{200};

/// A question, where it is asked, and what is right for it.
struct Entry {
  const eval::Question* question{};
  std::string on{};
  eval::Reading reading = eval::Reading::typed;
  Golds golds{};
  bool read = false;

  bool can_be_judged() const { return question->unanswerable || !golds.accepted.empty(); }
};

/// Does `work` for each number below `count`, so many at once, in threads of its own; ends early at a stop.
void in_parallel(std::size_t count, std::size_t jobs, const std::stop_token& stop, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  const std::size_t count_of_threads = std::min(jobs, count);
  std::vector<std::jthread> threads;
  threads.reserve(count_of_threads);
  for (std::size_t n = 0; n < count_of_threads; ++n)
    threads.emplace_back([&] {
      for (std::size_t i = next++; i < count && !stop.stop_requested(); i = next++) work(i);
    });
}

/// The run to its end, also where it has to wait for another try. Only a person could decide about what waits then: nobody is there.
Result<RunView> ask_to_the_end(App& app, const AskRequest& request, const std::stop_token& stop) {
  const DriveOptions drive{.stop = stop};
  TRY(RunView view, app.ask(request, drive));
  const auto open = [&] { return view.approval && view.approval->status == ApprovalStatus::open; };
  const auto stopped = [&] { return view.state.status() == RunStatus::paused || view.state.status() == RunStatus::unknown; };
  while (!is_final(view.state.status()) && !stopped() && !open() && !stop.stop_requested()) {
    TRY_VOID(app.wait(view.state.run.id, kWaitSlice, stop));
    TRY(view, app.resume(view.state.run.id, drive));
  }
  if (is_final(view.state.status())) return view;
  return app.cancel(view.state.run.id, "the evaluation did not wait for it");
}

/// The error that the answer, or the run itself, ended with.
Error error_of(const RunView& view) {
  if (view.answer.error) return *view.answer.error;
  if (view.state.error) return *view.state.error;
  return {ErrorKind::cancelled, "", "the run ended as " + std::string(enum_name(view.status)), "", 0};
}

void set_error(Asked& out, const Error& error) {
  out.why = error.message;
  out.code = error.code;
}

class Evaluation {
 public:
  Evaluation(App& app, const GoldPorts& golds, const EvalRequest& request, const EvalEvents& events, const std::stop_token& stop)
      : app_(app), golds_(golds), request_(request), events_(events), stop_(stop) {}

  Result<eval::Report> run() {
    TRY_VOID(prepare());
    read_all_golds();
    ask_all();
    return std::move(report_);
  }

 private:
  /// Everything that can be wrong with the request is found before anything is asked.
  Result<> prepare() {
    TRY(set_, read_question_set(request_.path));
    TRY_VOID(eval::choose(set_, request_.only, request_.limit));
    TRY(const auto arms, eval::parse_arms(request_.arms));
    report_ = {.path = request_.path, .questions = std::ssize(set_.questions), .jobs = static_cast<std::int64_t>(request_.jobs)};
    for (const eval::Question& question : set_.questions) {
      auto connection = app_.connection(question.on.empty() ? request_.connection : question.on);
      if (!connection && !question.on.empty()) return eval::set_error(set_.path, question.line, connection.error().message, connection.error().hint);
      if (!connection) return std::move(connection).error();
      const bool untyped = (*connection)->kind == ConnectionKind::sqlite;
      entries_.push_back({.question = &question, .on = (*connection)->name, .reading = untyped ? eval::Reading::loose : eval::Reading::typed});
    }
    for (const eval::Arm& arm : arms) {
      TRY_VOID(request_for(app_, arm, set_.questions.front(), entries_.front().on));
      report_.arms.push_back({.arm = arm, .asked = {}});
    }
    return {};
  }

  void read_all_golds() {
    begin(EvalProgress::Phase::gold, entries_.size());
    in_parallel(entries_.size(), request_.jobs, stop_, [&](std::size_t i) {
      Entry& entry = entries_[i];
      entry.golds = read_golds(golds_, *entry.question, entry.on, entry.reading);
      entry.read = !stop_.stop_requested();
      count(false);
    });
    for (const Entry& entry : entries_)
      if (entry.read)
        for (const Error& error : entry.golds.faults)
          report_.faults.push_back({.id = entry.question->id, .line = entry.question->line, .error = error, .asked = entry.can_be_judged()});
    report_.interrupted = stop_.stop_requested();
  }

  /// Question by question, each in every arm, so that what is there when somebody stops it can be compared.
  void ask_all() {
    std::vector<const Entry*> judged;
    for (const Entry& entry : entries_)
      if (entry.read && entry.can_be_judged()) judged.push_back(&entry);
    const std::size_t arms = report_.arms.size();
    std::vector<std::optional<Asked>> slots(judged.size() * arms);
    begin(EvalProgress::Phase::asking, slots.size());
    in_parallel(slots.size(), request_.jobs, stop_, [&](std::size_t i) {
      Asked asked = ask(report_.arms[i % arms].arm, *judged[i / arms]);
      if (stop_.stop_requested() && asked.verdict == Verdict::failed) return;  // it is the stop that it failed at
      count(asked.right);
      slots[i] = std::move(asked);
    });
    for (std::size_t i = 0; i < slots.size(); ++i)
      if (slots[i]) report_.arms[i % arms].asked.push_back(*std::move(slots[i]));
    report_.interrupted = stop_.stop_requested();
  }

  Asked ask(const eval::Arm& arm, const Entry& entry) {
    const eval::Question& question = *entry.question;
    Asked out{.id = question.id, .question = question.question, .on = entry.on, .entry = eval::fingerprint(question)};
    out.unanswerable = question.unanswerable;
    const auto start = std::chrono::steady_clock::now();
    const auto view = [&]() -> Result<RunView> {
      TRY(AskRequest request, request_for(app_, arm, question, entry.on));
      request.fresh = request_.fresh;
      return ask_to_the_end(app_, request, stop_);
    }();
    out.latency_ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
    if (!view) {
      set_error(out, view.error());
      return out;
    }
    const Proposal& proposal = view->answer.proposal;
    out.run = view->state.run.id.text;
    out.sql = proposal.sql;
    out.answered_by = proposal.answered_by;
    if (!proposal.sql.empty()) out.confidence = proposal.confidence;
    out.use = model_use_of(app_, *view);
    judge(out, *view, entry);
    return out;
  }

  void judge(Asked& out, const RunView& view, const Entry& entry) {
    const Proof& proof = view.answer.proof;
    if (view.status == AskStatus::answered) {
      judge_rows(out, view, entry);
      return;
    }
    set_error(out, error_of(view));
    if (view.status == AskStatus::unanswerable) out.verdict = Verdict::refused;
    if (view.status == AskStatus::failed && !proof.checks.empty() && !proof.holds()) out.verdict = Verdict::unproven;
    out.right = out.unanswerable && out.verdict != Verdict::failed;
  }

  void judge_rows(Asked& out, const RunView& view, const Entry& entry) {
    out.verdict = Verdict::wrong;
    if (out.unanswerable) {
      out.why = "answered what the data cannot answer";
      return;
    }
    // The same query may give other rows where its LIMIT cuts a tie: it is as right as the gold is.
    const std::string& hash = view.answer.proof.statement_hash;
    if (!hash.empty() && std::ranges::find(entry.golds.accepted, hash, &eval::Gold::statement_hash) != entry.golds.accepted.end()) {
      out.right = true;
      out.verdict = Verdict::right;
      return;
    }
    RowBuffer rows(eval::kRowsMax);
    if (const auto read = app_.rows(view, static_cast<std::int64_t>(eval::kRowsMax) + 1, rows); !read) {
      out.verdict = Verdict::failed;
      set_error(out, read.error());
      return;
    }
    if (rows.seen > static_cast<std::int64_t>(eval::kRowsMax)) {
      out.why = "too many rows to compare";
      return;
    }
    const std::vector<TypeKind> kinds = kinds_of(view.answer.execution.columns);
    const eval::Match match = eval::match_any(entry.golds.accepted, entry.question->columns, compared(rows, kinds, eval::Reading::typed),
                                              compared(rows, kinds, eval::Reading::loose));
    out.right = match.right;
    out.why = match.why;
    if (match.right) out.verdict = Verdict::right;
  }

  void begin(EvalProgress::Phase phase, std::size_t total) {
    progress_ = {.phase = phase, .total = static_cast<std::int64_t>(total)};
    if (events_.on_progress) events_.on_progress(progress_);
  }

  void count(bool right) {
    const std::lock_guard lock(mutex_);
    ++progress_.done;
    progress_.right += right ? 1 : 0;
    if (events_.on_progress) events_.on_progress(progress_);
  }

  App& app_;
  const GoldPorts& golds_;
  const EvalRequest& request_;
  const EvalEvents& events_;
  const std::stop_token& stop_;
  eval::QuestionSet set_{};
  std::vector<Entry> entries_{};
  eval::Report report_{};
  std::mutex mutex_{};
  EvalProgress progress_{};
};

}  // namespace

Result<AskRequest> request_for(const App& app, const eval::Arm& arm, const eval::Question& question, const std::string& connection) {
  AskRequest request{.connection = connection,
                     .question = eval::asked_text(question),
                     .feedback = question.feedback,
                     .policy = ApprovalPolicy{.reads = true, .despite_warnings = true, .name = "eval"}};
  request.model = arm.built_in ? "" : arm.model.empty() ? app.config().agents.ask.model : arm.model;
  request.without_catalog = arm.no_tools;
  if (arm.built_in) return request;
  request.fast_path = FastPath::off;  // what is measured is the model
  request.model_alone = true;
  if (request.model->empty())
    return Error{ErrorKind::input, "E0852", "the arm \"" + show_hidden(arm.name, false) + "\" needs a model, and none is configured",
                 "use --arms built-in, which needs none, or configure a model: docs/models.md", 0};
  TRY_VOID(app.find_model(*request.model));
  return request;
}

eval::ModelUse model_use_of(App& app, const RunView& run) {
  eval::ModelUse use{.usd = run.models.usd, .unpriced = run.models.unpriced, .model_ms = run.models.milliseconds};
  const auto calls = app.model_calls(run.state.run.id);
  if (!calls) return use;
  std::set<std::string> steps;
  for (const LedgerEntry& call : *calls) {
    steps.insert(call.path);
    if (call.state == "cached") {
      ++use.cached;
      continue;
    }
    ++use.calls;
    use.tokens_in += call.usage.input;
    use.tokens_cached += call.usage.cached;
    use.tokens_out += call.usage.output;
  }
  use.rounds = steps.empty() && !run.answer.proof.checks.empty() ? 1 : std::ssize(steps);
  return use;
}

Result<eval::Report> evaluate(App& app, const GoldPorts& golds, const EvalRequest& request, const EvalEvents& events, const std::stop_token& stop) {
  return Evaluation(app, golds, request, events, stop).run();
}

}  // namespace sluice
