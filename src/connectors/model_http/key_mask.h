#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace sluice::model_http {

/// Takes secrets out of what a provider sends back. Any thread.
class KeyMask {
 public:
  /// Secrets shorter than kSecretMin are ordinary words ("none", "ollama") and stay.
  explicit KeyMask(std::vector<std::string> secrets);
  static constexpr std::size_t kSecretMin = 8;

  /// Every whole secret is replaced.
  std::string masked(std::string_view text) const;
  /// Also what providers leave of a key when they show it ("sk-ab***yz", "sk-...wxyz"). For messages, not for replies.
  std::string masked_message(std::string_view text) const;
  /// The length of the longest end of the text with which a secret might begin.
  std::size_t begun(std::string_view text) const;

 private:
  bool is_remnant(std::string_view word) const;
  std::vector<std::string> secrets_;
};

/// The same for text that comes in pieces: what may be the beginning of a secret is held back until more is known. One thread.
class StreamMask {
 public:
  explicit StreamMask(const KeyMask& mask) : mask_(mask) {}
  std::string pass(std::string_view more);
  std::string rest();

 private:
  const KeyMask& mask_;
  std::string held_;
};

}  // namespace sluice::model_http
