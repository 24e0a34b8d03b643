#include "connectors/slack/client.h"

#include <array>
#include <mutex>

#include "base/text.h"
#include "connectors/slack/signature.h"
#include "connectors/slack/wire.h"
#include "net/jwks_cache.h"
#include "net/origin.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kRequestTime{10};
constexpr std::size_t kAnswerMax = 4 * 1024 * 1024;
constexpr int kDepthMax = 60;
constexpr int kHistoryMax = 200;  // messages that are looked through for one that may be there
constexpr int kHistoryPages = 5;
constexpr std::int64_t kClocksMs = 60'000;  // by which Slack's clock may be behind
constexpr std::size_t kPeopleMax = 10'000;
constexpr std::chrono::minutes kPersonKept{5};
constexpr std::string_view kReplyOrigin = "https://hooks.slack.com:443";

class Slack final : public Channel {
 public:
  Slack(SlackOptions options, HttpClient& http, std::string api_origin)
      : options_(std::move(options)), http_(http), api_origin_(std::move(api_origin)), signatures_(options_.now) {}

  std::string name() const override { return "slack"; }
  std::string path() const override { return "slack"; }
  bool sends() const override { return true; }
  bool answers_at_once() const override { return false; }
  std::string answer(const ChatClick& /*click*/, const ChatOutcome& /*outcome*/) override { return ""; }

  Result<std::string> send(const ChatCard& card, const Call& call) override {
    TRY(const Json answer, method("chat.postMessage", slack::post_arguments(card, channel_of(card.connection)), call));
    if (answer.text("ts").empty())
      return Error{ErrorKind::input, "E1412", "Slack did not say which message it made of this", "look into the channel", 0};
    return slack::ref_of(answer);
  }

  Result<std::string> update(const std::string& ref, const ChatCard& card, const Call& call) override {
    TRY(const Json arguments, slack::update_arguments(card, ref));
    const auto updated = method("chat.update", arguments, call);
    // Somebody deleted it: there is nothing left to change.
    if (!updated && updated.error().message.ends_with(": message_not_found")) return ref;
    if (!updated) return updated.error();
    return ref;
  }

  Result<std::optional<std::string>> find(const std::string& key, const std::string& connection, std::int64_t since_ms, const Call& call) override {
    constexpr std::int64_t kMs = 1'000;
    const std::string& channel = channel_of(connection);
    Json arguments = Json::object().set("channel", channel).set("limit", kHistoryMax).set("include_all_metadata", true);
    arguments.set("oldest", std::to_string((since_ms - kClocksMs) / kMs));
    for (int page = 0; page < kHistoryPages; ++page) {
      TRY(const Json history, method("conversations.history", arguments, call));
      if (auto found = slack::find_key(history, key, channel)) return found;
      const std::string_view next = history["response_metadata"].text("next_cursor");
      if (next.empty()) break;
      arguments.set("cursor", next);
    }
    return std::optional<std::string>();
  }

  Result<ChatReceived> receive(const ChatRequest& request) override {
    TRY(const std::string secret, options_.signing_secret());
    TRY_VOID(signatures_.check(secret, request.header("x-slack-request-timestamp"), request.header("x-slack-signature"), request.body));
    return slack::read_interaction(request.body);
  }

  Result<> tell(const ChatClick& click, const std::string& words, const Call& call) override {
    TRY(const Json reply, Json::parse(click.reply_to, kDepthMax));
    const std::string text = slack::escaped(words);
    const std::string url(reply.text("url"));
    if (!url.empty()) {
      TRY_VOID(check_reply_url(url));
      const Json message = Json::object().set("response_type", "ephemeral").set("replace_original", false).set("text", text);
      HttpRequest request{.url = url, .headers = {{"content-type", "application/json; charset=utf-8"}}, .body = message.dump_text()};
      TRY_VOID(ask(std::move(request), judge_status, call));
      return {};
    }
    if (reply.text("channel").empty()) return Error{ErrorKind::input, "E1412", "Slack did not say where to answer", "look at the page", 0};
    TRY_VOID(
        method("chat.postEphemeral", Json::object().set("channel", reply.text("channel")).set("user", reply.text("user")).set("text", text), call));
    return {};
  }

  Result<> ask_for_words(const ChatClick& click, const std::string& title, const Call& call) override {
    TRY_VOID(method("views.open", slack::form_arguments(click, title), call));
    return {};
  }

