#include "net/status.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>

#include "base/text.h"
#include "net/libcurl.h"
#include "net/origin.h"

namespace sluice {
namespace {

/// Columns of an answer's body that an error quotes.
constexpr int kQuotedMax = 200;
/// Bytes of it that are looked at for that.
constexpr std::size_t kQuotedBytesMax = 4096;
/// A service that asks for more asks for never.
constexpr double kRetryAfterMsMax = 30.0 * 24 * 3600 * 1000;
constexpr std::array kTransient{408, 425, 429, 500, 502, 503, 504, 529};

/// The number that the text is, nothing else beside it.
std::optional<double> number_of(std::string_view text) {
  text = trim(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

long bounded(double milliseconds) { return static_cast<long>(std::clamp(std::ceil(milliseconds), 0.0, kRetryAfterMsMax)); }

std::string quoted_body(const HttpResponse& response) {
  const std::string shown = show_hidden(replace_invalid_utf8(trim(std::string_view(response.body).substr(0, kQuotedBytesMax))), false);
  return shown.empty() ? "" : ": " + clipped(shown, kQuotedMax);
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
  const auto found = std::find_if(headers.rbegin(), headers.rend(), [&](const HttpHeader& one) { return equals_ignoring_case(one.name, name); });
  return found == headers.rend() ? std::string_view() : found->value;
}

long retry_after_ms(const HttpResponse& response) {
  if (const auto milliseconds = number_of(response.header("retry-after-ms"))) return bounded(*milliseconds);
  const std::string after(response.header("retry-after"));
  if (const auto seconds = number_of(after)) return bounded(*seconds * 1000);
  if (after.empty() || !load_libcurl()) return 0;
  const std::time_t then = libcurl().curl_getdate(after.c_str(), nullptr);
  return then == -1 ? 0 : bounded(std::difftime(then, std::time(nullptr)) * 1000);
}

std::optional<Error> judge_status_of(const HttpResponse& response, const std::string& who) {
  const int status = response.status;
  if (status >= 200 && status < 300) return std::nullopt;
  const std::string answered = who + " answered " + std::to_string(status);
  if (std::find(kTransient.begin(), kTransient.end(), status) != kTransient.end())
    return Error{ErrorKind::transient, "E1101", answered + quoted_body(response), "the service is overloaded or failing; try again later",
                 retry_after_ms(response)};
  if (status == 401 || status == 403 || status == 407)
    return Error{ErrorKind::refused, "E1102", answered + quoted_body(response), "check the key, and what it is allowed to do", 0};
  if (status == 404 || status == 410)
    return Error{ErrorKind::not_found, "E1103", answered + quoted_body(response), "check the path of the URL, and the names in the request", 0};
  if (status >= 300 && status < 400) {
    const std::string target = redirect_target(std::string(response.header("location")));
    return Error{ErrorKind::refused, "E1104", answered + ", a redirect to " + (target.empty() ? "another place" : target) + ", which is not followed",
                 "correct the URL, if it is meant to lead there", 0};
  }
  return Error{ErrorKind::refused, "E1104", answered + quoted_body(response), "the service does not take the request as it is", 0};
}

std::optional<Error> judge_status(const HttpResponse& response) { return judge_status_of(response, "the service"); }

}  // namespace sluice
