#include "agents/paid_calls.h"

#include <algorithm>
#include <utility>

#include "agents/call_size.h"
#include "agents/ports/reply_store.h"
#include "agents/token_estimate.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kNotesMax = 20;
constexpr std::int64_t kMsPerSecond = 1000;

using TimePoint = std::chrono::steady_clock::time_point;

std::optional<double> price_of(const ModelInfo& info, const ModelUsage& usage) {
  return info.price ? std::optional(info.price->of(usage)) : std::nullopt;
}

bool is_said(const ModelUsage& usage) { return usage.input > 0 || usage.output > 0; }

Error price_unknown(const ModelInfo& info) {
  return {ErrorKind::input, "E1021",
          "what a call of \"" + info.name + "\" (" + info.provider + "/" + info.model + ") costs is not known, and there is a budget in money",
          "write its price in US dollars for a million tokens: models." + info.name + ".price: {input: …, output: …}; 0 for a model of your own", 0};
}

std::int64_t ms_between(TimePoint from, TimePoint to) { return std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count(); }

}  // namespace

/// A request on its way.
struct PaidCalls::Draw {
  const ModelRequest& request;
  std::int64_t entry = 0;  ///< in the ledger, of the attempt that is reserved; 0: none is
  TimePoint began{};       ///< that attempt
  bool open = true;
  PaidReply paid;
};

class PaidCalls::Batch {
 public:
  using Keep = std::function<void(std::size_t, PaidReply&)>;
  Batch(const Ports& ports, const PayTerms& terms, const Keep& keep, const ModelEvents& events)
      : ports_(ports), terms_(terms), keep_(keep), events_(events), members_(ports.model.members()) {}

  Result<> reserve(std::span<const ModelRequest> requests) {
    TRY_VOID(begin());
    const bool money = terms_.run_budget.usd || terms_.day_budget.usd;
    const auto unpriced = std::ranges::find_if(members_, [](const ModelInfo* info) { return !info->price; });
    draws_.reserve(requests.size());
    for (const ModelRequest& request : requests) {
      Draw& draw = draws_.emplace_back(Draw{.request = request, .paid = {.reply = ModelReply{}, .model = members_.front()}});
      if (money && unpriced != members_.end()) {
        refuse(draw, price_unknown(**unpriced));
      } else if (std::ranges::all_of(members_, [&](const ModelInfo* info) { return over_window(request, *info).has_value(); })) {
        refuse(draw, *over_window(request, *members_.front()));
      } else if (auto reserved = reserve(draw); !reserved) {
        if (reserved.error().kind != ErrorKind::exhausted) return std::move(reserved).error();
        refuse(draw, std::move(reserved).error());
      }
    }
    return {};
  }

  void send(const Call& call) {
    std::vector<ModelRequest> requests;
    for (std::size_t n = 0; n < draws_.size(); ++n) {
      if (!draws_[n].open) continue;
      requests.push_back(draws_[n].request);
      sent_.push_back(n);
    }
    if (requests.empty()) return;
    const Call timed{time_ends_ ? std::min(call.deadline, *time_ends_) : call.deadline, call.cancelled};
    const auto answers = ports_.model.answer(requests, booked_events(), timed);
    for (std::size_t n = 0; n < answers.size() && n < sent_.size(); ++n) settle(sent_[n], answers[n]);
  }

  /// What was reserved and is not sent costs nothing.
  void release(const Error& why) {
    for (Draw& draw : draws_) close(draw, {.failure = why.code});
  }

  std::vector<PaidReply> take() {
    std::vector<PaidReply> out;
    out.reserve(draws_.size());
    for (Draw& draw : draws_) out.push_back(std::move(draw.paid));
    return out;
  }

 private:
  /// The run's time for models ends the call.
  Result<> begin() {
    started_ = ports_.clock.steady();
    if (!terms_.run_budget.seconds) return {};
    TRY(const Spent spent, ports_.ledger.spent(terms_.origin.run));
    time_ends_ = started_ + std::chrono::milliseconds(*terms_.run_budget.seconds * kMsPerSecond - spent.milliseconds);
    return {};
  }

  ModelEvents booked_events() {
    ModelEvents out;
    out.on_reply = [this](std::size_t index, const Result<ModelReply>& reply) { settle(sent_[index], reply); };
    if (events_.on_text) out.on_text = [this](std::size_t index, std::string_view text) { events_.on_text(sent_[index], text); };
    out.on_failed = [this](std::size_t index, const FailedAttempt& attempt) {
      book(draws_[sent_[index]], attempt);
      if (events_.on_failed) events_.on_failed(sent_[index], attempt);
    };
    out.on_retry = [this](std::size_t index, const Error& why) { return again(sent_[index], why); };
    out.on_move = [this](std::size_t index, const ModelInfo& next, const Error& why) { return move_on(sent_[index], next, why); };
    return out;
  }

  /// The attempt that is next, by the model that the draw is at.
  Result<> reserve(Draw& draw) {
    const ModelInfo& info = *draw.paid.model;
    if (over_window(draw.request, info)) return {};  // a chain passes it over
    const ModelUsage most = worst_case(draw.request, info);
    TRY(draw.entry, ports_.ledger.reserve({.run = terms_.origin.run,
                                           .workflow = terms_.origin.workflow,
                                           .path = terms_.origin.path,
                                           .draw = draw.request.sample,
                                           .model = info.name,
                                           .provider = info.provider + "/" + info.model,
                                           .key = call_key(recording_of(info, draw.request)),
                                           .usd_max = price_of(info, most),
                                           .tokens_max = most.input + most.output,
                                           .run_budget = terms_.run_budget,
                                           .day_budget = terms_.day_budget}));
    draw.began = ports_.clock.steady();
    return {};
  }

