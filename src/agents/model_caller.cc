#include "agents/model_caller.h"

#include <algorithm>

#include "agents/token_estimate.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::int64_t kSamplesMax = 10;
constexpr std::size_t kNotesMax = 20;

std::string provider_of(const ModelInfo& info) { return info.provider + "/" + info.model; }

std::int64_t tokens_of(const ModelRequest& request) {
  std::int64_t tokens = estimated_tokens(request.system) + estimated_tokens(request.reply_schema.dump());
  for (const ModelMessage& message : request.messages) tokens += estimated_tokens(message.text);
  return tokens;
}

/// The most that a call can take: all of the prompt at the dearest rate, and as long a reply as there may be.
ModelUsage worst_case(const ModelRequest& request, const ModelInfo& info) {
  ModelUsage most{.input = tokens_of(request), .output = request.max_tokens > 0 ? request.max_tokens : info.max_tokens};
  if (info.price && info.price->cache_written > info.price->input) most.cache_written = most.input;
  return most;
}

Error price_unknown(const ModelInfo& info) {
  return {ErrorKind::input, "E1021",
          "what a call of \"" + info.name + "\" (" + provider_of(info) + ") costs is not known, and there is a budget in money",
          "write its price in US dollars for a million tokens: models." + info.name + ".price: {input: …, output: …}; 0 for a model of your own", 0};
}

/// A prompt that is known not to fit is not paid for.
std::optional<Error> over_window(const ModelRequest& request, const ModelInfo& info) {
  const ModelUsage most = worst_case(request, info);
  if (info.context_tokens == 0 || most.input + most.output <= info.context_tokens) return std::nullopt;
  return model_error(ModelFailure::too_long,
                     "the prompt of about " + counted(most.input, "token") + " and a reply of up to " + with_thousands(most.output) +
                         " do not fit the window of \"" + info.name + "\", " + counted(info.context_tokens, "token"),
                     "lower `agents.ask.context_tokens` or the model's `max_tokens`, or use a model with a larger window");
}

}  // namespace

std::optional<Error> ModelOutcome::failure() const {
  for (const ModelCalled& called : calls)
    if (!called.error) return std::nullopt;
  return calls.empty() ? std::optional(Error::bug("a model was asked nothing")) : calls.front().error;
}

/// A draw on its way.
struct ModelCaller::Draw {
  ModelRequest request{};
  std::int64_t entry = 0;  ///< in the ledger, while it is in flight
  bool open = false;       ///< to be sent
  ModelCalled called{};
};

/// The draws of one step, from the look into the store to the last line in the ledger.
class ModelCaller::Batch {
 public:
  Batch(Ports& ports, Model& model, Ledger& ledger, ReplyStore& replies, const ModelCalls& calls, const CallOrigin& origin)
      : ports_(ports), model_(model), ledger_(ledger), replies_(replies), calls_(calls), origin_(origin) {}

  Result<> draw(const ModelRequest& request) {
    for (std::int64_t n = 0; n < std::clamp<std::int64_t>(calls_.samples, 1, kSamplesMax); ++n) {
      Draw& draw = draws_.emplace_back();
      draw.request = request;
      draw.request.sample = n;
      TRY_VOID(look_up(draw));
    }
    return {};
  }

