#include "connectors/google_chat/client.h"

#include "base/hash.h"
#include "base/seen.h"
#include "base/text.h"
#include "connectors/google_chat/wire.h"
#include "net/jwks_cache.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kRequestTime{10}, kKeysTime{5};
constexpr std::int64_t kWindowSeconds = 300;
constexpr std::size_t kSeenMax = 20'000;
// https://developers.google.com/workspace/chat/verify-requests-from-chat
constexpr const char* kIssuer = "chat@system.gserviceaccount.com";                            // pragma: allowlist secret
constexpr const char* kInThread = "messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD";  // pragma: allowlist secret

class GoogleChat final : public Channel {
 public:
  GoogleChat(GoogleChatOptions options, HttpClient& http)
      : options_(std::move(options)), http_(http), keys_(http, {.url = options_.keys_url, .route = options_.route}) {}

  std::string name() const override { return "google_chat"; }
  std::string path() const override { return "google"; }
  bool sends() const override { return bool(options_.webhook); }
  bool answers_at_once() const override { return true; }
  std::string answer(const ChatClick& click, const ChatOutcome& outcome) override { return google_chat::answer(click, outcome).dump_text(); }

  Result<std::string> send(const ChatCard& card, const Call& call) override {
    if (!options_.webhook) return Error::bug("a message for Google Chat, and no webhook");
    TRY(std::string url, options_.webhook());
    TRY_VOID(check_trustworthy_url(url));
    url += (url.find('?') == std::string::npos ? "?" : "&") + std::string(kInThread);
    HttpRequest request{.url = std::move(url), .headers = {{"content-type", "application/json; charset=UTF-8"}}};
    request.body = google_chat::webhook_message(card).dump_text();
    HttpJob job{.request = std::move(request), .route = options_.route, .retry = {.attempts_max = 1}, .timeout = kRequestTime};
    auto answers = http_.perform({&job, 1}, call);
    if (!answers.front()) return std::move(answers.front()).error();
    return Json::object().set("thread", card.key).dump();
  }
  /// A webhook cannot change what it sent: the same thread is told.
  Result<std::string> update(const std::string& ref, const ChatCard& card, const Call& call) override {
    TRY_VOID(send(card, call));
    return ref;
  }
  Result<std::optional<std::string>> find(const std::string& /*key*/, const std::string& /*connection*/, std::int64_t /*since_ms*/,
                                          const Call& /*call*/) override {
    return Error{ErrorKind::refused, "E1410", "a webhook cannot read what is in the space", "look into the space", 0};
  }

  Result<ChatReceived> receive(const ChatRequest& request) override {
    constexpr std::string_view kBearer = "bearer ";
    const std::string_view given = request.header("authorization");
    if (options_.audience.empty() || !equals_ignoring_case(given.substr(0, kBearer.size()), kBearer))
      return Error{ErrorKind::forbidden, "E1401", "the request is not signed by Google Chat", "set chat.google_chat.audience to the project's number",
                   0};
    const std::int64_t now = options_.now();
    const JwtRules rules{.issuers = {kIssuer},
                         .audience = options_.audience,
                         .algorithms = {JwtAlgorithm::rs256},
                         .now = std::chrono::sys_seconds(std::chrono::seconds(now))};
    TRY_VOID(keys_.verify(trim(given.substr(kBearer.size())), rules, Call{std::chrono::steady_clock::now() + kKeysTime, {}}));
    TRY(google_chat::Event event, google_chat::read_event(request.body));
    if (event.at < now - kWindowSeconds || event.at > now + kWindowSeconds)
      return Error{ErrorKind::forbidden, "E1402", "the request is of another time than the last five minutes",
                   "compare this machine's clock; where that is right, somebody sent an old request again", 0};
    switch (seen_.look(sha256_hex(request.body), now, event.at + kWindowSeconds)) {
      case Seen::Look::first: return std::move(event.received);
      case Seen::Look::again:
        return Error{ErrorKind::forbidden, "E1403", "the request was here before, and counts once", "nothing has to be done", 0};
      case Seen::Look::full: break;
    }
    return Error{ErrorKind::transient, "E1405", "more came from the chat within minutes than can be remembered", "try again in a few minutes",
                 60'000};
  }

  Result<> tell(const ChatClick& /*click*/, const std::string& /*words*/, const Call& /*call*/) override {
    return Error::bug("in Google Chat people are answered at once");
  }
  Result<> ask_for_words(const ChatClick& /*click*/, const std::string& /*title*/, const Call& /*call*/) override {
    return Error{ErrorKind::input, "E1404", "what should be different was not said", "write it into the field above the buttons, then press Refine",
                 0};
  }

  Result<std::string> principal(const ChatClick& click, const Call& /*call*/) override {
    if (!options_.people_by_email) return click.person;
    if (!click.address.empty()) return click.address;
    return Error{ErrorKind::forbidden, "E1407", click.person + " is nobody here: Google Chat tells no e-mail address of theirs",
                 "grant the id itself (`who: \"" + click.person + "\"`, without `people: email`)", 0};
  }

 private:
  const GoogleChatOptions options_;
  HttpClient& http_;
  JwksCache keys_;
  Seen seen_{kSeenMax};
};

}  // namespace

Result<std::unique_ptr<Channel>> make_google_chat(GoogleChatOptions options, HttpClient& http) {
  TRY_VOID(check_trustworthy_url(options.keys_url));
  return std::unique_ptr<Channel>(std::make_unique<GoogleChat>(std::move(options), http));
}

}  // namespace sluice