  /// What may be charged for counts with what the provider says, else with the most that it can be. What cannot keeps its reservation for the next
  /// attempt.
  void book(Draw& draw, const FailedAttempt& attempt) {
    if (!attempt.may_cost || draw.entry == 0) return;
    const ModelInfo& info = *draw.paid.model;
    const ModelUsage usage = attempt.usage && is_said(*attempt.usage) ? *attempt.usage : worst_case(draw.request, info);
    close(draw, {.usage = usage, .usd = price_of(info, usage).value_or(0), .failure = attempt.why.code});
  }

  void close(Draw& draw, Settlement settlement) {
    settlement.latency_ms = ms_between(draw.began, ports_.clock.steady());
    const std::int64_t entry = std::exchange(draw.entry, 0);
    if (entry == 0) return;
    // A reply that came in is used, also where it could not be booked: it is paid. What was reserved for it stays so.
    if (const auto done = ports_.ledger.settle(entry, settlement); !done)
      note(draw.paid, "the call could not be written down: " + done.error().message);
  }

  Result<> again(std::size_t n, const Error& why) {
    Draw& draw = draws_[n];
    const Result<> reserved = draw.entry == 0 ? reserve(draw) : Result<>();
    note(draw.paid, (reserved ? std::string("tried again") : "not tried again (" + reserved.error().message + ")") + " after: " + why.message);
    if (!reserved) return reserved;
    return events_.on_retry ? events_.on_retry(n, why) : Result<>();
  }

  Result<> move_on(std::size_t n, const ModelInfo& next, const Error& why) {
    Draw& draw = draws_[n];
    close(draw, {.failure = why.code});
    const ModelInfo* before = std::exchange(draw.paid.model, &next);
    if (auto reserved = fits_from(draw.request, next) ? reserve(draw) : Result<>(*over_window(draw.request, next)); !reserved) {
      draw.paid.model = before;
      note(draw.paid, "did not go on to \"" + next.name + "\" (" + reserved.error().message + ") after: " + why.message);
      return reserved;
    }
    note(draw.paid, "went on to \"" + next.name + "\" after: " + why.message);
    return events_.on_move ? events_.on_move(n, next, why) : Result<>();
  }

  /// Whether the request fits the window of this one of a chain, or of one behind it.
  bool fits_from(const ModelRequest& request, const ModelInfo& next) const {
    const auto from = std::ranges::find(members_, &next);
    return std::any_of(from, members_.end(), [&](const ModelInfo* info) { return !over_window(request, *info); });
  }

  void settle(std::size_t n, const Result<ModelReply>& reply) {
    Draw& draw = draws_[n];
    if (!draw.open) return;  // told already
    draw.open = false;
    PaidReply& paid = draw.paid;
    paid.reply = reply;
    paid.latency_ms = ms_between(started_, ports_.clock.steady());
    if (!reply) {
      if (failure_of(reply.error()) == ModelFailure::timeout && time_ends_ && ports_.clock.steady() >= *time_ends_) {
        Error late = reply.error();
        late.message += "; the run's " + counted(*terms_.run_budget.seconds, "second") + " for models are used up";
        late.hint = "raise `budgets.run.seconds` in sluice.yaml, or use a faster model";
        paid.reply = std::move(late);
      }
      return close(draw, {.failure = reply.error().code});
    }
    ModelUsage& usage = paid.reply->usage;
    if (!is_said(usage)) {  // a service that does not say what it counted is not free
      usage = {.input = tokens_of(draw.request), .output = estimated_tokens(reply->text)};
      note(paid, "the service did not say how many tokens it counted; they are estimated");
    }
    paid.usd = price_of(*paid.model, usage);
    if (keep_) keep_(n, paid);
    close(draw, {.usage = usage, .usd = paid.usd.value_or(0)});
  }

  static void refuse(Draw& draw, Error error) {
    draw.open = false;
    draw.paid.reply = std::move(error);
  }
  static void note(PaidReply& paid, const std::string& text) {
    if (paid.notes.size() < kNotesMax) paid.notes.push_back(show_hidden(text, false));
  }

  const Ports& ports_;
  const PayTerms& terms_;
  const Keep& keep_;
  const ModelEvents& events_;
  std::vector<const ModelInfo*> members_;
  std::vector<Draw> draws_{};
  std::vector<std::size_t> sent_{};
  TimePoint started_{};
  std::optional<TimePoint> time_ends_{};
};

Result<std::vector<PaidReply>> PaidCalls::answer(std::span<const ModelRequest> requests, const std::function<void(std::size_t, PaidReply&)>& keep,
                                                 const ModelEvents& events, const Call& call) {
  Batch batch(ports_, terms_, keep, events);
  if (auto reserved = batch.reserve(requests); !reserved) {
    batch.release(reserved.error());
    return std::move(reserved).error();
  }
  batch.send(call);
  return batch.take();
}

}  // namespace sluice
