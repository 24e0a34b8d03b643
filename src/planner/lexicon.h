#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/words.h"

namespace sluice::planner {

/// What a word or phrase does in a question, whatever the data.
enum class Role : std::uint8_t {
  none,
  glue,   ///< holds a sentence together and says nothing about the data
  light,  ///< verbs and nouns that add nothing, unless the data has a name like them
  deed,   ///< verbs that add nothing between who does something and what it is done to
  list,
  average,
  sum,
  how_much,
  how,
  median,
  minimum,
  maximum,
  count,
  distinct,
  highest,
  lowest,
  most,
  fewest,
  common,  ///< "most common": by how many there are
  rare,
  most_used,  ///< by how many rows refer to it
  least_used,
  top,
  bottom,
  per,
  by,
  order,
  descending,
  ascending,
  alphabetical,
  reverse_alphabetical,
  first,
  more,
  fewer,
  greater,
  less,
  at_least,
  at_most,
  or_more,
  or_less,
  equal,
  unequal,
  between,
  up_to,
  until,  ///< and what follows too: "until June" ends with the month
  negation,
  is_null,
  known,
  contains,
  starts,
  ends,
  either_or,
  either,
  both,
  conjunction,
  and_also,  ///< "as well as": of conditions, each may be true of another row
  since,
  before,
  after,
  latest,
  earliest,
  everything,
  percentage,
  ratio,
  difference,
  growth,
  change,       ///< "the change in": by how much more there is than before
  against,      ///< "compared to": what follows is what something is compared with
  before_last,  ///< "the one before"
  over_before,  ///< "MoM", with the place of its unit among week, month, quarter and year
  rank,
  of_those,  ///< "how many of those": of the rows that were counted
  running,
  second,
  third,
  duplicate,
  empty_too,
  predicate,  ///< "are": what follows is said of what came before
  existence,  ///< "are there"
  universal,  ///< "every": each of them
  ago,
  relative_last,
  relative_this,
  current,  ///< as it is now: of several rows of a thing the latest
  today,
  yesterday,
  year,
  quarter,
  month,
  week,
  day,
  weekday,
  hour,
  month_name,
  quarter_name,  ///< "Q1", with its number
  weekday_name,  ///< with its number, Sunday's is 0
  weekend,
  day_number,     ///< "5th"
  decade,         ///< "1990s"
  relative_past,  ///< "in the past month": up to now
  inclusive,
  exclusive,
  tally,                  ///< "order count"
  altogether,             ///< "how much … in all": added up
  chronological,          ///< "in chronological order"
  reverse_chronological,  ///< "newest to oldest"
  owning,                 ///< "that had a": what follows is not missing
  inside,                 ///< "'land' in their name"
  inside_it,              ///< "has 'land' in it"
  than,
  how_many_more,
  how_many_fewer,
  how_much_more,
  how_much_less,
  by_how_much,
  as_percent,
  monthly,  ///< and the like: groups by themselves
  yearly,
  quarterly,
  weekly,
  per_day,
  over_time,  ///< "over the years"
  divided,    ///< "divided by"
  plus,
  minus,
  times,
  percent_of,  ///< "as a percentage of"
  sold_for,    ///< "went for": what follows is compared with the price of a sale
  same_as,     ///< "the same as": two columns of a row
  defined,     ///< "defined as": what follows is what the words before it mean
  confine,     ///< "considering only"
  used_up,     ///< "out of stock": there is none of it
  omit,        ///< "excluding"
  omitted,     ///< "left out"
  whatever,    ///< "regardless of"
  instead,
  just,  ///< words that only feedback says, from here …
  also,
  leave_out,
  instead_of,
  change_to,
  limit,
  as_share,  ///< … to here
  comma,     ///< signs, not words
  stop,
};

/// Whether a word that does this may be passed over.
inline bool is_filler(Role role) { return role == Role::glue || role == Role::light || role == Role::deed; }
/// Whether only a refinement of a question says words that do this.
inline bool only_in_feedback(Role role) { return role >= Role::just && role <= Role::as_share; }

/// In what time is told. Nights are counted by their dates.
enum class TimeUnit : std::uint8_t { second, minute, hour, day, night, week };
inline constexpr std::size_t kTimeUnits = static_cast<std::size_t>(TimeUnit::week) + 1;

/// Something that lasts, by the pieces of the names of the dates when it begins and ends: what one asks for as its "resolution time".
struct Lasting {
  std::vector<std::vector<std::string>> begins{}, ends{}, names{}, rows{};
  bool whole = true;  ///< it is how long rows of such dates last
};

/// "old": what may be more or less of, by pieces of names.
struct AdjectiveWords {
  std::vector<std::string> more{}, less{};
};

/// The built-in words of English, from lexicon.inc: what phrases do, which words stand for each other, what abbreviations and adjectives mean.
/// Immutable after construction; any thread.
class Lexicon {
 public:
  Lexicon();

