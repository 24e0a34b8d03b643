#include "connectors/google_chat/wire.h"

#include <algorithm>

#include "base/text.h"
#include "base/time.h"

namespace sluice::google_chat {
namespace {

constexpr std::string_view kPrefix = "sluice_", kField = "feedback_";
constexpr int kDepthMax = 40;
constexpr std::size_t kButtonsMax = 20, kIdMax = 40, kWordsMax = 3'000, kCardsBytes = 28'000;
constexpr const char *kClicked = "clicked", *kAsked = "asked";

Error not_understood(const std::string& what) {
  return {ErrorKind::input, "E1406", "what came from Google Chat is not understood: " + what, "compare the app's settings with docs/chat.md", 0};
}

/// Whole characters, at most so many bytes.
std::string_view beginning(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80U) --most;
  return text.substr(0, most);
}

Json paragraph(const ChatPart& part) {
  std::string text = escaped(beginning(part.text, kTextMax));
  if (part.text.size() > kTextMax) text += part.decides ? "\n… cut: a decision needs all of it, on the page" : "\n… cut: the rest is on the page";
  return Json::object().set("textParagraph", Json::object().set("text", std::move(text)));
}

Json parameter(const char* key, std::string value) { return Json::object().set("key", key).set("value", std::move(value)); }

Json button(const ChatCard& card, const ChatButton& of) {
  Json parameters = Json::array();
  parameters.push(parameter("a", card.approval)).push(parameter("h", card.subject_hash));
  if (of.number > 0) parameters.push(parameter("n", std::to_string(of.number)));
  Json action = Json::object().set("function", std::string(kPrefix) + std::string(enum_name(of.act))).set("parameters", std::move(parameters));
  return Json::object().set("text", std::string(beginning(of.label, kButtonTextMax))).set("onClick", Json::object().set("action", std::move(action)));
}

Json input_field(const ChatCard& card) {
  return Json::object().set("textInput", Json::object()
                                             .set("label", "To refine: what should be different?")
                                             .set("type", "MULTIPLE_LINE")
                                             .set("name", std::string(kField) + card.approval));
}

/// RFC 3339 with any number of digits of a second.
std::optional<std::int64_t> seconds_of(std::string_view time) {
  std::string whole(time.substr(0, time.find('.')));
  if (!whole.ends_with('Z')) whole += 'Z';
  if (time.size() < whole.size() || !time.ends_with('Z')) return std::nullopt;
  constexpr std::int64_t kMs = 1'000;
  const auto at = parse_moment(whole, 0);
  return at ? std::optional(*at / kMs) : std::nullopt;
}

Result<ChatClick> person_of(const Json& event, const char* kind) {
  const Json& user = event["user"];
  const std::string_view name = user.text("name");
  constexpr std::string_view kUsers = "users/";
  const std::string_view id = name.starts_with(kUsers) ? name.substr(kUsers.size()) : std::string_view();
  const bool is_id = !id.empty() && id.size() <= kIdMax && id.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_id || user.text("type") != "HUMAN") return not_understood("it does not say which person");
  return ChatClick{.person = "google:" + std::string(id),
                   .address = to_lower(user.text("email")),
                   .reply_to = Json::object().set("user", name).set("kind", kind).dump()};
}

std::string parameter_of(const Json& event, std::string_view key) {
  if (const auto* map = event["common"]["parameters"].as_object(); map != nullptr && event["common"]["parameters"].find(key) != nullptr)
    return std::string(event["common"]["parameters"].text(key));
  if (const auto* list = event["action"]["parameters"].as_array())
    for (const Json& one : *list)
      if (one.text("key") == key) return std::string(one.text("value"));
  return "";
}

