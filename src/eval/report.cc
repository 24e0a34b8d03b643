#include "eval/report.h"

#include <algorithm>
#include <cmath>

namespace sluice::eval {
namespace {

/// Where bins of confidence begin.
constexpr std::array<double, 8> kBins{0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95};
constexpr double kDigits = 10'000;
constexpr double kUsdDigits = 1'000'000;

double rounded(double value, double digits = kDigits) { return std::round(value * digits) / digits; }

template <class Number>
Json or_null(const std::optional<Number>& value) {
  return value ? Json(*value) : Json();
}

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

std::vector<ConfidenceBin> reliability_of(const std::vector<Asked>& asked) {
  std::vector<ConfidenceBin> out;
  for (std::size_t i = 0; i < kBins.size(); ++i) {
    const bool last = i + 1 == kBins.size();
    ConfidenceBin bin{.from = kBins[i], .to = last ? 1.0 : kBins[i + 1]};
    for (const Asked& one : asked) {
      if (!one.answered() || !one.confidence || *one.confidence < bin.from || (!last && *one.confidence >= bin.to)) continue;
      ++bin.answered;
      bin.right += one.right ? 1 : 0;
      bin.mean_confidence += *one.confidence;
    }
    if (bin.answered == 0) continue;
    bin.mean_confidence = rounded(bin.mean_confidence / static_cast<double>(bin.answered));
    out.push_back(bin);
  }
  return out;
}

Json use_json(const ModelUse& use) {
  return Json::object()
      .set("calls", use.calls)
      .set("from_cache", use.cached)
      .set("tokens_in", use.tokens_in)
      .set("tokens_cached", use.tokens_cached)
      .set("tokens_out", use.tokens_out)
      .set("usd", rounded(use.usd, kUsdDigits))
      .set("unpriced_calls", use.unpriced);
}

Json times_json(const std::optional<std::int64_t>& p50, const std::optional<std::int64_t>& p95) {
  return Json::object().set("p50", or_null(p50)).set("p95", or_null(p95));
}

Json arm_json(const ArmReport& arm) {
  const Sums sums = sums_of(arm);
  Json bins = Json::array(), asked = Json::array();
  for (const ConfidenceBin& bin : sums.reliability)
    bins.push(Json::object()
                  .set("from", bin.from)
                  .set("to", bin.to)
                  .set("answered", bin.answered)
                  .set("right", bin.right)
                  .set("share_right", or_null(share_of(bin.right, bin.answered)))
                  .set("mean_confidence", bin.mean_confidence));
  for (const Asked& one : arm.asked) asked.push(asked_json(arm.arm.name, one));
  return Json::object()
      .set("name", arm.arm.name)
      .set("asked", sums.asked)
      .set("answered", sums.answered)
      .set("right", sums.right)
      .set("wrong", sums.wrong)
      .set("refused", sums.refused)
      .set("unproven", sums.unproven)
      .set("failed", sums.failed)
      .set("accuracy", or_null(sums.accuracy))
      .set("precision", or_null(sums.precision))
      .set("unanswerable", Json::object().set("asked", sums.unanswerable).set("refused", sums.unanswerable_refused))
      .set("rounds", Json::object().set("p50", or_null(sums.rounds_p50)).set("max", or_null(sums.rounds_max)))
      .set("latency_ms", times_json(sums.latency_p50, sums.latency_p95))
      .set("latency_without_model_ms", times_json(sums.own_p50, sums.own_p95))
      .set("model", use_json(sums.use))
      .set("reliability", std::move(bins))
      .set("questions", std::move(asked));
}

Json change_json(const ArmChange& change) {
  const auto before = share_of(change.right_before, change.compared), now = share_of(change.right_now, change.compared);
  return Json::object()
      .set("name", change.name)
      .set("compared", change.compared)
      .set("accuracy_before", or_null(before))
      .set("accuracy", or_null(now))
      .set("accuracy_delta", before && now ? Json(rounded(*now - *before)) : Json())
      .set("regressions", encode(change.regressions))
      .set("newly_right", encode(change.newly_right))
      .set("changed", encode(change.changed))
      .set("only_now", encode(change.only_now))
      .set("only_before", encode(change.only_before));
}

const Json* arm_named(const Json& report, const std::string& name) {
  const auto* arms = report["arms"].as_array();
  if (arms == nullptr) return nullptr;
  const auto found = std::ranges::find_if(*arms, [&](const Json& one) { return one.text("name") == name; });
  return found == arms->end() || (*found)["questions"].as_array() == nullptr ? nullptr : &*found;
}

ArmChange change_of(const Json& former, const ArmReport& now) {
  ArmChange out{.name = now.arm.name};
  const Json::Array& before = *former["questions"].as_array();
  const auto with_id = [](const auto& list, const std::string& id) {
    return std::ranges::find_if(list, [&](const Json& one) { return one.text("id") == id; });
  };
  for (const Asked& one : now.asked) {
    const auto found = with_id(before, one.id);
    if (found == before.end()) {
      out.only_now.push_back(one.id);
      continue;
    }
    if (found->text("entry") != one.entry) {
      out.changed.push_back(one.id);
      continue;
    }
    const bool was_right = found->flag("right");
    ++out.compared;
    out.right_before += was_right ? 1 : 0;
    out.right_now += one.right ? 1 : 0;
    if (was_right && !one.right) out.regressions.push_back(one.id);
    if (!was_right && one.right) out.newly_right.push_back(one.id);
  }
  for (const Json& one : before)
    if (std::ranges::find(now.asked, one.text("id"), &Asked::id) == now.asked.end()) out.only_before.emplace_back(one.text("id"));
  return out;
}

}  // namespace

ModelUse& ModelUse::operator+=(const ModelUse& other) {
  calls += other.calls;
  cached += other.cached;
  tokens_in += other.tokens_in;
  tokens_cached += other.tokens_cached;
  tokens_out += other.tokens_out;
  usd += other.usd;
  unpriced += other.unpriced;
  model_ms += other.model_ms;
  rounds += other.rounds;
  return *this;
}

std::optional<std::int64_t> percentile(std::vector<std::int64_t> values, double share) {
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

std::optional<double> share_of(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return rounded(static_cast<double>(part) / static_cast<double>(whole));
}

Sums sums_of(const ArmReport& arm) {
  constexpr double kHalf = 0.5, kMost = 0.95;
  Sums out;
  std::vector<std::int64_t> latency, own, rounds;
  for (const Asked& one : arm.asked) {
    ++out.asked;
    out.answered += one.answered() ? 1 : 0;
    out.right += one.right ? 1 : 0;
    out.right_answers += one.right && one.answered() ? 1 : 0;
    out.wrong += one.verdict == Verdict::wrong ? 1 : 0;
    out.refused += one.verdict == Verdict::refused ? 1 : 0;
    out.unproven += one.verdict == Verdict::unproven ? 1 : 0;
    out.failed += one.verdict == Verdict::failed ? 1 : 0;
    out.unanswerable += one.unanswerable ? 1 : 0;
    out.unanswerable_refused += one.unanswerable && one.right ? 1 : 0;
    out.use += one.use;
    latency.push_back(one.latency_ms);
    own.push_back(std::max<std::int64_t>(0, one.latency_ms - one.use.model_ms));
    if (one.use.rounds > 0) rounds.push_back(one.use.rounds);
  }
  out.accuracy = share_of(out.right, out.asked);
  out.precision = share_of(out.right_answers, out.answered);
  out.rounds_p50 = percentile(rounds, kHalf);
  out.rounds_max = percentile(rounds, 1);
  out.latency_p50 = percentile(latency, kHalf);
  out.latency_p95 = percentile(std::move(latency), kMost);
  out.own_p50 = percentile(own, kHalf);
  out.own_p95 = percentile(std::move(own), kMost);
  out.reliability = reliability_of(arm.asked);
  return out;
}

bool Comparison::has_regression() const {
  return std::ranges::any_of(arms, [](const ArmChange& one) { return !one.regressions.empty(); });
}

Result<Comparison> compare(const Json& former, const std::string& path, const Report& now) {
  if (former["arms"].as_array() == nullptr || former["set"].as_object() == nullptr)
    return Error{ErrorKind::input, "E0854", path + " is not a report of `sluice eval`", "save one with `sluice eval … --save FILE`", 0};
  Comparison out{.path = path, .arms = {}};
  for (const ArmReport& arm : now.arms)
    if (const Json* before = arm_named(former, arm.arm.name)) out.arms.push_back(change_of(*before, arm));
  if (out.arms.empty())
    return Error{ErrorKind::input, "E0854", "no arm of this evaluation is in " + path, "compare with a report that has an arm of the same name", 0};
  return out;
}

Json asked_json(const std::string& arm, const Asked& asked) {
  return Json::object()
      .set("arm", arm)
      .set("id", asked.id)
      .set("question", asked.question)
      .set("on", asked.on)
      .set("entry", asked.entry)
      .set("unanswerable", asked.unanswerable)
      .set("verdict", std::string(enum_name(asked.verdict)))
      .set("right", asked.right)
      .set("why", or_null(asked.why))
      .set("code", or_null(asked.code))
      .set("sql", or_null(asked.sql))
      .set("confidence", or_null(asked.confidence))
      .set("answered_by", or_null(asked.answered_by))
      .set("run_id", or_null(asked.run))
      .set("rounds", asked.use.rounds)
      .set("latency_ms", asked.latency_ms)
      .set("model_ms", asked.use.model_ms)
      .set("model", use_json(asked.use));
}

Json report_json(const Report& report, const Comparison* against) {
  Json faults = Json::array(), arms = Json::array();
  for (const SetFault& fault : report.faults)
    faults.push(Json::object().set("id", fault.id).set("line", fault.line).set("asked", fault.asked).set("error", encode(fault.error)));
  for (const ArmReport& arm : report.arms) arms.push(arm_json(arm));
  Json out = Json::object()
                 .set("set", Json::object().set("path", report.path).set("questions", report.questions).set("faults", std::move(faults)))
                 .set("jobs", report.jobs)
                 .set("interrupted", report.interrupted)
                 .set("arms", std::move(arms));
  Json comparison;
  if (against != nullptr) {
    Json changes = Json::array();
    for (const ArmChange& change : against->arms) changes.push(change_json(change));
    comparison = Json::object().set("path", against->path).set("regression", against->has_regression()).set("arms", std::move(changes));
  }
  return std::move(out.set("against", std::move(comparison)));
}

}  // namespace sluice::eval
