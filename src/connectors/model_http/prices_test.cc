#include "connectors/model_http/prices.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

double input_price(std::string_view provider, std::string_view model) {
  const auto price = known_price(provider, model);
  return price ? price->input : -1;
}

TEST(KnownPrice, FollowsAModelsNameAndItsDates) {
  struct Case {
    std::string_view provider, model;
    double input;
  };
  const std::vector<Case> cases{
      {"anthropic", "claude-sonnet-4-5", 3},
      {"anthropic", "claude-sonnet-4-5-20250929", 3},
      {"anthropic", "claude-opus-4-20250514", 15},
      {"anthropic", "claude-opus-4-5-20251101", 5},
      {"anthropic", "claude-opus-4-1-20250805", 15},
      {"anthropic", "claude-haiku-4-5", 1},
      {"gemini", "gemini-2.5-flash", 0.3},
      {"gemini", "models/gemini-2.5-flash-lite", 0.1},
      {"gemini", "gemini-2.5-flash-preview-09-2025", 0.3},
      {"gemini", "gemini-2.5-pro-001", 1.25},
      {"openai", "gpt-4o-2024-08-06", 2.5},
      {"openai", "gpt-4o-2024-05-13", 5},
      {"openai", "gpt-4o-mini-2024-07-18", 0.15},
      {"openai", "gpt-5-nano", 0.05},
      {"openai", "gpt-4.1-2025-04-14", 2},
  };
  for (const Case& c : cases) EXPECT_DOUBLE_EQ(input_price(c.provider, c.model), c.input) << c.model;
}

TEST(KnownPrice, GuessesNone) {
  for (const std::string_view model : {"claude-opus-4-9", "claude-opus-6", "gpt-4o-audio-preview", "gpt-4", "qwen3", "gemini-2.5-pro-preview-tts", "",
                                       "gpt-5-pro", "claude-sonnet-4-5x", "gpt-4o-mini-audio-preview-2024-12-17"})
    for (const std::string_view provider : {"openai", "anthropic", "gemini"}) EXPECT_FALSE(known_price(provider, model)) << model;
  EXPECT_FALSE(known_price("openai", "claude-sonnet-4-5"));
}

TEST(KnownPrice, CountsEachKindOfToken) {
  const auto price = known_price("anthropic", "claude-sonnet-4-5");
  ASSERT_TRUE(price);
  EXPECT_NEAR(price->of({.input = 1'000'000, .cached = 500'000, .cache_written = 100'000, .output = 10'000}), 0.4 * 3 + 0.5 * 0.3 + 0.1 * 3.75 + 0.15,
              1e-9);
}

}  // namespace
}  // namespace sluice