Result<ChatReceived> read_click(const Json& event) {
  TRY(ChatClick click, person_of(event, kClicked));
  std::string_view function = event["common"].text("invokedFunction");
  if (function.empty()) function = event["action"].text("actionMethodName");
  if (!function.starts_with(kPrefix)) return not_understood("a button that is none of Sluice's");
  const auto act = decode<ChatAct>(Json(function.substr(kPrefix.size())));
  if (!act || *act == ChatAct::list) return not_understood("a button that is none of Sluice's");
  click.act = *act;
  click.approval = parameter_of(event, "a");
  click.subject_hash = parameter_of(event, "h");
  if (click.approval.empty() || click.subject_hash.empty()) return not_understood("a button without an approval");
  constexpr int kDigitsMax = 4;
  for (const char digit : parameter_of(event, "n").substr(0, kDigitsMax))
    click.number = digit >= '0' && digit <= '9' ? click.number * 10 + (digit - '0') : -1;
  const auto* words = event["common"]["formInputs"][std::string(kField) + click.approval]["stringInputs"]["value"].as_array();
  if (click.act == ChatAct::refine && words != nullptr && !words->empty() && words->front().as_string() != nullptr)
    if (const std::string_view said = trim(*words->front().as_string()); !said.empty()) click.words = std::string(beginning(said, kWordsMax));
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

Json card(const ChatCard& of, Buttons buttons) {
  Json sections = Json::array();
  std::size_t bytes = 0;
  bool whole = true, cut = false;
  for (const ChatPart& part : of.parts) {
    Json section = Json::object();
    if (!part.heading.empty()) section.set("header", escaped(part.heading));
    section.set("widgets", Json::array().push(paragraph(part)));
    bytes += section.dump_text().size();
    cut = cut || bytes > kCardsBytes;
    whole = whole && (!part.decides || (!cut && part.text.size() <= kTextMax));
    if (!cut) sections.push(std::move(section));
  }
  if (cut) sections.push(Json::object().set("widgets", Json::array().push(paragraph({.text = "… cut: the rest is on the page"}))));
  Json list = Json::array();
  const bool decides = whole && buttons == Buttons::all && !of.buttons.empty();
  if (decides)
    for (const ChatButton& one : of.buttons)
      if (list.size() < kButtonsMax) list.push(button(of, one));
  if (!of.link.empty())
    list.push(Json::object().set("text", "Open the page").set("onClick", Json::object().set("openLink", Json::object().set("url", of.link))));
  Json widgets = Json::array();
  if (decides) widgets.push(input_field(of));
  if (list.size() > 0) widgets.push(Json::object().set("buttonList", Json::object().set("buttons", std::move(list))));
  if (widgets.size() > 0) sections.push(Json::object().set("widgets", std::move(widgets)));
  Json inner = Json::object().set("header", Json::object().set("title", std::string(beginning(of.title, kTitleMax))).set("subtitle", "Sluice"));
  return Json::object().set("cardId", of.key).set("card", inner.set("sections", std::move(sections)));
}

Json webhook_message(const ChatCard& of) {
  return Json::object()
      .set("fallbackText", std::string(beginning(of.title, kTitleMax)))
      .set("cardsV2", Json::array().push(card(of, Buttons::links)))
      .set("thread", Json::object().set("threadKey", of.key));
}

Json answer(const ChatClick& click, const ChatOutcome& outcome) {
  const auto reply = Json::parse(click.reply_to, kDepthMax);
  const bool clicked = reply && reply->text("kind") == kClicked;
  Json out = Json::object();
  const Json viewer = Json::object().set("name", reply ? reply->text("user") : "");
  if (clicked && !outcome.cards.empty()) {
    out.set("actionResponse", Json::object().set("type", "UPDATE_MESSAGE"));
  } else {
    out.set("actionResponse", Json::object().set("type", "NEW_MESSAGE")).set("privateMessageViewer", viewer);
  }
  if (!outcome.words.empty()) out.set("text", std::string(beginning(outcome.words, kTextMax)));
  Json cards = Json::array();
  std::size_t bytes = 0;
  std::size_t left_out = 0;
  for (const ChatCard& one : outcome.cards) {
    Json made = card(one, Buttons::all);
    bytes += made.dump_text().size();
    if (bytes <= kMessageMax - kTextMax)
      cards.push(std::move(made));
    else
      ++left_out;
  }
  if (left_out > 0) out.set("text", std::to_string(left_out) + " more do not fit here: they are on the page");
  if (cards.size() > 0) out.set("cardsV2", std::move(cards));
  return out;
}

Result<Event> read_event(std::string_view body) {
  const auto parsed = Json::parse(body, kDepthMax);
  if (!parsed || parsed->as_object() == nullptr) return not_understood("it is no JSON");
  const auto at = seconds_of(parsed->text("eventTime"));
  if (!at) return not_understood("it does not say when it was");
  Event event{.at = *at};
  const std::string_view type = parsed->text("type");
  if (type == "CARD_CLICKED") {
    TRY(event.received, read_click(*parsed));
  } else if (type == "MESSAGE") {
    TRY(ChatClick click, person_of(*parsed, kAsked));
    click.act = ChatAct::list;
    event.received.click = std::move(click);
  } else if (type == "ADDED_TO_SPACE") {
    event.received.answer = Json::object().set("text", "Write to me, and I show you what waits for a decision of yours.").dump_text();
  } else {
    event.received.answer = "{}";
  }
  return event;
}

}  // namespace sluice::google_chat
