#include "planner/understood.h"

#include <algorithm>
#include <map>

#include "planner/resolve.h"

namespace sluice::planner {
namespace {

class Listing {
 public:
  Listing(const Known& known, const std::vector<Word>& words) : known_(known), words_(words) {}

  std::vector<Noun> nouns(const Query& query) {
    (void)run(query);
    return std::move(nouns_);
  }
  std::vector<Condition> periods(const Query& query) {
    (void)run(query);
    return std::move(periods_);
  }
  std::vector<LinkedWord> run(const Query& query) {
    for (const Output& output : query.outputs.list) std::visit([this](const auto& one) { visit(one); }, output);
    visit(query.outputs.owner);
    for (const ConditionPtr& one : query.conditions) visit(*one);
    for (const Group& group : query.groups) std::visit([this](const auto& one) { visit(one); }, group.key);
    for (const Ranking& one : query.order) visit(one.by);
    std::vector<LinkedWord> out;
    for (const auto& [place, meaning] : found_) {
      LinkedWord one{"", meaning};
      for (std::size_t i = place.first; i < place.second && i < words_.size(); ++i) one.word += (one.word.empty() ? "" : " ") + words_[i].text;
      out.push_back(std::move(one));
    }
    return out;
  }

 private:
  void add(std::size_t begin, std::size_t end, std::string meaning) {
    if (begin < end) found_.emplace(std::pair{begin, end}, std::move(meaning));
  }
  std::string column(const Link& link) const { return known_.catalog.display(known_.table(link.table).name) + "." + known_.column(link).name; }

  /// What no column of the database is: by those that it is computed of.
  std::string of_computed(const Link& link, const Computed& computed) const {
    auto names = columns_in(computed.value);
    if (computed.kind != Computed::Kind::duration) {
      std::ranges::sort(names);
      names.erase(std::ranges::unique(names).begin(), names.end());
    }
    std::string of;
    for (const std::string& name : names) of += (of.empty() ? "" : ", ") + known_.catalog.display(known_.table(link.table).name) + "." + name;
    if (computed.kind == Computed::Kind::duration) return "time between " + of;
    return "\"" + known_.column(link).name + "\" of the glossary" + (of.empty() ? "" : ": " + of);
  }
  /// A date that is told in columns of its own for year, month and day: as many of them as the period needs.
  std::string date_of(const Link& link, const Period& period) const {
    std::string out = column(link);
    if (known_.column(link).type.is_temporal() || !period.has_dates()) return out;
    const Role finest = finest_unit(period);
    for (const Role unit : {Role::month, Role::day}) {
      if (finest == Role::year || (finest == Role::month && unit == Role::day)) break;
      const auto beside = number_beside(known_, link, unit);
      if (beside) out += ", " + column({Link::Kind::column, link.table, *beside, 1, ""});
    }
    return out;
  }
  void visit(const Noun& noun) {
    if (noun.links.empty()) return;
    nouns_.push_back(noun);
    const Link& link = noun.links.front();
    if (const FormulaColumn* formula = known_.formula(link); formula != nullptr) {
      std::string of;
      for (const Link& one : links_in(formula->formula))
        if (one.kind == Link::Kind::column) of += (of.empty() ? "" : ", ") + column(one);
      add(noun.begin, noun.end, "computed of " + of);
      return;
    }
    if (const Computed* computed = link.kind == Link::Kind::column ? known_.computed(link) : nullptr) {
      add(noun.begin, noun.end, of_computed(link, *computed));
      return;
    }
    if (link.kind == Link::Kind::table) add(noun.begin, noun.end, "table " + known_.catalog.display(known_.table(link.table).name));
    if (link.kind == Link::Kind::column) add(noun.begin, noun.end, "column " + column(link));
    if (link.kind == Link::Kind::value) add(noun.begin, noun.end, column(link) + " = " + spellings(noun));
  }
  /// 'EBONY' or 'Ebony'
  std::string spellings(const Noun& noun) const {
    std::string out;
    for (const std::string& one : known_.spellings(noun)) out += (out.empty() ? "'" : " or '") + one + "'";
    return out;
  }
  void visit(const Quantity& quantity) {
    visit(quantity.noun);
    visit(quantity.of);
    for (const Quantity& part : quantity.parts) visit(part);
  }
  void visit(const SetPtr& set) {
    if (set == nullptr) return;
    visit(set->noun);
    for (const ConditionPtr& one : set->conditions) visit(*one);
    if (set->ranking) visit(set->ranking->by);
  }
  void visit(const Condition& condition) {
    if (condition.kind == Condition::Kind::period) {
      period(condition);
      return;
    }
    visit(condition.value);
    if (condition.what) visit(*condition.what);
    if (condition.other) visit(*condition.other);
    visit(condition.set);
    for (const ConditionPtr& part : condition.parts) visit(*part);
  }
  void period(const Condition& condition) {
    if (!condition.what || condition.what->noun.links.empty()) return;
    periods_.push_back(condition);
    const Link& link = condition.what->noun.links.front();
    const std::string date = date_of(link, condition.period);
    std::string meaning = date;
    const Period& period = condition.period;
    const auto range = [](int from, int to) { return std::to_string(from) + (to > from ? " to " + std::to_string(to) : ""); };
    if (period.month != 0)
      meaning = (known_.column(link).type.is_temporal() ? "month of " : "") + date + " = " + range(period.month, period.month_to);
    if (period.weekdays != 0) {
      std::string days;
      for (int day = 0; (1U << day) <= period.weekdays; ++day)
        if ((period.weekdays >> day & 1U) != 0) days += (days.empty() ? "" : ", ") + std::to_string(day);
      meaning = "weekday of " + date + " = " + days;
    }
    if (!period.from.empty()) meaning += " from " + period.from;
    if (!period.to.empty()) meaning += " to before " + period.to;
    add(condition.begin, condition.end, std::move(meaning));
  }