  /// Another form of a value: "german" for "germany".
  struct Form {
    std::string text{}, of{};  ///< a short one such as "ca" only of columns that are called so: country, state
  };

  struct Phrase {
    Role role = Role::none;
    std::size_t words = 0;
    int number = 0;  ///< of a month
  };
  /// Every phrase that begins at words[at], with each thing that it may do; none after the last word.
  std::vector<Phrase> phrases_at(const std::vector<Word>& words, std::size_t at) const;
  /// Whether a phrase that begins at words[at] may do this.
  bool does(const std::vector<Word>& words, std::size_t at, Role role) const;
  struct AdjectivePhrase {
    AdjectiveWords means{};
    std::size_t words = 0;
  };
  std::vector<AdjectivePhrase> adjectives_at(const std::vector<Word>& words, std::size_t at) const;
  /// Words that may stand in a name for the given stem, with how surely.
  const std::vector<std::pair<std::string, double>>& equivalents(const std::string& stem) const;
  /// Other ways to write a value: "french" for "france". Lower case.
  const std::vector<Form>& forms(const std::string& lower) const;
  /// What a name that is written as one word is made of: "fname" → first, name. Empty for others.
  const std::vector<std::string>& pieces_of(const std::string& piece) const;
  /// Whether a column with such a name says where something comes from, or where it goes to.
  bool points_from(const std::vector<std::string>& pieces) const;
  bool points_to(const std::vector<std::string>& pieces) const;
  /// Whether a word says that what follows is where something comes from, or goes to.
  bool says_from(const Word& word) const;
  bool says_to(const Word& word) const;
  bool asks_which(const Word& word) const;
  /// Whether a word asks for a person: "who".
  bool asks_who(const Word& word) const;
  /// Whether a piece of a table's name says that its rows are persons: "customer".
  bool names_person(const std::string& piece) const;
  /// Whether a word begins a clause that is said of what stands before it: "whose".
  bool opens_clause(const Word& word) const;
  /// Whether a word sets what follows against what came before: "but".
  bool turns(const Word& word) const;
  /// Whether a word begins a request: "show".
  bool asks(const Word& word) const;
  /// Whether a word may stand between a number and the rows that it is computed of: "amount on paid invoices".
  bool says_on(const Word& word) const;
  /// Whether a word says what the question is about, not what it asks for: "for".
  bool opens_context(const Word& word) const;
  /// Whether a word says that what follows belongs to what was named before: "their".
  bool says_own(const Word& word) const;
  /// Whether a word stands for rows that were spoken of: "ones".
  bool says_ones(const Word& word) const;
  /// Whether a word says what something is: "are".
  bool says_being(const Word& word) const;
  /// Whether a word says that what comes before belongs to what follows: "of".
  bool says_of(const Word& word) const;
  /// Whether a word says that what follows is when or where: "in".
  bool says_within(const Word& word) const;
  /// Whether a name that ends so is one without it, too: enrolled_in.
  bool is_preposition(const std::string& piece) const;
  /// Whether a column with that at the end of its name says yes or no: is_vegan.
  bool is_flag(const std::string& piece) const;
  /// Whether a column's name may end so and say no more by it than in what its numbers are: goal_amt, freq_mhz.
  bool is_tail(const std::string& piece) const;
  /// Whether a name says when: "opened", "build_year".
  bool tells_when(const std::vector<std::string>& pieces) const;
  /// Whether a date with such a name is meant only where a word says so: "patients in 1980" are not those born then.
  bool is_apart(const std::vector<std::string>& pieces) const;
  /// Whether a column with such a name tells how much there was at a time, which is not added up over time: a balance.
  bool is_level(const std::vector<std::string>& pieces) const;
  /// Whether a date with such a name tells when something was over: "closed".
  bool is_over(const std::vector<std::string>& pieces) const;
  /// Whether a date with such a name tells how far something has come that was there before: "shipped".
  bool is_stage(const std::vector<std::string>& pieces) const;
  /// Whether a column with such a name holds how much there is of something in each row, which can be added up: not a price, a rating, an age.
  bool adds_up(const std::vector<std::string>& pieces) const;
  /// Whether rows may well have none of what such a column counts: a discount, units in stock.
  bool may_be_none(const std::vector<std::string>& pieces) const;
  /// Whether a word says that what follows is there: "with", "having".
  bool says_having(const Word& word) const;
  /// Whether a word says that there is some of what follows, however much: "a", "any".
  bool says_any(const Word& word) const;
  /// Whether a word would change data: "delete".
  bool says_write(const Word& word) const;
  /// Whether a word means deals, or what they come to: "sales".
  bool is_trade(const std::string& stem) const;
  /// Whether a word says that something was sold or bought: "ordered".
  bool is_sale(const Word& word) const;
  /// Whether a column with such a name holds what a deal was closed at: "sale price".
  bool is_price_of_deal(const std::vector<std::string>& pieces) const;
  /// Whether a word says how good something is, and not by what: "best".
  bool judges(const Word& word) const;
  /// Whether a word leaves out all else: "only".
  bool says_only(const Word& word) const;
  /// Whether the rows of a table with such a name are deals: invoices.
  bool is_deal(const std::vector<std::string>& pieces) const;
  /// The beginnings by which a word says that something is not so: "un".
  const std::vector<std::string>& denying() const { return denying_; }
  /// "revenue": what deals bring in.
  bool is_revenue(const std::string& stem) const;
  /// "purchase": a deal, where no table is called so.
  bool is_purchase(const std::string& stem) const;
  /// "bought anything": any of the deals there are.
  bool says_anything(const Word& word) const;
  /// How names of tables end that say what was done: "payments_made".
  bool is_done(const std::string& piece) const;
  /// The words of tables that record what is earned, likeliest first.
  const std::vector<std::string>& earned() const { return earned_; }
  /// Whether a name says how many pieces a deal was about, so that its price is that of one.
  bool says_quantity(const std::vector<std::string>& pieces) const;
  /// Whether a column with such a name holds what a deal comes to: "total amount".
  bool is_whole_of_deal(const std::vector<std::string>& pieces) const;
  /// How a role is spoken of that a key is named for: a manager, whom others report to.
  struct RoleWords {
    std::vector<std::vector<std::string>> names{}, verbs{}, referring{};
  };
  /// At least the pieces themselves are a name.
  RoleWords role_words(const std::vector<std::string>& pieces) const;
  /// Whether the words do something in a question whatever the data.
  bool is_phrase(const std::string& text) const { return phrases_.contains(text); }
  /// The power of ten that a word multiplies a number by: 6 for "million"; 0 for others.
  int scale_of(const std::string& stem) const;
  /// How the planner itself says it.
  std::string say(Role role) const;
  /// Whether a word is a unit of measure, which says how a number is meant: "minutes", "miles".
  bool is_measure(const Word& word) const;
  /// What may last, by the names of its dates.
  const std::vector<Lasting>& lasting() const { return lasting_; }
  /// Whether a column with such a name holds how long something lasts.
  bool is_lasting(const std::vector<std::string>& pieces) const;
  /// Whether a word asks for a time that something lasts: "duration".
  bool says_span(const Word& word) const;
  /// Whether a word says that what it is said of lasts: "took".
  bool says_taking(const Word& word) const;
  /// How many words from there say that time goes by: "passed", "went by"; 0 for others.
  std::size_t says_passing(const std::vector<Word>& words, std::size_t at) const;
  /// The unit of time that a word is.
  std::optional<TimeUnit> unit_of(const Word& word) const;
  /// Whether a word says when something happened as a piece of a date column's name does: "born" for birth_date.
  bool says_when(const Word& word, const std::string& piece) const;
  /// Whether a column of that name and comment holds numbers in the unit: "minute" for duration_min, "year" for an age, "dollar" for a price.
  bool fits_unit(const std::vector<std::string>& name, const std::vector<std::string>& comment, const std::string& unit) const;

