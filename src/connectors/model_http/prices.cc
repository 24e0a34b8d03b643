#include "connectors/model_http/prices.h"

#include <algorithm>
#include <array>

namespace sluice {
namespace {

struct Listed {
  std::string_view provider, model;
  ModelPrice price;
};
// Read in November 2026 for calls that are answered at once (no batch), in the providers' own regions:
//   https://platform.claude.com/docs/en/about-claude/pricing (writes to the cache that lasts five minutes)
//   https://ai.google.dev/gemini-api/docs/pricing
//   https://developers.openai.com/api/docs/pricing
// Where long prompts cost more (Gemini 2.5 Pro above 200,000 tokens, GPT-5.4 and 5.5 above 272,000) the price is that of shorter ones: Sluice's
// prompts stay far below. Where writing to the cache costs nothing more, it has the price of the prompt.
constexpr std::array<Listed, 31> kListed{{
    {"anthropic", "claude-opus-5-5", {.input = 4, .cached = 0.2, .cache_written = 5, .output = 20}},
    {"anthropic", "claude-opus-5", {.input = 5, .cached = 0.5, .cache_written = 6.25, .output = 25}},
    {"anthropic", "claude-opus-4-8", {.input = 5, .cached = 0.5, .cache_written = 6.25, .output = 25}},
    {"anthropic", "claude-opus-4-7", {.input = 5, .cached = 0.5, .cache_written = 6.25, .output = 25}},
    {"anthropic", "claude-opus-4-6", {.input = 5, .cached = 0.5, .cache_written = 6.25, .output = 25}},
    {"anthropic", "claude-opus-4-5", {.input = 5, .cached = 0.5, .cache_written = 6.25, .output = 25}},
    {"anthropic", "claude-opus-4-1", {.input = 15, .cached = 1.5, .cache_written = 18.75, .output = 75}},
    {"anthropic", "claude-opus-4-0", {.input = 15, .cached = 1.5, .cache_written = 18.75, .output = 75}},
    {"anthropic", "claude-opus-4", {.input = 15, .cached = 1.5, .cache_written = 18.75, .output = 75}},
    {"anthropic", "claude-sonnet-5-5", {.input = 2, .cached = 0.1, .cache_written = 2.5, .output = 10}},
    {"anthropic", "claude-sonnet-5", {.input = 2, .cached = 0.2, .cache_written = 2.5, .output = 10}},
    {"anthropic", "claude-sonnet-4-6", {.input = 3, .cached = 0.3, .cache_written = 3.75, .output = 15}},
    {"anthropic", "claude-sonnet-4-5", {.input = 3, .cached = 0.3, .cache_written = 3.75, .output = 15}},
    {"anthropic", "claude-sonnet-4-0", {.input = 3, .cached = 0.3, .cache_written = 3.75, .output = 15}},
    {"anthropic", "claude-sonnet-4", {.input = 3, .cached = 0.3, .cache_written = 3.75, .output = 15}},
    {"anthropic", "claude-haiku-4-5", {.input = 1, .cached = 0.1, .cache_written = 1.25, .output = 5}},
    {"gemini", "gemini-2.5-pro", {.input = 1.25, .cached = 0.125, .cache_written = 1.25, .output = 10}},
    {"gemini", "gemini-2.5-flash", {.input = 0.3, .cached = 0.03, .cache_written = 0.3, .output = 2.5}},
    {"gemini", "gemini-2.5-flash-lite", {.input = 0.1, .cached = 0.01, .cache_written = 0.1, .output = 0.4}},
    {"openai", "gpt-5.5", {.input = 5, .cached = 0.5, .cache_written = 5, .output = 30}},
    {"openai", "gpt-5.4", {.input = 2.5, .cached = 0.25, .cache_written = 2.5, .output = 15}},
    {"openai", "gpt-5.2", {.input = 1.75, .cached = 0.175, .cache_written = 1.75, .output = 14}},
    {"openai", "gpt-5.1", {.input = 1.25, .cached = 0.125, .cache_written = 1.25, .output = 10}},
    {"openai", "gpt-5", {.input = 1.25, .cached = 0.125, .cache_written = 1.25, .output = 10}},
    {"openai", "gpt-5-mini", {.input = 0.25, .cached = 0.025, .cache_written = 0.25, .output = 2}},
    {"openai", "gpt-5-nano", {.input = 0.05, .cached = 0.005, .cache_written = 0.05, .output = 0.4}},
    {"openai", "gpt-4.1", {.input = 2, .cached = 0.5, .cache_written = 2, .output = 8}},
    {"openai", "gpt-4.1-mini", {.input = 0.4, .cached = 0.1, .cache_written = 0.4, .output = 1.6}},
    {"openai", "gpt-4.1-nano", {.input = 0.1, .cached = 0.025, .cache_written = 0.1, .output = 0.4}},
    {"openai", "gpt-4o", {.input = 2.5, .cached = 1.25, .cache_written = 2.5, .output = 10}},
    {"openai", "gpt-4o-mini", {.input = 0.15, .cached = 0.075, .cache_written = 0.15, .output = 0.6}},
}};
/// The one dated model whose price was another, before it fell.
constexpr std::string_view kFirst4o = "gpt-4o-2024-05-13";

/// "-20250929", "-2024-08-06", "-001", "-latest", "-preview-09-2025": what follows a model's name and leaves its price as it is. Not "-5", which
/// makes another model of claude-opus-4.
bool is_version(std::string_view rest) {
  if (rest == "-latest") return true;
  constexpr std::string_view kPreview = "-preview";
  constexpr std::ptrdiff_t kDigitsMin = 3;
  if (rest.starts_with(kPreview)) rest.remove_prefix(kPreview.size());
  const bool plain = std::ranges::all_of(rest, [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
  return plain && rest.starts_with('-') && std::ranges::count_if(rest, [](char c) { return c != '-'; }) >= kDigitsMin;
}

}  // namespace

std::optional<ModelPrice> known_price(std::string_view provider, std::string_view model) {
  constexpr std::string_view kPath = "models/";
  if (model.starts_with(kPath)) model.remove_prefix(kPath.size());
  if (provider == "openai" && model == kFirst4o) return ModelPrice{.input = 5, .cached = 5, .cache_written = 5, .output = 15};
  for (const Listed& listed : kListed)
    if (listed.provider == provider && model.starts_with(listed.model))
      if (const std::string_view rest = model.substr(listed.model.size()); rest.empty() || is_version(rest)) return listed.price;
  return std::nullopt;
}

}  // namespace sluice
