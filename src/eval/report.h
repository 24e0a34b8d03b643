#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/codec.h"
#include "eval/arm.h"

namespace sluice::eval {

/// What a run asked of models. `model_ms` is the time that was spent waiting for them.
struct ModelUse {
  std::int64_t calls = 0;   ///< that were sent
  std::int64_t cached = 0;  ///< replies that an earlier run got: neither sent nor paid, in none of the other numbers
  std::int64_t tokens_in = 0, tokens_cached = 0, tokens_out = 0;
  double usd = 0;
  std::int64_t unpriced = 0;  ///< of `calls`: their price is not known, and they are not in `usd`
  std::int64_t model_ms = 0;
  std::int64_t rounds = 0;  ///< of propose and prove until the run ended

  ModelUse& operator+=(const ModelUse& other);
};

/// What became of a question. Of one that the data cannot answer, `refused` and `unproven` are right and an answer is `wrong`.
enum class Verdict : std::uint8_t {
  right,
  wrong,
  refused,   ///< the proposer said that it cannot answer, or asked back
  unproven,  ///< proposed, but the proof said no
  failed,    ///< anything else that is no answer: a model that could not be reached, a query that ran out of time
};

/// One question in one arm.
struct Asked {
  std::string id{}, question{}, on{};
  std::string entry{};  ///< question_set.h, fingerprint
  bool unanswerable = false;
  Verdict verdict = Verdict::failed;
  bool right = false;
  std::string why{};  ///< of what is not right: see match.h, or the error's message
  std::string code{};
  std::string sql{}, run{}, answered_by{};
  std::optional<double> confidence{};
  std::int64_t latency_ms = 0;
  ModelUse use{};

  bool answered() const { return verdict == Verdict::right || verdict == Verdict::wrong; }
};

struct ArmReport {
  Arm arm{};
  std::vector<Asked> asked{};  ///< in the set's order
};

/// An entry of the set whose answer could not be had: nothing was asked, or only some of its accepted queries count.
struct SetFault {
  std::string id{};
  int line = 0;
  Error error{};
  bool asked = false;  ///< other accepted queries ran, so that the question was asked
};

struct Report {
  std::string path{};  ///< of the set
  std::int64_t questions = 0;
  std::int64_t jobs = 1;
  bool interrupted = false;
  std::vector<SetFault> faults{};
  std::vector<ArmReport> arms{};
};

/// Of the values, sorted: the one below which that share of them lies; nothing where there is none.
std::optional<std::int64_t> percentile(std::vector<std::int64_t> values, double share);
std::optional<double> share_of(std::int64_t part, std::int64_t whole);

/// Answers of about one confidence, and how many of them are right. [from, to)
struct ConfidenceBin {
  double from = 0, to = 1;
  std::int64_t answered = 0, right = 0;
  double mean_confidence = 0;
};

/// An arm in numbers.
struct Sums {
  std::int64_t asked = 0, answered = 0, right = 0, wrong = 0, refused = 0, unproven = 0, failed = 0;
  std::int64_t right_answers = 0;  ///< `right` without the questions that were rightly not answered
  std::int64_t unanswerable = 0, unanswerable_refused = 0;
  std::optional<double> accuracy{};   ///< right of all that was asked
  std::optional<double> precision{};  ///< right answers of all answers
  std::optional<std::int64_t> rounds_p50{}, rounds_max{};
  std::optional<std::int64_t> latency_p50{}, latency_p95{}, own_p50{}, own_p95{};  ///< milliseconds; own: without the models' time
  ModelUse use{};
  std::vector<ConfidenceBin> reliability{};
};
Sums sums_of(const ArmReport& arm);

/// How an arm did beside a former report, over the questions that both asked and that say the same in both.
struct ArmChange {
  std::string name{};
  std::int64_t compared = 0, right_before = 0, right_now = 0;
  std::vector<std::string> regressions{};  ///< were right and are not
  std::vector<std::string> newly_right{};
  std::vector<std::string> changed{};  ///< question or gold is another: not compared
  std::vector<std::string> only_now{}, only_before{};
};
struct Comparison {
  std::string path{};  ///< of the former report
  std::vector<ArmChange> arms{};

  bool has_regression() const;
};
/// `former` is what report_json gave on another day. E0854 for what is none, and where no arm is in both.
Result<Comparison> compare(const Json& former, const std::string& path, const Report& now);

/// docs/schemas/eval.schema.json. `against` may be null.
Json report_json(const Report& report, const Comparison* against);
/// A question of an arm as a record of its own, all members always there.
Json asked_json(const std::string& arm, const Asked& asked);

}  // namespace sluice::eval

template <>
struct sluice::EnumNames<sluice::eval::Verdict> {
  static constexpr std::array<std::pair<eval::Verdict, std::string_view>, 5> names{{{eval::Verdict::right, "right"},
                                                                                    {eval::Verdict::wrong, "wrong"},
                                                                                    {eval::Verdict::refused, "refused"},
                                                                                    {eval::Verdict::unproven, "unproven"},
                                                                                    {eval::Verdict::failed, "failed"}}};
};
