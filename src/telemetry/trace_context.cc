#include "telemetry/trace_context.h"

#include <algorithm>
#include <atomic>
#include <random>
#include <utility>

#include "base/hash.h"

namespace sluice {
namespace {

constexpr std::size_t kTraceDigits = 32, kSpanDigits = 16, kTimeDigits = 8;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}
bool is_id(std::string_view text, std::size_t digits) {
  return text.size() == digits && is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

std::atomic<bool> tracing{false};

Doing& current() {
  thread_local Doing of_this_thread;
  return of_this_thread;
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
  constexpr std::size_t kSize = 55, kTraceAt = 3, kSpanAt = 36, kFlagsAt = 53;
  if (text.size() < kSize || text[2] != '-' || text[kSpanAt - 1] != '-' || text[kFlagsAt - 1] != '-') return {};
  const std::string_view version = text.substr(0, 2), flags = text.substr(kFlagsAt, 2);
  if (!is_hex(version) || version == "ff" || !is_hex(flags)) return {};
  const bool longer = text.size() > kSize;
  if (longer && (version == "00" || text[kSize] != '-')) return {};
  TraceContext out{std::string(text.substr(kTraceAt, kTraceDigits)), std::string(text.substr(kSpanAt, kSpanDigits))};
  if (!is_id(out.trace_id, kTraceDigits) || !is_id(out.span_id, kSpanDigits)) return {};
  const char last = flags[1];
  out.sampled = ((last >= 'a' ? last - 'a' + 10 : last - '0') & 1) != 0;
  return out;
}

std::string traceparent_of(const TraceContext& context) {
  return "00-" + context.trace_id + "-" + context.span_id + (context.sampled ? "-01" : "-00");
}

std::optional<TraceContext> parse_amazon_trace(std::string_view text) {
  TraceContext out;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(';', from), text.size());
    std::string_view part = text.substr(from, end - from);
    from = end + 1;
    while (part.starts_with(' ')) part.remove_prefix(1);
    constexpr std::string_view kRoot = "Root=1-", kParent = "Parent=", kSampled = "Sampled=";
    if (part.starts_with(kRoot)) {
      part.remove_prefix(kRoot.size());
      if (part.size() != kTraceDigits + 1 || part[kTimeDigits] != '-') return {};
      out.trace_id = std::string(part.substr(0, kTimeDigits)) + std::string(part.substr(kTimeDigits + 1));
    } else if (part.starts_with(kParent)) {
      out.span_id = part.substr(kParent.size());
    } else if (part.starts_with(kSampled)) {
      out.sampled = part.substr(kSampled.size()) != "0";
    }
  }
  if (!is_id(out.trace_id, kTraceDigits)) return {};
  if (out.span_id.empty()) out.span_id = span_id_of(out.trace_id);
  return is_id(out.span_id, kSpanDigits) ? std::optional(out) : std::nullopt;
}

std::string amazon_trace_of(const TraceContext& context) {
  return "Root=1-" + context.trace_id.substr(0, kTimeDigits) + "-" + context.trace_id.substr(kTimeDigits) + ";Parent=" + context.span_id +
         (context.sampled ? ";Sampled=1" : ";Sampled=0");
}

std::string trace_id_of(std::string_view what) { return sha256_hex("trace\n" + std::string(what)).substr(0, kTraceDigits); }
std::string span_id_of(std::string_view what) { return sha256_hex("span\n" + std::string(what)).substr(0, kSpanDigits); }

TraceContext random_trace() {
  thread_local std::mt19937_64 numbers{std::random_device{}()};
  const std::string seed = std::to_string(numbers()) + " " + std::to_string(numbers());
  return {trace_id_of(seed), span_id_of(seed)};
}

TraceContext trace_of_run(std::string_view root, std::string_view run, std::string_view caller) {
  const auto above = parse_traceparent(caller);
  return {above ? above->trace_id : trace_id_of(root), span_id_of(run), !above || above->sampled};
}

TraceContext trace_of_step(const TraceContext& run, std::string_view run_id, std::string_view path) {
  return {run.trace_id, span_id_of(std::string(run_id) + "\n" + std::string(path)), run.sampled};
}

const Doing& doing() { return current(); }

NowDoing::NowDoing(Doing doing) : before_(std::exchange(current(), std::move(doing))) {}
NowDoing::~NowDoing() { current() = std::move(before_); }

void set_tracing(bool on) { tracing = on; }
bool is_tracing() { return tracing; }

}  // namespace sluice