  const Known& known_;
  const std::vector<Word>& words_;
  std::map<std::pair<std::size_t, std::size_t>, std::string> found_{};
  std::vector<Noun> nouns_{};
  std::vector<Condition> periods_{};
};

/// Whether the question begins with a word such as "distinct", of what it lists.
bool wants_different(const Known& known, const std::vector<Word>& words, const Query& query) {
  const bool plain = std::ranges::none_of(query.outputs.list, [](const Output& output) {
    const auto* quantity = std::get_if<Quantity>(&output);
    return quantity != nullptr && (quantity->kind != Quantity::Kind::column || quantity->fn);
  });
  constexpr std::size_t kBegin = 4;
  for (std::size_t i = 0; plain && i < std::min(words.size(), kBegin); ++i)
    if (known.lexicon.does(words, i, Role::distinct)) return true;
  return false;
}

}  // namespace

std::vector<Noun> nouns_of(const Known& known, const std::vector<Word>& words, const Query& query) { return Listing(known, words).nouns(query); }

std::vector<Condition> periods_of(const Known& known, const std::vector<Word>& words, const Query& query) {
  return Listing(known, words).periods(query);
}

Result<> check_used(const Known& known, const std::vector<Word>& words, const Query& query, const plan::SpecDraft& draft) {
  const std::string spec = encode(draft).dump();
  const auto named = [&](const std::string& name) { return spec.find(Json(name).dump()) != std::string::npos; };
  // Rows of a table that only links others stand for what they refer to.
  const auto by_link = [&](int table) {
    return std::ranges::any_of(known.schema.graph.edges_to(table), [&](int edge) {
      const int from = known.schema.graph.edge(edge).from;
      return known.is_link(from) && named(known.table(from).name.name);
    });
  };
  for (const Noun& noun : nouns_of(known, words, query)) {
    if (noun.links.size() != 1) continue;
    const Link& link = noun.links.front();
    // What a glossary or a pair of times computes stands in the query as its parts.
    if (link.kind == Link::Kind::column && link.column >= static_cast<int>(known.real_columns(link.table))) continue;
    // A comment's code may be a number.
    const auto has_value = [&] {
      return named(link.value) || (known.column(link).type.kind == TypeKind::integer && spec.find(link.value) != std::string::npos);
    };
    const bool used = link.kind == Link::Kind::table ? named(known.table(link.table).name.name) || by_link(link.table)
                                                     : named(known.column(link).name) && (link.kind != Link::Kind::value || has_value());
    if (used) continue;
    std::string phrase;
    for (std::size_t i = noun.begin; i < noun.end && i < words.size(); ++i) phrase += (phrase.empty() ? "" : " ") + words[i].text;
    return Error{ErrorKind::unanswerable, "E0606", "it is not clear what \"" + phrase + "\" has to do with the rest of the question",
                 "leave it out, or ask for it in a question of its own", 0};
  }
  // Rows that have no key among what is shown may be alike.
  if (wants_different(known, words, query) && !draft.select.distinct && draft.select.group_by.empty() &&
      spec.find("count_distinct") == std::string::npos)
    return Error{ErrorKind::unanswerable, "E0606", "the question asks for different ones, and the answer might repeat some",
                 "name what is to be different", 0};
  return {};
}

std::vector<LinkedWord> understood(const Known& known, const std::vector<Word>& words, const Query& query) {
  return Listing(known, words).run(query);
}

}  // namespace sluice::planner