 private:
  using List = std::vector<std::string>;
  void read_list(std::string_view key, const List& words);
  void read_line(std::string_view key, std::string_view values);

  std::map<std::string, std::vector<std::pair<Role, int>>, std::less<>> phrases_{};
  std::map<std::string, std::vector<AdjectiveWords>, std::less<>> adjectives_{};
  std::map<std::string, std::vector<std::pair<std::string, double>>, std::less<>> equivalents_{};
  std::map<std::string, std::vector<Form>, std::less<>> forms_{};
  std::map<std::string, List, std::less<>> pieces_{}, units_{}, when_{};
  std::map<Role, std::string> said_{};
  List scales_{};  ///< of each thousand one
  List from_{}, to_{}, away_{}, toward_{}, which_{}, who_{}, person_{}, clause_{}, turns_{}, context_{}, asks_{}, measures_{}, own_{}, ones_{}, of_{},
      being_{}, flag_{}, within_{}, tail_{}, apart_{}, times_{}, averaged_{}, adds_{}, trade_{}, deal_{}, whole_{}, denying_{}, revenue_{}, earned_{},
      purchase_{}, anything_{}, done_{}, quantity_{}, on_{}, sale_{}, only_{}, judges_{}, none_{}, having_{}, any_{}, write_{}, closed_{}, long_{},
      span_{}, taking_{}, passing_{}, preposition_{}, stage_{}, level_{}, over_{};
  std::vector<Lasting> lasting_{};
  std::map<std::string, TimeUnit, std::less<>> told_{};
  std::vector<RoleWords> roles_{};
};

}  // namespace sluice::planner