  /// Reserves what each open draw may cost. One that no budget allows is not sent.
  Result<> reserve() {
    const std::vector<const ModelInfo*> members = model_.members();
    const auto unpriced = std::ranges::find_if(members, [](const ModelInfo* info) { return !info->price; });
    const bool money = calls_.run_budget.usd || calls_.day_budget.usd;
    for (Draw& draw : draws_) {
      if (!draw.open) continue;
      if (money && unpriced != members.end()) {
        refuse(draw, price_unknown(**unpriced));
        continue;
      }
      if (std::ranges::all_of(members, [&](const ModelInfo* info) { return over_window(draw.request, *info).has_value(); })) {
        refuse(draw, *over_window(draw.request, *members.front()));
        continue;
      }
      Reservation most = reservation(draw, *members.front());
      for (const ModelInfo* other : members) {  // any of a chain may answer: the dearest counts
        const Reservation one = reservation(draw, *other);
        most.usd_max = std::max(most.usd_max, one.usd_max);
        most.tokens_max = std::max(most.tokens_max, one.tokens_max);
      }
      auto entry = ledger_.reserve(most);
      if (!entry && entry.error().kind != ErrorKind::exhausted) return std::move(entry).error();
      if (!entry)
        refuse(draw, std::move(entry).error());
      else
        draw.entry = *entry;
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
    started_ = ports_.clock.steady();
    ModelEvents events;
    events.on_reply = [this](std::size_t index, const Result<ModelReply>& reply) { settle(draws_[sent_[index]], reply); };
    events.on_retry = [this](std::size_t index, const Error& why) { note(draws_[sent_[index]], "tried again after: " + why.message); };
    events.on_move = [this](const ModelInfo& next, const Error& why) {
      for (const std::size_t n : sent_)
        if (draws_[n].open) note(draws_[n], "went on to \"" + next.name + "\" after: " + why.message);
    };
    const auto answers = model_.answer(requests, events, call);
    for (std::size_t n = 0; n < answers.size() && n < sent_.size(); ++n) settle(draws_[sent_[n]], answers[n]);
  }

  ModelOutcome outcome() {
    ModelOutcome out{.request = calls_.request};
    for (Draw& draw : draws_) {
      out.elapsed_ms = std::max(out.elapsed_ms, draw.called.cached ? 0 : draw.called.latency_ms);
      out.calls.push_back(std::move(draw.called));
    }
    return out;
  }

 private:
  /// A reply that there is already, of any model that might answer.
  Result<> look_up(Draw& draw) {
    draw.open = true;
    for (const ModelInfo* info : model_.members()) {
      const std::string key = call_key(*info, draw.request);
      if (draw.called.key.empty()) draw.called = {.key = key, .model = info->name, .provider = provider_of(*info)};
      const auto kept = replies_.find(key);
      if (!kept) note(draw, "a reply that was kept cannot be used: " + kept.error().message);
      if (!kept || !*kept) continue;
      const std::optional<RecordedCall>& known = *kept;
      draw.called = {.key = key, .model = info->name, .provider = provider_of(*info), .reply = known->reply, .latency_ms = known->latency_ms};
      draw.called.cached = true;
      if (info->price) draw.called.usd = 0;
      draw.open = false;
      Reservation saved = reservation(draw, *info);
      saved.usd_max = info->price ? info->price->of(known->reply.usage) : 0;
      return ledger_.cached(saved, known->reply.usage);
    }
    return {};
  }

  Reservation reservation(const Draw& draw, const ModelInfo& info) const {
    const ModelUsage most = worst_case(draw.request, info);
    return {.run = origin_.run,
            .workflow = origin_.workflow,
            .path = origin_.path,
            .model = info.name,
            .provider = provider_of(info),
            .key = draw.called.key,
            .usd_max = info.price ? info.price->of(most) : 0,
            .tokens_max = most.input + most.output,
            .run_budget = calls_.run_budget,
            .day_budget = calls_.day_budget};
  }

  const ModelInfo& info_of(const ModelReply& reply) const {
    for (const ModelInfo* info : model_.members())
      if (info->name == reply.model) return *info;
    return model_.info();
  }

  /// Keeps the reply first, then writes what it cost: whatever happens in between, it is not paid for again.
  void settle(Draw& draw, const Result<ModelReply>& reply) {
    if (!draw.open) return;  // told already
    draw.open = false;
    ModelCalled& called = draw.called;
    called.latency_ms = std::chrono::duration_cast<std::chrono::milliseconds>(ports_.clock.steady() - started_).count();
    Settlement settlement{.latency_ms = called.latency_ms};
    if (reply) {
      const ModelInfo& info = info_of(*reply);
      called.reply = *reply;
      called.model = info.name;
      called.provider = provider_of(info);
      called.key = call_key(info, draw.request);
      if (reply->usage.input == 0 && reply->usage.output == 0) estimate(draw);
      if (info.price) called.usd = info.price->of(called.reply.usage);
      settlement.usage = called.reply.usage;
      settlement.model = called.model;
      settlement.provider = called.provider;
      settlement.key = called.key;
      settlement.usd = called.usd.value_or(0);
      remember(draw, replies_.keep(called.key, {.request = asked_of(info, draw.request),
                                                .provider = info.provider,
                                                .model = info.model,
                                                .reply = called.reply,
                                                .latency_ms = called.latency_ms}));
    } else {
      called.error = reply.error();
      settlement.failure = reply.error().code;
      if (may_be_billed(reply.error())) {
        const ModelInfo& info = model_.info();
        settlement.usage = worst_case(draw.request, info);
        settlement.usd = info.price ? info.price->of(settlement.usage) : 0;
      }
    }
    remember(draw, ledger_.settle(draw.entry, settlement));
  }

  /// Whether a model may have written what nobody got to read: it counts with the most that it can cost, as where a process dies.
  static bool may_be_billed(const Error& error) {
    const auto failure = failure_of(error);
    return error.kind == ErrorKind::cancelled || failure == ModelFailure::timeout || failure == ModelFailure::garbled ||
           failure == ModelFailure::refused;
  }

  /// A service that does not say what it counted is not free.
  static void estimate(Draw& draw) {
    ModelReply& reply = draw.called.reply;
    reply.usage.input = tokens_of(draw.request);
    reply.usage.output = estimated_tokens(reply.text);
    note(draw, "the service did not say how many tokens it counted; they are estimated");
  }

  void refuse(Draw& draw, Error error) {
    draw.open = false;
    draw.called.error = std::move(error);
  }
  static void note(Draw& draw, const std::string& text) {
    if (draw.called.notes.size() < kNotesMax) draw.called.notes.push_back(show_hidden(text, false));
  }
  /// A reply that came in is used, also where it could not be kept or booked: it is paid, and the run's own journal is about to hold it. What was
  /// reserved for it stays so.
  static void remember(Draw& draw, const Result<>& done) {
    if (!done) note(draw, "the call could not be written down: " + done.error().message);
  }

  Ports& ports_;
  Model& model_;
  Ledger& ledger_;
  ReplyStore& replies_;
  const ModelCalls& calls_;
  const CallOrigin& origin_;
  std::vector<Draw> draws_{};
  std::vector<std::size_t> sent_{};
  std::chrono::steady_clock::time_point started_{};
};

Result<ModelOutcome> ModelCaller::call(const ModelCalls& calls, const CallOrigin& origin, const Call& step) {
  TRY(Model * model, ports_.model(calls.model));
  TRY(Ledger * ledger, ports_.ledger());
  TRY(ReplyStore * replies, ports_.replies());
  TRY(const std::string bytes, ports_.artifacts.get(calls.request));
  TRY(const Json json, Json::parse(bytes));
  TRY(const ModelRequest request, decode<ModelRequest>(json));
  Batch batch(ports_, *model, *ledger, *replies, calls, origin);
  TRY_VOID(batch.draw(request));
  TRY_VOID(batch.reserve());
  const Call timed = calls.time_left_ms > 0
                         ? Call{std::min(step.deadline, ports_.clock.steady() + std::chrono::milliseconds(calls.time_left_ms)), step.cancelled}
                         : step;
  batch.send(timed);
  if (step.cancelled.stop_requested()) return Error{ErrorKind::cancelled, "E1011", "the model call was stopped", "", 0};
  return batch.outcome();
}

}  // namespace sluice