  Result<std::string> principal(const ChatClick& click, const Call& call) override {
    if (!options_.people_by_email) return click.person;
    const auto now = std::chrono::steady_clock::now();
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = people_.find(click.person); known != people_.end() && now < known->second.until) return known->second.email;
    }
    TRY(std::string email, email_of(click, call));
    const std::lock_guard lock(mutex_);
    if (people_.size() >= kPeopleMax) people_.clear();
    people_[click.person] = {email, now + kPersonKept};
    return email;
  }

 private:
  struct Person {
    std::string email{};
    std::chrono::steady_clock::time_point until{};
  };

  const std::string& channel_of(const std::string& connection) const {
    const auto own = options_.channels.find(connection);
    return own == options_.channels.end() ? options_.channel : own->second;
  }

  /// One attempt: whoever asks for more keeps count of them.
  Result<HttpResponse> ask(HttpRequest request, std::function<std::optional<Error>(const HttpResponse&)> judge, const Call& call) {
    HttpJob job{.request = std::move(request), .route = options_.route, .retry = {.attempts_max = 1}, .timeout = kRequestTime};
    job.route.response_bytes_max = kAnswerMax;
    job.judge = std::move(judge);
    auto answers = http_.perform({&job, 1}, call);
    return std::move(answers.front());
  }

  Result<Json> method(const std::string& name, const Json& arguments, const Call& call) {
    TRY(const std::string token, options_.bot_token());
    const bool reads = name == "conversations.history" || name == "users.info";
    HttpRequest request{.url = options_.api_url + "/" + name, .headers = {{"authorization", "Bearer " + token}}};
    // What reads takes no JSON: https://docs.slack.dev/apis/web-api/
    request.headers.push_back({"content-type", reads ? "application/x-www-form-urlencoded" : "application/json; charset=utf-8"});
    request.body = reads ? form_of(arguments) : arguments.dump_text();
    TRY(const HttpResponse answer, ask(std::move(request), slack::failure_of, call));
    return Json::parse(answer.body, kDepthMax);
  }

  static std::string form_of(const Json& arguments) {
    std::string out;
    for (const auto& [name, value] : *arguments.as_object()) {
      const std::string text = value.as_string() != nullptr ? *value.as_string() : value.dump_text();
      out += (out.empty() ? "" : "&") + name + "=";
      for (const char c : text) {
        const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
        constexpr std::string_view kHex = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        if (plain)
          out += c;
        else
          out += std::string("%") + kHex[byte / 16U] + kHex[byte % 16U];
      }
    }
    return out;
  }

  /// The address that somebody is to be answered at comes with what they did: it has to be Slack's all the same.
  Result<> check_reply_url(const std::string& url) const {
    TRY(const HttpOrigin origin, origin_of(url));
    if (origin.text() == kReplyOrigin || origin.text() == api_origin_) return {};
    return Error{ErrorKind::forbidden, "E1406", "what came from Slack wants its answer at another place than Slack", "nothing was sent there", 0};
  }

  Result<std::string> email_of(const ChatClick& click, const Call& call) {
    const auto nobody = [&](const std::string& why) {
      return Error{ErrorKind::forbidden, "E1407", click.person + " is nobody here: " + why,
                   "grant the id itself (`who: \"" + click.person + "\"`, without `people: email`), or mend the profile in Slack", 0};
    };
    const std::size_t slash = click.person.find('/');
    const std::size_t colon = click.person.find(':');
    TRY(const Json answer, method("users.info", Json::object().set("user", click.person.substr(slash + 1)), call));
    const Json& user = answer["user"];
    if (user.text("team_id") != click.person.substr(colon + 1, slash - colon - 1)) return nobody("Slack knows them in another workspace");
    for (const char* flag : {"deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"})
      if (user.flag(flag)) return nobody(std::string("Slack says ") + flag);
    if (const bool* confirmed = user["is_email_confirmed"].as_bool(); confirmed != nullptr && !*confirmed)
      return nobody("the address is not confirmed");
    std::string email = to_lower(user["profile"].text("email"));
    if (email.find('@') == std::string::npos) return nobody("Slack tells no e-mail address of theirs (the scope users:read.email)");
    return email;
  }

  const SlackOptions options_;
  HttpClient& http_;
  const std::string api_origin_;
  slack::SignatureCheck signatures_;
  std::mutex mutex_{};  // guards what follows
  std::map<std::string, Person> people_{};
};

}  // namespace

Result<std::unique_ptr<Channel>> make_slack(SlackOptions options, HttpClient& http) {
  TRY_VOID(check_trustworthy_url(options.api_url));
  TRY(const HttpOrigin origin, origin_of(options.api_url));
  return std::unique_ptr<Channel>(std::make_unique<Slack>(std::move(options), http, origin.text()));
}

}  // namespace sluice
