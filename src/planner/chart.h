#pragma once
#include <array>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "planner/meaning.h"

namespace sluice::planner {

/// What kind of phrase an item of the chart is.
enum class Cat : std::uint8_t {
  role,        ///< a word of the language, by its Role
  noun,        ///< names a table or column
  value,       ///< is a value in the data
  literal,     ///< a number, a date or quoted text
  adjective,   ///< "old": columns by which something may be called so
  event,       ///< "shipped": a verb, by the dates that record it
  functions,   ///< "average, minimum and maximum"
  quantity,    ///< "age", "average age", "number of concerts"
  quantities,  ///< "name and age"
  set,         ///< "singers from France"
  comparison,  ///< "above 20", "between 5 and 10"
  period,      ///< "March 2013", "the last 30 days"
  reference,   ///< "from the previous month": what something is compared with
  condition,   ///< "older than 20", "from France", "without any concert"
  ranking,     ///< "youngest", "with the most concerts"
  group,       ///< "for each country"
  order,       ///< "in descending order of age"
  outputs,     ///< "names and ages of singers"
  query,
  refinement,  ///< "only 2013", "by month instead"
};
inline constexpr std::size_t kCats = static_cast<std::size_t>(Cat::refinement) + 1;

/// The columns by which rows are called "old" or "cheap", as nouns, and which end of each is meant by it.
struct Adjective {
  Noun more{}, less{};  ///< "older": more of an age, less of a year of birth
};

using Meaning = std::variant<std::monostate, Noun, plan::Literal, Adjective, std::vector<plan::Fn>, Quantity, std::vector<Quantity>, SetPtr,
                             ConditionPtr, Ranking, Group, std::vector<Ranking>, Outputs, Query, Refinement, Period>;

/// A phrase: words [begin, end), what it is and means, and how unlikely that is (0: certainly).
struct Item {
  Cat cat = Cat::role;
  Role role = Role::none;
  std::uint16_t begin = 0, end = 0;
  double cost = 0;
  std::uint64_t key = 0;  ///< of equal meanings equal
  std::shared_ptr<const Meaning> meaning{};

  template <class T>
  const T& as() const {
    return std::get<T>(*meaning);
  }
};

/// One place of a rule's pattern.
struct Symbol {
  Cat cat = Cat::role;
  Role role = Role::none;
};

class RuleOutput;

/// What rules have made of a span of words and the chart has not kept yet. Of each kind it holds the likeliest few of different meanings: more
/// would not be kept, so that nothing is allocated for them.
class Made {
 public:
  /// Whether a phrase with this key would be held: then it has to be added.
  bool takes(Cat cat, std::uint64_t key, double cost);
  void add(Item item) { of(item.cat).push_back({next_++, std::move(item)}); }
  /// Everything, likeliest first, and of equally likely ones the first made first; nothing is left.
  std::vector<Item> take();

 private:
  struct Numbered {
    std::size_t number = 0;
    Item item{};
  };
  std::vector<Numbered>& of(Cat cat) { return lists_[static_cast<std::size_t>(cat)]; }

  std::array<std::vector<Numbered>, kCats> lists_{};
  std::size_t next_ = 0;
};

/// A way in which neighbouring phrases make a larger one. `loose`: words that hold a sentence together may stand between them.
struct Rule {
  const char* name;
  std::vector<Symbol> pattern;
  bool loose = true;
  void (*apply)(RuleOutput& out, std::span<const Item* const> parts);
};

class Known;

/// What a rule may know, and where it puts what it makes.
class RuleOutput {
 public:
  RuleOutput(const Known& against, const std::vector<Word>& of, Made& made) : known(against), words(of), made_(made) {}

  /// A phrase over all of the rule's parts; its cost is theirs and `cost`.
  void add(Cat cat, Meaning meaning, double cost);
  /// The number of words that were passed over before this part.
  std::size_t gap_before(std::size_t part) const;

  const Known& known;
  const std::vector<Word>& words;

 private:
  friend class Chart;
  std::span<const Item* const> parts_{};
  double base_ = 0;
  Made& made_;
};

/// Finds the phrases of a question, bottom up: every span of words is made of shorter ones by the rules, and of each kind only the likeliest
/// few are kept (a beam). One thread, one question.
class Chart {
 public:
  /// `skip[i]`: what it costs to pass over word i; kNoSkip where it has to be placed.
  Chart(const Known& known, const std::vector<Word>& words, std::vector<double> skip, std::span<const Rule> rules);

  void add(Item item);
  /// More rules, for what only some questions say: elsewhere they would take the place of others.
  void use(std::span<const Rule> rules);
  void run();
  /// Whether there was too much to try, so that not all phrases were found.
  bool gave_up() const { return tried_ > kTriedMax; }
  /// Phrases of a kind that span the whole question, likeliest first.
  std::vector<Item> whole(Cat cat) const;
  /// The words that no phrase of the best cover of the question could place.
  std::vector<std::size_t> unplaced() const;

  static constexpr double kNoSkip = 1e9;
  static constexpr std::size_t kTriedMax = 400'000;

 private:
  /// A rule whose first parts were found. `needs`: the next part, as a mask of what a cell has.
  struct Edge {
    const Rule* rule = nullptr;
    std::array<const Item*, 6> parts{};
    std::uint8_t dot = 0;
    double cost = 0;
    std::uint64_t needs = 0;
  };
  using Lists = std::array<std::vector<const Item*>, kCats>;
  struct Cell {
    std::unique_ptr<Lists> items{};
    std::uint64_t has = 0;  ///< which symbols its items match, though others may share their bits
    std::vector<Edge> edges{};
  };
  Cell& cell(std::size_t begin, std::size_t end) { return cells_[begin * (words_.size() + 1) + end]; }
  const Cell& cell(std::size_t begin, std::size_t end) const { return cells_[begin * (words_.size() + 1) + end]; }
  static const std::vector<const Item*>& items(const Cell& cell, Cat cat);
  static std::uint64_t bit_of(Cat cat, Role role);
  void keep(Item&& item, std::vector<const Item*>& fresh);
  void fill(std::size_t begin, std::size_t end);
  /// What can follow at `at` and ends at `end`: directly, and after words that are passed over.
  std::pair<std::uint64_t, std::uint64_t> reach(std::size_t at, std::size_t end) const;
  void extend(const Edge& edge, std::size_t begin, std::size_t at, std::size_t end);
  void start(const Item& item);
  void complete(const Rule& rule, std::span<const Item* const> parts, double cost);

  const Known& known_;
  const std::vector<Word>& words_;
  std::vector<double> skip_;
  std::size_t tried_ = 0;
  std::array<std::vector<const Rule*>, kCats> by_first_{};  ///< the rules, by the kind of their first part
  std::vector<Cell> cells_{};
  std::deque<Item> items_{};
  std::vector<std::vector<Item>> lexical_{};
  Made made_{};
};

}  // namespace sluice::planner
