#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Words by number, the same word always the same. A hash table over one text, so that a hundred thousand words take milliseconds.
class Terms {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  Terms();
  std::uint32_t add(std::string_view word);
  std::uint32_t find(std::string_view word) const;  ///< kNone where it was never added
  std::string_view text(std::uint32_t term) const { return std::string_view(texts_).substr(begins_[term], begins_[term + 1] - begins_[term]); }
  std::uint32_t size() const { return static_cast<std::uint32_t>(begins_.size() - 1); }

 private:
  std::size_t slot(std::string_view word) const;
  void grow();

  std::string texts_{};
  std::vector<std::uint32_t> begins_{0};
  std::vector<std::uint32_t> slots_{};  ///< a power of two of them, at most half full
};

/// A word that is looked for, and how much it counts.
struct QueryTerm {
  std::uint32_t term = 0;
  float weight = 1;
};

/// Documents of several fields, ranked by BM25F (Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, §3.6): a
/// word's occurrences are counted per field, each normalised by the field's length and weighted, added up, and then saturated:
///
///   score(d, q) = Σ  idf(t) · tf / (k1 + tf),   tf = Σ_field  w · occurrences / (1 − b + b · length / mean length)
///   idf(t) = ln(1 + (N − n + ½) / (n + ½))      n of N documents have t
class TermIndex {
 public:
  struct Field {
    float weight = 1;   ///< w
    float b = 0.75F;    ///< 0: a field's length says nothing; 1: everything
    bool once = false;  ///< however often a word occurs in it, it counts as one
  };
  static constexpr double kK1 = 1.2;
  static constexpr std::size_t kFieldsMax = 8;
  static constexpr std::size_t kQueryTermsMax = 400;

  explicit TermIndex(std::span<const Field> fields) : fields_(fields.begin(), fields.end()) {}

  /// Documents are numbered from 0 in the order of these calls.
  void begin_document();
  /// The words of the text, by word_stems.h, to a field of the document that was begun last.
  void add(std::size_t field, std::string_view text);
  /// After the last document and before the first question.
  void finish();

  std::uint32_t documents() const { return documents_; }
  const Terms& terms() const { return terms_; }
  float idf(std::uint32_t term) const { return idf_[term]; }
  /// Adds the text's words to a query, each once: those that any document has and that say what a text is about (is_stop_stem). The query holds
  /// kQueryTermsMax at most.
  void add_terms(std::string_view text, float weight, std::vector<QueryTerm>& query) const;
  /// Adds to `scores`, one for each document.
  void score(std::span<const QueryTerm> query, std::span<float> scores) const;

  struct Posting {
    std::uint32_t document;
    float saturated;  ///< tf / (k1 + tf)
  };
  /// The documents that have the word, in their order.
  std::span<const Posting> postings(std::uint32_t term) const { return std::span(postings_).subspan(first_[term], first_[term + 1] - first_[term]); }

 private:
  struct Occurrence {
    std::uint32_t term, document, field;
  };
  std::vector<Occurrence> by_term() const;
  std::vector<float> length_norms() const;

  std::vector<Field> fields_;
  Terms terms_{};
  std::uint32_t documents_ = 0;
  std::vector<Occurrence> occurrences_{};  ///< until `finish`
  std::vector<std::uint32_t> lengths_{};   ///< of each field of each document
  std::vector<std::uint32_t> first_{};     ///< of a term's postings; one more than there are terms
  std::vector<Posting> postings_{};
  std::vector<float> idf_{};
};

}  // namespace sluice
