#include "agents/replay.h"

#include <algorithm>
#include <optional>
#include <string>

#include "agents/request_diff.h"
#include "base/check.h"

namespace sluice {
namespace {

constexpr int kComparedMax = 1'000;  // recordings that a request is compared with

std::string wanted(const ModelRequest& request) { return request.reply_name.empty() ? "free text" : '"' + request.reply_name + '"'; }

}  // namespace

std::vector<Result<ModelReply>> ReplayModel::answer(std::span<const ModelRequest> requests, const ModelEvents& events, const Call& /*call*/) {
  std::vector<Result<ModelReply>> replies;
  replies.reserve(requests.size());
  for (const ModelRequest& request : requests) {
    replies.push_back(recorded(request));
    if (events.on_reply) events.on_reply(replies.size() - 1, replies.back());
  }
  return replies;
}

Result<ModelReply> ReplayModel::recorded(const ModelRequest& request) {
  const std::string key = call_key(info_.provider, info_.model, request);
  TRY(std::optional<RecordedCall> call, recordings_.find(key));
  if (!call) return not_recorded(request, key);
  return std::move(call->reply);
}

Error ReplayModel::not_recorded(const ModelRequest& request, const std::string& key) {
  Error error{ErrorKind::input, "E1032", "no recording answers a request for " + wanted(request) + " to " + info_.provider + "/" + info_.model,
              "record the call again, or undo what changed the request", 0};
  constexpr std::size_t kKeyShown = 12;
  error.message += " (key " + key.substr(0, kKeyShown) + ")";
  auto calls = recordings_.all(kComparedMax);
  if (!calls) return std::move(calls).error();
  const std::vector<std::string> asked = request_lines(info_.provider, info_.model, request);
  std::vector<std::string> nearest;
  std::size_t smallest = 0;
  for (const RecordedCall& call : *calls) {
    if (call.request.reply_name != request.reply_name) continue;
    std::vector<std::string> lines = request_lines(call.provider, call.model, call.request);
    const std::size_t bytes = difference(lines, asked);
    if (!nearest.empty() && bytes >= smallest) continue;
    nearest = std::move(lines);
    smallest = bytes;
  }
  if (calls->empty())
    error.message += "; nothing is recorded";
  else if (nearest.empty())
    error.message += "; no recorded request asks for that";
  else
    error.message += "; the nearest differs so:\n" + first_differences(nearest, asked);
  return error;
}

std::vector<Result<ModelReply>> RecordingModel::answer(std::span<const ModelRequest> requests, const ModelEvents& events, const Call& call) {
  const auto asked_at = clock_.steady();
  std::vector<std::optional<Result<ModelReply>>> outcomes(requests.size());
  ModelEvents own = events;
  own.on_reply = [&](std::size_t index, const Result<ModelReply>& reply) {
    CHECK(index < outcomes.size());
    auto& outcome = outcomes[index];
    outcome.emplace(kept(requests[index], reply, asked_at));
    if (events.on_reply) events.on_reply(index, *outcome);
  };
  std::vector<Result<ModelReply>> replies = inner_.answer(requests, own, call);
  for (std::size_t index = 0; index < std::min(replies.size(), requests.size()); ++index) {
    if (!outcomes[index]) own.on_reply(index, replies[index]);
    replies[index] = *std::move(outcomes[index]);
  }
  return replies;
}

Result<ModelReply> RecordingModel::kept(const ModelRequest& request, const Result<ModelReply>& reply,
                                        std::chrono::steady_clock::time_point asked_at) {
  if (!reply) return reply;
  const auto latency = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - asked_at);
  const ModelInfo& asked = inner_.info();
  const RecordedCall call{.request = request, .provider = asked.provider, .model = asked.model, .reply = *reply, .latency_ms = latency.count()};
  TRY_VOID(recordings_.keep(call_key(asked.provider, asked.model, request), call));
  return reply;
}

}  // namespace sluice
