#include "agents/first_of.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "agents/call_size.h"
#include "base/check.h"
#include "base/text.h"

namespace sluice {

enum class FirstOf::Fate : std::uint8_t { open, stands, goes_on };

/// The requests that one model of the chain is asked, where they stand among those of the call, and what becomes of each after its word.
struct FirstOf::Round {
  std::size_t model = 0;
  std::vector<std::size_t> at{};
  std::vector<ModelRequest> requests{};
  std::vector<Fate> fates{};
  const std::vector<std::vector<std::string>>& before;  ///< for each request of the call: what models said that were asked before
};

FirstOf::FirstOf(std::string name, std::vector<Model*> models, std::vector<ModelFailure> on)
    : info_(), models_(std::move(models)), on_(std::move(on)) {
  CHECK(!models_.empty());
  info_ = models_.front()->info();
  info_.name = std::move(name);
}

bool FirstOf::may_go_on(const Result<ModelReply>& reply, std::size_t model, const Call& call) const {
  if (reply || model + 1 == models_.size() || call.cancelled.stop_requested()) return false;
  const auto failure = failure_of(reply.error());
  return failure && std::ranges::find(on_, *failure) != on_.end();
}

Result<ModelReply> FirstOf::standing(const Result<ModelReply>& reply, std::size_t model, const std::vector<std::string>& before) const {
  const std::string& name = models_[model]->info().name;
  if (reply) {
    ModelReply answered = *reply;
    answered.model = name;
    return answered;
  }
  Error error = reply.error();
  if (!before.empty() && failure_of(error))
    error.message = "no model of \"" + info_.name + "\" answered. " + join(before, ". ") + ". " + name + ": " + error.message;
  return error;
}

std::vector<Result<ModelReply>> FirstOf::ask(Round& round, const ModelEvents& events, const Call& call) const {
  // Decided once for each reply: a call that is cancelled in between must not leave one that nobody was told of.
  const auto settle = [&](std::size_t i, const Result<ModelReply>& reply, bool moves) {
    if (round.fates[i] != Fate::open) return;
    const std::size_t at = round.at[i];
    if (moves && events.on_move) moves = static_cast<bool>(events.on_move(at, models_[round.model + 1]->info(), reply.error()));
    round.fates[i] = moves ? Fate::goes_on : Fate::stands;
    if (!moves && events.on_reply) events.on_reply(at, standing(reply, round.model, round.before[at]));
  };
  std::vector<Result<ModelReply>> out(round.at.size(), Error::bug("a request that the model was not asked"));
  std::vector<ModelRequest> requests;
  std::vector<std::size_t> sent;
  for (std::size_t i = 0; i < round.at.size(); ++i) {
    const auto unfit = over_window(round.requests[i], models_[round.model]->info());
    if (unfit && round.model + 1 < models_.size()) {
      out[i] = *unfit;
      settle(i, out[i], true);
    } else {
      requests.push_back(round.requests[i]);
      sent.push_back(i);
    }
  }
  if (requests.empty()) return out;
  const auto replied = [&](std::size_t n, const Result<ModelReply>& reply) { settle(sent[n], reply, may_go_on(reply, round.model, call)); };
  const auto at = [&](std::size_t n) { return round.at[sent[n]]; };
  ModelEvents inner;
  inner.on_reply = replied;
  if (events.on_text) inner.on_text = [&](std::size_t n, std::string_view text) { events.on_text(at(n), text); };
  if (events.on_failed) inner.on_failed = [&](std::size_t n, const FailedAttempt& attempt) { events.on_failed(at(n), attempt); };
  if (events.on_retry) inner.on_retry = [&](std::size_t n, const Error& why) { return events.on_retry(at(n), why); };
  const auto replies = models_[round.model]->answer(requests, inner, call.share(static_cast<int>(models_.size() - round.model)));
  CHECK(replies.size() == sent.size());
  for (std::size_t n = 0; n < replies.size(); ++n) {
    replied(n, replies[n]);
    out[sent[n]] = replies[n];
  }
  return out;
}

std::vector<const ModelInfo*> FirstOf::members() const {
  std::vector<const ModelInfo*> members;
  members.reserve(models_.size());
  for (const Model* model : models_) members.push_back(&model->info());
  return members;
}

std::vector<Result<ModelReply>> FirstOf::answer(std::span<const ModelRequest> requests, const ModelEvents& events, const Call& call) {
  std::vector<Result<ModelReply>> out(requests.size(), Error::bug("a request that no model of the chain was asked"));
  std::vector<std::vector<std::string>> before(requests.size());
  std::vector<std::size_t> left(requests.size());
  std::iota(left.begin(), left.end(), 0U);
  for (std::size_t model = 0; model < models_.size() && !left.empty(); ++model) {
    Round round{.model = model, .at = std::exchange(left, {}), .requests = {}, .fates = {}, .before = before};
    for (const std::size_t at : round.at) round.requests.push_back(requests[at]);
    round.fates.resize(round.at.size(), Fate::open);
    const std::vector<Result<ModelReply>> replies = ask(round, events, call);
    for (std::size_t i = 0; i < replies.size(); ++i) {
      const std::size_t at = round.at[i];
      if (round.fates[i] == Fate::stands) {
        out[at] = standing(replies[i], model, before[at]);
        continue;
      }
      before[at].push_back(models_[model]->info().name + ": " + replies[i].error().message);
      left.push_back(at);
    }
  }
  return out;
}

}  // namespace sluice
