#include "connectors/slack/wire.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace sluice::slack {
namespace {

constexpr const char* kPrefix = "sluice_";
constexpr const char* kOpenAction = "sluice_open";
constexpr const char* kForm = "sluice_refine";
constexpr const char* kInput = "feedback";
constexpr const char* kEventType = "sluice_message";
constexpr std::string_view kFence = "```";
constexpr std::string_view kCut = "…";
constexpr int kPayloadDepthMax = 40;
constexpr std::size_t kIdMax = 200;

Json plain(const std::string& text) { return Json::object().set("type", "plain_text").set("text", text).set("emoji", false); }
Json marked(const std::string& text) { return Json::object().set("type", "mrkdwn").set("text", text).set("verbatim", true); }

/// The longest beginning of whole characters that, escaped, is at most so long.
std::string_view beginning(std::string_view text, std::size_t most) {
  std::size_t used = 0, at = 0;
  while (at < text.size()) {
    std::size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xc0U) == 0x80U) ++next;
    used += length_of(escaped(text.substr(at, next - at)));
    if (used > most) break;
    at = next;
  }
  return text.substr(0, at);
}

/// Escaped, and cut with a mark where it is too long.
std::string fitted(std::string_view text, std::size_t most) {
  std::string whole = escaped(text);
  if (length_of(whole) <= most) return whole;
  return escaped(beginning(text, most - 1)) + std::string(kCut);
}

bool fits_as_code(std::string_view text) {
  constexpr std::size_t kFences = 8;
  return text.find(kFence) == std::string_view::npos && length_of(escaped(text)) + kFences <= kSectionMax;
}

std::string headed(const ChatPart& part) { return part.heading.empty() ? "" : part.heading + "\n"; }

/// Words are plain text: a column's name makes nothing bold, and names no channel.
Json text_block(const ChatPart& part) {
  constexpr std::string_view kMore = "\n… cut: the rest is on the page";
  const std::string text = headed(part) + part.text;
  std::string shown = escaped(text);
  if (length_of(shown) > kSectionMax) shown = escaped(beginning(text, kSectionMax - length_of(kMore))) + std::string(kMore);
  return Json::object().set("type", "section").set("text", plain(shown));
}

void add_code(Json& blocks, const ChatPart& part) {
  if (!part.heading.empty()) blocks.push(Json::object().set("type", "section").set("text", plain(escaped(part.heading))));
  if (fits_as_code(part.text)) {
    blocks.push(Json::object().set("type", "section").set("text", marked("```\n" + escaped(part.text) + "\n```")));
    return;
  }
  // What would end the block early cannot be shown in one.
  const std::string_view until_fence = std::string_view(part.text).substr(0, part.text.find(kFence));
  constexpr std::size_t kShown = 2'000;
  const std::string_view shown = beginning(until_fence, kShown);
  if (!trim(shown).empty()) blocks.push(Json::object().set("type", "section").set("text", marked("```\n" + escaped(shown) + "\n```")));
  const std::string what = part.decides ? " This is cut: a decision needs all of it, on the page." : " This is cut.";
  const std::string size = "Shown are " + with_thousands(static_cast<std::int64_t>(shown.size())) + " of " +
                           counted(static_cast<std::int64_t>(part.text.size()), "byte") + ".";
  blocks.push(Json::object().set("type", "section").set("text", plain(size + what)));
}

Json button(const ChatCard& card, const ChatButton& of) {
  Json value = Json::object().set("a", card.approval).set("h", card.subject_hash);
  if (of.number > 0) value.set("n", of.number);
  Json out = Json::object()
                 .set("type", "button")
                 .set("action_id", kPrefix + std::string(enum_name(of.act)) + (of.number > 0 ? "_" + std::to_string(of.number) : ""))
                 .set("text", plain(fitted(of.label, kButtonTextMax)))
                 .set("value", value.dump());
  if (of.act == ChatAct::approve) out.set("style", "primary");
  if (of.act == ChatAct::reject) out.set("style", "danger");
  return out;
}

