#include "agents/model_caller.h"

#include <algorithm>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::int64_t kSamplesMax = 10;

std::string provider_of(const ModelInfo& info) { return info.provider + "/" + info.model; }

/// The call as the cache knows it: its reply is of the endpoint that gave it, and for one run; "": for all.
RecordedCall as_cached(const ModelInfo& info, const ModelRequest& request, const std::string& run) {
  RecordedCall call = recording_of(info, request);
  call.endpoint = info.endpoint;
  call.run = run;
  return call;
}

std::int64_t samples_of(const ModelCalls& calls) { return std::clamp<std::int64_t>(calls.samples, 1, kSamplesMax); }

}  // namespace

std::optional<Error> ModelOutcome::failure() const {
  for (const ModelCalled& called : calls)
    if (!called.error) return std::nullopt;
  return calls.empty() ? std::optional(Error::bug("a model was asked nothing")) : calls.front().error;
}

/// The draws of one step, from the look into the store to what it keeps.
class ModelCaller::Batch {
 public:
  Batch(const Ports& ports, Model& model, Ledger& ledger, ReplyStore& replies, const ModelCalls& calls, const CallOrigin& origin)
      : ports_(ports), model_(model), ledger_(ledger), replies_(replies), calls_(calls), origin_(origin) {}

  /// What is there of the draws, and which have to be asked for.
  Result<> look_up(ModelRequest request) {
    const std::int64_t samples = samples_of(calls_);
    drawn_.resize(static_cast<std::size_t>(samples));
    for (request.sample = 0; request.sample < samples; ++request.sample) {
      ModelCalled& called = drawn_[static_cast<std::size_t>(request.sample)];
      TRY(const bool found, find(request, called));
      if (found) continue;
      open_.push_back(static_cast<std::size_t>(request.sample));
      requests_.push_back(request);
    }
    return {};
  }

  Result<> ask(const Call& call) {
    if (requests_.empty()) return {};
    PaidCalls paying({model_, ledger_, ports_.clock}, {origin_, calls_.run_budget, calls_.day_budget});
    TRY(std::vector<PaidReply> replies, paying.answer(requests_, [this](std::size_t n, PaidReply& paid) { keep(n, paid); }, {}, call));
    for (std::size_t n = 0; n < replies.size(); ++n) take(n, std::move(replies[n]));
    return {};
  }

  ModelOutcome outcome() { return {.request = calls_.request, .calls = std::move(drawn_)}; }

 private:
  /// A reply that there is already, of any model that might answer: the run's own, else one that another run shared.
  Result<bool> find(const ModelRequest& request, ModelCalled& called) {
    std::vector<std::string> runs{origin_.run};
    if (!calls_.fresh) runs.emplace_back();
    for (const std::string& run : runs)
      for (const ModelInfo* info : model_.members()) {
        auto kept = replies_.find(as_cached(*info, request, run));
        if (!kept) called.notes.push_back(show_hidden("a reply that was kept cannot be used: " + kept.error().message, false));
        if (!kept || !*kept) continue;
        TRY_VOID(take_kept(*info, request, *std::move(*kept), called));
        return true;
      }
    return false;
  }

  Result<> take_kept(const ModelInfo& info, const ModelRequest& request, RecordedCall known, ModelCalled& called) {
    called.key = call_key(recording_of(info, request));
    called.model = info.name;
    called.provider = provider_of(info);
    called.latency_ms = known.latency_ms;
    called.cached = true;
    if (info.price) called.usd = 0;
    Reservation saved{.run = origin_.run, .workflow = origin_.workflow, .path = origin_.path, .draw = request.sample, .model = info.name};
    saved.provider = called.provider;
    saved.key = called.key;
    if (info.price) saved.usd_max = info.price->of(known.reply.usage);
    called.reply = std::move(known.reply);
    return ledger_.cached(saved, called.reply.usage);
  }

  /// A reply that could not be kept is used all the same: it is paid, and the run's own journal is about to hold it.
  void keep(std::size_t n, PaidReply& paid) {
    RecordedCall call = as_cached(*paid.model, requests_[n], origin_.run);
    call.reply = *paid.reply;
    call.latency_ms = paid.latency_ms;
    if (const auto done = replies_.keep(call); !done)
      paid.notes.push_back(show_hidden("the reply could not be kept: " + done.error().message, false));
  }

  void take(std::size_t n, PaidReply paid) {
    ModelCalled& called = drawn_[open_[n]];
    called.key = call_key(recording_of(*paid.model, requests_[n]));
    called.model = paid.model->name;
    called.provider = provider_of(*paid.model);
    called.latency_ms = paid.latency_ms;
    called.usd = paid.usd;
    called.notes.insert(called.notes.end(), paid.notes.begin(), paid.notes.end());
    if (paid.reply)
      called.reply = *std::move(paid.reply);
    else
      called.error = std::move(paid.reply).error();
  }

  const Ports& ports_;
  Model& model_;
  Ledger& ledger_;
  ReplyStore& replies_;
  const ModelCalls& calls_;
  const CallOrigin& origin_;
  std::vector<ModelCalled> drawn_{};
  std::vector<std::size_t> open_{};  ///< of drawn_: what requests_ ask for
  std::vector<ModelRequest> requests_{};
};

Result<ModelOutcome> ModelCaller::call(const ModelCalls& calls, const CallOrigin& origin, const Call& step) {
  TRY(Model * model, ports_.model(calls.model));
  TRY(Ledger * ledger, ports_.ledger());
  TRY(ReplyStore * replies, ports_.replies());
  TRY(ModelRequest request, read_artifact<ModelRequest>(ports_.artifacts, calls.request));
  Batch batch(ports_, *model, *ledger, *replies, calls, origin);
  TRY_VOID(batch.look_up(std::move(request)));
  TRY_VOID(batch.ask(step));
  if (step.cancelled.stop_requested()) return Error{ErrorKind::cancelled, "E1011", "the model call was stopped", "", 0};
  return batch.outcome();
}

Result<> ModelCaller::release(const EndedCalls& ended, const CallOrigin& origin) {
  TRY(ReplyStore * replies, ports_.replies());
  for (const ModelCalls& calls : ended.calls) {
    TRY(const Model* model, ports_.model(calls.model));
    TRY(ModelRequest request, read_artifact<ModelRequest>(ports_.artifacts, calls.request));
    for (request.sample = 0; request.sample < samples_of(calls); ++request.sample)
      for (const ModelInfo* info : model->members()) {
        const RecordedCall own = as_cached(*info, request, origin.run);
        TRY(std::optional<RecordedCall> kept, replies->find(own));
        if (!kept) continue;
        kept->endpoint = own.endpoint;  // a recording has none
        kept->run.clear();
        if (ended.shared) {
          TRY_VOID(replies->keep(*kept));
        }
        TRY_VOID(replies->forget(own));
      }
  }
  return {};
}

Result<std::optional<ModelReply>> ModelCaller::kept_reply(const LedgerEntry& call, ModelRequest request) {
  TRY(const Model* model, ports_.model(call.model));
  TRY(ReplyStore * replies, ports_.replies());
  request.sample = call.draw;
  // Of what the model is today, which may be another one than then.
  if (call_key(recording_of(model->info(), request)) != call.key) return std::optional<ModelReply>();
  for (const std::string& run : {call.run, std::string()}) {
    TRY(std::optional<RecordedCall> kept, replies->find(as_cached(model->info(), request, run)));
    if (kept) return std::optional(std::move(kept->reply));
  }
  return std::optional<ModelReply>();
}

}  // namespace sluice
