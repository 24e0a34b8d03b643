#include "server/api_route.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace sluice {
namespace {

constexpr int kBodyDepthMax = 32;

Error wrong(std::string what, std::string hint) { return {ErrorKind::input, "E1210", std::move(what), std::move(hint), 0}; }

std::string quoted(std::string_view text) {
  constexpr int kShownMax = 80;
  return "\"" + clipped(show_hidden(text, false), kShownMax) + "\"";
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> out;
  for (const std::string_view part : split(path, '/')) out.emplace_back(part);
  return out;
}

bool is_parameter(const std::string& segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

Result<> check_text(const ApiField& field, const std::string& text) {
  if (!field.one_of.empty() && std::ranges::find(field.one_of, text) == field.one_of.end()) {
    const std::string meant = nearest(text, field.one_of);
    return wrong("\"" + field.name + "\" cannot be " + quoted(text) + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
                 "it is one of: " + join(field.one_of, ", "));
  }
  const auto size = static_cast<std::int64_t>(text.size());
  if (size > field.most)
    return wrong("\"" + field.name + "\" is " + human_bytes(size) + " long; at most " + human_bytes(field.most) + " are taken", "");
  if (size < field.least) return wrong("\"" + field.name + "\" is empty", "say what is meant: " + field.about);
  if (!is_valid_utf8(text)) return wrong("\"" + field.name + "\" is no UTF-8 text", "");
  return {};
}

Result<> check_integer(const ApiField& field, std::int64_t number) {
  if (number < field.least || number > field.most)
    return wrong("\"" + field.name + "\" cannot be " + std::to_string(number),
                 "it is a number from " + with_thousands(field.least) + " to " + with_thousands(field.most));
  return {};
}

Result<Json> value_of(const ApiField& field, const std::string& text) {
  switch (field.type) {
    case ApiField::Type::integer: {
      std::int64_t number = 0;
      const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (failure != std::errc() || end != text.data() + text.size() || text.empty())
        return wrong("\"" + field.name + "\" cannot be " + quoted(text),
                     "it is a number from " + with_thousands(field.least) + " to " + with_thousands(field.most));
      TRY_VOID(check_integer(field, number));
      return Json(number);
    }
    case ApiField::Type::boolean:
      if (text == "true" || text == "false") return Json(text == "true");
      return wrong("\"" + field.name + "\" cannot be " + quoted(text), "it is true or false");
    case ApiField::Type::text:
    case ApiField::Type::any: break;
  }
  TRY_VOID(check_text(field, text));
  return Json(text);
}

Result<> check_member(const ApiField& field, const Json& value) {
  switch (field.type) {
    case ApiField::Type::any: return {};
    case ApiField::Type::text:
      if (const std::string* text = value.as_string()) return check_text(field, *text);
      return wrong("\"" + field.name + "\" has to be a string", field.about);
    case ApiField::Type::integer:
      if (const std::int64_t* number = value.as_int()) return check_integer(field, *number);
      return wrong("\"" + field.name + "\" has to be a whole number", field.about);
    case ApiField::Type::boolean:
      if (value.as_bool() != nullptr) return {};
      return wrong("\"" + field.name + "\" has to be true or false", field.about);
  }
  return {};
}

const ApiField* find_field(const std::vector<ApiField>& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &ApiField::name);
  return found == fields.end() ? nullptr : &*found;
}

Error unknown(const std::string& what, const std::string& name, const std::vector<ApiField>& fields) {
  std::vector<std::string> names;
  for (const ApiField& field : fields) names.push_back(field.name);
  const std::string meant = nearest(name, names);
  return wrong("there is no " + what + " " + quoted(name) + " here" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
               names.empty() ? "leave it out" : "known are: " + join(names, ", "));
}

/// What is not given: refused where it has to be, else as the field says.
Result<> complete(Json& values, const std::vector<ApiField>& fields, const std::string& what) {
  for (const ApiField& field : fields) {
    if (values.find(field.name) != nullptr) continue;
    if (field.required) return wrong("the " + what + " \"" + field.name + "\" is missing", field.about);
    if (!field.otherwise.is_null()) values.set(field.name, field.otherwise);
  }
  return {};
}

}  // namespace

std::string ApiCall::at(const std::string& name) const {
  const auto found = path.find(name);
  return found == path.end() ? std::string() : found->second;
}

WebResponse json_response(const Json& document, int status) {
  WebResponse response{.status = status, .body = document.dump_text() + "\n"};
  response.with("Cache-Control", "no-store");
  return response;
}

int status_of(const Error& error) {
  constexpr int kUnsupportedMediaType = 415;
  if (error.code == "E1303") return 401;  // unauthorized
  if (error.code == "E1211") return kUnsupportedMediaType;
  if (error.code == "E1214") return 501;  // not implemented
  if (error.code == "E1217") return 405;  // method not allowed
  if (error.code == "E1218") return 421;  // misdirected request
  switch (error.kind) {
    case ErrorKind::input: return 400;
    case ErrorKind::not_found: return 404;
    case ErrorKind::refused:
    case ErrorKind::forbidden: return 403;
    case ErrorKind::unanswerable: return 422;
    case ErrorKind::conflict:
    case ErrorKind::stale:
    case ErrorKind::cancelled:
    case ErrorKind::drift:
    case ErrorKind::unknown_outcome: return 409;
    case ErrorKind::exhausted: return 429;
    case ErrorKind::transient:
    case ErrorKind::storage: return 503;
    case ErrorKind::timeout: return 504;
    case ErrorKind::bug: return 500;
  }
  return 500;
}