Json actions(const ChatCard& card, bool may_decide) {
  Json elements = Json::array();
  if (may_decide)
    for (const ChatButton& of : card.buttons)
      if (elements.size() + 1 < kButtonsMax) elements.push(button(card, of));
  if (!card.link.empty() && card.link.size() <= kUrlMax)
    elements.push(Json::object().set("type", "button").set("action_id", kOpenAction).set("text", plain("Open the page")).set("url", card.link));
  return elements;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// application/x-www-form-urlencoded; nothing where it is broken.
std::optional<std::string> form_decoded(std::string_view text) {
  std::string out;
  for (std::size_t n = 0; n < text.size(); ++n) {
    if (text[n] != '%') {
      out += text[n] == '+' ? ' ' : text[n];
      continue;
    }
    const int high = n + 2 < text.size() ? hex_digit(text[n + 1]) : -1, low = n + 2 < text.size() ? hex_digit(text[n + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    n += 2;
  }
  return out;
}

Error not_understood(const std::string& what) {
  return {ErrorKind::input, "E1406", "what came from Slack is not understood: " + what, "compare the app's settings with docs/chat.md", 0};
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kIdMax &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

/// Who: of the workspace that they belong to, which need not be the one that the channel is in.
Result<std::string> person_of(const Json& payload) {
  const Json& user = payload["user"];
  std::string_view team = user.text("team_id");
  if (team.empty()) team = payload["team"].text("id");
  if (!is_id(team) || !is_id(user.text("id"))) return not_understood("it does not say who");
  return "slack:" + std::string(team) + "/" + std::string(user.text("id"));
}

Result<ChatClick> click_of(std::string_view value) {
  auto parsed = Json::parse(value, kPayloadDepthMax);
  if (!parsed || parsed->text("a").empty() || parsed->text("h").empty()) return not_understood("a button without an approval");
  return ChatClick{.approval = std::string(parsed->text("a")), .subject_hash = std::string(parsed->text("h")), .number = parsed->integer("n")};
}

Result<ChatReceived> read_buttons(const Json& payload) {
  const auto* pressed = payload["actions"].as_array();
  if (pressed == nullptr || pressed->size() != 1) return not_understood("one button at a time can be pressed");
  std::string_view id = pressed->front().text("action_id");
  if (id == kOpenAction) return ChatReceived{};  // Slack tells that a link was followed
  if (!id.starts_with(kPrefix)) return not_understood("a button that is none of Sluice's");
  id.remove_prefix(std::string_view(kPrefix).size());
  id = id.substr(0, id.find('_'));
  const auto act = decode<ChatAct>(Json(id));
  if (!act || *act == ChatAct::list) return not_understood("a button that is none of Sluice's");
  TRY(ChatClick click, click_of(pressed->front().text("value")));
  click.act = *act;
  TRY(click.person, person_of(payload));
  Json reply = Json::object().set("url", payload.text("response_url")).set("trigger", payload.text("trigger_id"));
  reply.set("user", payload["user"].text("id")).set("channel", payload["channel"].text("id"));
  click.reply_to = reply.dump();
  return ChatReceived{.click = std::move(click)};
}

Result<ChatReceived> read_form(const Json& payload) {
  const Json& view = payload["view"];
  if (view.text("callback_id") != kForm) return not_understood("a form that is none of Sluice's");
  TRY(ChatClick click, click_of(view.text("private_metadata")));
  click.act = ChatAct::refine;
  click.words = std::string(trim(view["state"]["values"][kInput][kInput].text("value")));
  if (click.words->empty())
    return ChatReceived{
        .answer =
            Json::object().set("response_action", "errors").set("errors", Json::object().set(kInput, "Say what should be different.")).dump_text()};
  TRY(click.person, person_of(payload));
  auto metadata = Json::parse(view.text("private_metadata"), kPayloadDepthMax);
  click.reply_to = Json::object().set("user", payload["user"].text("id")).set("channel", metadata ? metadata->text("c") : "").dump();
  return ChatReceived{.click = std::move(click)};
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

std::size_t length_of(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0U) != 0x80U) ++units;  // the beginning of a character
    if (byte >= 0xf0U) ++units;            // one of two units
  }
  return units;
}

Json message(const ChatCard& card) {
  Json blocks = Json::array();
  blocks.push(Json::object().set("type", "header").set("text", plain(fitted(card.title, kHeaderMax))));
  constexpr std::size_t kKept = 5;  // for buttons, the word that something is missing, and the blocks of one part
  bool cut = false, whole = true;
  for (const ChatPart& part : card.parts) {
    cut = cut || blocks.size() + kKept > kBlocksMax;
    if (part.decides && (cut || !fits_as_code(part.text))) whole = false;
    if (cut) continue;
    if (part.code)
      add_code(blocks, part);
    else
      blocks.push(text_block(part));
  }
  const Json elements = actions(card, whole);
  if (cut) blocks.push(text_block({.text = "… cut: the rest is on the page"}));
  if (elements.size() > 0) blocks.push(Json::object().set("type", "actions").set("elements", elements));
  return Json::object().set("text", fitted(card.title, kFallbackMax)).set("blocks", std::move(blocks)).set("mrkdwn", false);
}

Json post_arguments(const ChatCard& card, const std::string& channel) {
  Json metadata = Json::object().set("event_type", kEventType).set("event_payload", Json::object().set("key", card.key));
  return message(card).set("channel", channel).set("unfurl_links", false).set("unfurl_media", false).set("metadata", std::move(metadata));
}

Result<Json> update_arguments(const ChatCard& card, const std::string& ref) {
  TRY(const Json of, Json::parse(ref, kPayloadDepthMax));
  return message(card).set("channel", of.text("channel")).set("ts", of.text("ts"));
}

Json form_arguments(const ChatClick& click, const std::string& title) {
  const auto reply = Json::parse(click.reply_to, kPayloadDepthMax);
  const Json metadata = Json::object().set("a", click.approval).set("h", click.subject_hash).set("c", reply ? reply->text("channel") : "");
  Json input = Json::object()
                   .set("type", "input")
                   .set("block_id", kInput)
                   .set("label", plain("What should be different?"))
                   .set("element", Json::object()
                                       .set("type", "plain_text_input")
                                       .set("action_id", kInput)
                                       .set("multiline", true)
                                       .set("max_length", std::int64_t{kInputMax}));
  Json blocks = Json::array();
  blocks.push(text_block({.text = title})).push(std::move(input));
  Json view = Json::object()
                  .set("type", "modal")
                  .set("callback_id", kForm)
                  .set("private_metadata", metadata.dump())
                  .set("title", plain("Refine"))
                  .set("submit", plain("Send back"))
                  .set("close", plain("Cancel"))
                  .set("blocks", std::move(blocks));
  return Json::object().set("trigger_id", reply ? reply->text("trigger") : "").set("view", std::move(view));
}

std::string ref_of(const Json& answer) { return Json::object().set("channel", answer.text("channel")).set("ts", answer.text("ts")).dump(); }

std::optional<std::string> find_key(const Json& history, const std::string& key, const std::string& channel) {
  const auto* messages = history["messages"].as_array();
  if (messages == nullptr) return std::nullopt;
  for (const Json& one : *messages) {
    const Json& metadata = one["metadata"];
    if (metadata.text("event_type") == kEventType && metadata["event_payload"].text("key") == key)
      return Json::object().set("channel", channel).set("ts", one.text("ts")).dump();
  }
  return std::nullopt;
}

std::optional<Error> failure_of(const HttpResponse& response) {
  if (auto failure = judge_status(response)) return failure;
  const auto answer = Json::parse(response.body, kPayloadDepthMax);
  if (!answer || answer->as_object() == nullptr)
    return Error{ErrorKind::transient, "E1411", "what Slack answered is no JSON", "it is tried again; a proxy may be in between", 0};
  if (answer->flag("ok")) return std::nullopt;
  const std::string why = clipped(show_hidden(answer->text("error"), false), 60);
  static constexpr std::array<std::string_view, 6> kPassing{"ratelimited", "rate_limited",        "internal_error",
                                                            "fatal_error", "service_unavailable", "request_timeout"};
  static constexpr std::array<std::string_view, 8> kSetUp{"invalid_auth",  "not_authed",    "account_inactive",  "token_revoked",
                                                          "missing_scope", "token_expired", "channel_not_found", "not_in_channel"};
  if (std::ranges::find(kPassing, why) != kPassing.end())
    return Error{ErrorKind::transient, "E1411", "Slack could not do it just now: " + why, "it is tried again", retry_after_ms(response)};
  if (std::ranges::find(kSetUp, why) != kSetUp.end()) {
    const std::string needed = clipped(show_hidden(answer->text("needed"), false), 60);
    return Error{ErrorKind::forbidden, "E1410", "Slack does not let the app do that: " + why + (needed.empty() ? "" : ", it needs " + needed),
                 "compare token, scopes and channel with docs/chat.md; the app has to be a member of the channel", 0};
  }
  return Error{ErrorKind::input, "E1412", "Slack refused the message: " + why, "look at the approval on the page or in a terminal", 0};
}

Result<ChatReceived> read_interaction(std::string_view body) {
  std::optional<std::string> text;
  for (const std::string_view field : split(body, '&'))
    if (field.starts_with("payload=")) {
      if (text) return not_understood("two payloads");
      text = form_decoded(field.substr(std::string_view("payload=").size()));
      if (!text) return not_understood("its encoding is broken");
    }
  if (!text) return not_understood("there is no payload");
  const auto payload = Json::parse(*text, kPayloadDepthMax);
  if (!payload || payload->as_object() == nullptr) return not_understood("its payload is no JSON");
  const std::string_view type = payload->text("type");
  if (type == "block_actions") return read_buttons(*payload);
  if (type == "view_submission") return read_form(*payload);
  if (type == "view_closed") return ChatReceived{};
  return not_understood("an interaction of another kind");
}

}  // namespace sluice::slack
