#include "agents/replay.h"

#include <optional>
#include <string>

#include "agents/request_diff.h"

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
  const RecordedCall asked = recording_of(info_, request);
  TRY(std::optional<RecordedCall> call, recordings_.find(asked));
  if (!call) return not_recorded(request, call_key(asked));
  return std::move(call->reply);
}

Error ReplayModel::not_recorded(const ModelRequest& request, const std::string& key) {
  Error error{ErrorKind::input, "E1032", "no recording answers a request for " + wanted(request) + " to " + info_.provider + "/" + info_.model,
              "record the call again, or undo what changed the request", 0};
  constexpr std::size_t kKeyShown = 12;
  error.message += " (key " + key.substr(0, kKeyShown) + ")";
  auto calls = recordings_.all(kComparedMax);
  if (!calls) return std::move(calls).error();
  const std::vector<std::string> asked = request_lines(info_.provider, info_.model, asked_of(info_, request));
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

}  // namespace sluice
