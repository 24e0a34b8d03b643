#include "journal/reply_dir.h"

#include <algorithm>

#include "base/text.h"

namespace sluice {

using namespace journal_detail;

namespace {

Error edited(const std::string& file, const std::string& key) {
  return {ErrorKind::input, "E1030",
          "the recording \"" + file + "\" was edited: what it asks now has the key " + key.substr(0, 12) + "…, not that of its name",
          "restore the file, or delete it and record the call again; the reply in it may be edited, the request may not", 0};
}

Error unreadable(const std::string& file, const std::string& why) {
  return {ErrorKind::storage, "E1031", "\"" + file + "\" is no recorded model call, or is damaged: " + why,
          "delete it, or restore it from version control; then record the call again", 0};
}

Error too_large(std::size_t bytes) {
  return {ErrorKind::exhausted, "E1033",
          "a model call of " + human_bytes(static_cast<std::int64_t>(bytes)) + " is too large to keep: at most " +
              human_bytes(static_cast<std::int64_t>(ReplyDir::kBytesMax)),
          "ask for less at once", 0};
}

Result<RecordedCall> recorded_call(std::string_view text) {
  TRY(const Json json, Json::parse(text));
  return decode<RecordedCall>(json);
}

/// Indented where that gives back what was asked to the byte; text that is no UTF-8 needs the journal's notation.
Result<std::string> text_of(const std::string& key, const RecordedCall& call) {
  const Json json = encode(call);
  for (std::string text : {json.dump_text(2) + "\n", json.dump() + "\n"}) {
    if (text.size() > ReplyDir::kBytesMax) return too_large(text.size());
    const auto back = recorded_call(text);
    if (back && encode(*back) == json && call_key(*back) == key) return text;
  }
  return Error::bug("a model call cannot be read back from its own text");
}

}  // namespace

Result<std::unique_ptr<ReplyDir>> ReplyDir::open(const std::string& folder) {
  std::unique_ptr<ReplyDir> replies(new ReplyDir(folder, std::nullopt));
  TRY_VOID(replies->files_.create_folder());
  return replies;
}

Result<std::unique_ptr<ReplyDir>> ReplyDir::open_cache(const std::string& folder, ReplyLimits limits) {
  TRY(auto replies, open(folder));
  replies->limits_ = limits;
  return replies;
}

Result<RecordedCall> ReplyDir::read(const std::string& key) const {
  const std::string file = files_.file_of(key);
  std::string text;
  TRY_VOID(files_.read(key, [&](std::string_view bytes) -> Result<> {
    if (text.size() + bytes.size() > kBytesMax) return unreadable(file, "it is larger than " + human_bytes(kBytesMax));
    text += bytes;
    return {};
  }));
  auto call = recorded_call(text);
  if (!call) return unreadable(file, call.error().message);
  if (call->request.messages.empty()) return unreadable(file, "it holds no request");
  const std::string found = call_key(*call);
  if (found != key) return edited(file, found);
  return call;
}

RecordedCall ReplyDir::as_kept(RecordedCall call) const {
  if (limits_) return call;
  call.endpoint.clear();
  call.run.clear();
  return call;
}

Result<std::optional<RecordedCall>> ReplyDir::find(const std::string& key) const {
  if (!files_.exists(key)) return std::optional<RecordedCall>();
  if (const auto age = files_.age(key); limits_ && age && *age > limits_->age_max) return std::optional<RecordedCall>();
  TRY(RecordedCall call, read(key));
  return std::optional<RecordedCall>(std::move(call));
}

Result<std::optional<RecordedCall>> ReplyDir::find(const RecordedCall& asked) { return find(call_key(as_kept(asked))); }

Result<> ReplyDir::keep(const RecordedCall& given) {
  if (given.request.messages.empty()) return Error::bug("a model call without a message was kept");
  const RecordedCall call = as_kept(given);
  const std::string key = call_key(call);
  if (const auto there = find(key); there && *there) return files_.confirm(key);
  TRY(const std::string text, text_of(key, call));
  TRY_VOID(files_.write(key, text));
  if (limits_) files_.prune_beside(key, limits_->age_max, limits_->folder_files_max);
  return {};
}

Result<> ReplyDir::forget(const RecordedCall& asked) { return limits_ ? files_.remove(call_key(asked)) : Result<>(); }

Result<std::vector<RecordedCall>> ReplyDir::all(int limit) {
  TRY(std::vector<std::string> keys, files_.hashes());
  keys.resize(std::min(keys.size(), static_cast<std::size_t>(std::max(limit, 0))));
  std::vector<RecordedCall> calls;
  calls.reserve(keys.size());
  for (const std::string& key : keys) {
    TRY(RecordedCall call, read(key));
    calls.push_back(std::move(call));
  }
  return calls;
}

}  // namespace sluice