WebResponse problem(const Error& error, const std::string& request_id, const std::string& page) {
  const int status = status_of(error);
  Json document = Json::object()
                      .set("type", page + error.code)
                      .set("title", std::string(name_of(error.kind)))
                      .set("status", status)
                      .set("detail", error.message)
                      .set("code", error.code);
  if (!error.hint.empty()) document.set("hint", error.hint);
  if (!request_id.empty()) document.set("request_id", request_id);
  WebResponse response = json_response(document, status);
  response.type = "application/problem+json";
  constexpr long kMsPerSecond = 1'000;
  if (error.retry_after_ms > 0) response.with("Retry-After", std::to_string((error.retry_after_ms + kMsPerSecond - 1) / kMsPerSecond));
  return response;
}

Result<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return wrong("the address has a \"%\" that no two hexadecimal digits follow", "write a percent sign as %25");
      constexpr int kHex = 16;
      out += static_cast<char>(high * kHex + low);
      i += 2;
    }
  }
  if (!is_valid_utf8(out)) return wrong("the address is no UTF-8 text", "percent-encode the bytes of UTF-8");
  return out;
}

ApiRoutes::ApiRoutes(std::vector<ApiRoute> routes) : routes_(std::move(routes)) {
  for (const ApiRoute& route : routes_) segments_.push_back(segments_of(route.path));
}

Result<ApiRoutes::Match> ApiRoutes::find(std::string_view method, std::string_view path) const {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  const std::vector<std::string> given = segments_of(path);
  Match match;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const std::vector<std::string>& segments = segments_[i];
    const auto fits = [](const std::string& segment, const std::string& value) { return is_parameter(segment) ? !value.empty() : segment == value; };
    if (segments.size() != given.size() || !std::ranges::equal(segments, given, fits)) continue;
    match.methods.push_back(routes_[i].method);
    if (routes_[i].method != wanted || match.route != nullptr) continue;
    match.route = &routes_[i];
    for (std::size_t n = 0; n < segments.size(); ++n) {
      if (!is_parameter(segments[n])) continue;
      TRY(std::string value, percent_decoded(given[n], false));
      match.path.emplace(segments[n].substr(1, segments[n].size() - 2), std::move(value));
    }
  }
  return match;
}

Result<Json> read_query(std::string_view target, const std::vector<ApiField>& fields, bool takes_more) {
  Json out = Json::object();
  const std::size_t mark = target.find('?');
  const std::string_view query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  for (const std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    TRY(const std::string name, percent_decoded(part.substr(0, equals), true));
    TRY(const std::string text, percent_decoded(equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1), true));
    const ApiField* field = find_field(fields, name);
    if (field == nullptr && takes_more) continue;
    if (field == nullptr) return unknown("parameter", name, fields);
    if (out.find(name) != nullptr) return wrong("the parameter \"" + name + "\" is there twice", "say it once");
    TRY(Json value, value_of(*field, text));
    out.set(name, std::move(value));
  }
  TRY_VOID(complete(out, fields, "parameter"));
  return out;
}

Result<Json> read_body(const WebRequest& request, const std::vector<ApiField>& fields) {
  std::string_view type = request.header("content-type");
  type = trim(type.substr(0, type.find(';')));
  if (request.body.empty() && type.empty()) {
    Json nothing = Json::object();
    TRY_VOID(complete(nothing, fields, "member"));
    return nothing;
  }
  if (!equals_ignoring_case(type, "application/json"))
    return Error{ErrorKind::input, "E1211", "the body is said to be " + (type.empty() ? std::string("nothing") : quoted(type)) + ", not JSON",
                 "send it with the header Content-Type: application/json", 0};
  auto parsed = Json::parse(request.body, kBodyDepthMax);
  if (!parsed)
    return wrong("the body is no JSON that is taken here: " + parsed.error().message,
                 "send one JSON object, at most " + std::to_string(kBodyDepthMax) + " levels deep");
  if (parsed->as_object() == nullptr) return wrong("the body has to be a JSON object", "");
  Json out = Json::object();
  for (const auto& [name, value] : *parsed->as_object()) {
    const ApiField* field = find_field(fields, name);
    if (field == nullptr) return unknown("member", name, fields);
    if (out.find(name) != nullptr) return wrong("the member \"" + name + "\" is there twice", "say it once");
    if (value.is_null() && !field->required && field->type != ApiField::Type::any) continue;  // the same as leaving it out
    TRY_VOID(check_member(*field, value));
    out.set(name, value);
  }
  TRY_VOID(complete(out, fields, "member"));
  return out;
}

}  // namespace sluice
