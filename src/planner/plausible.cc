#include "planner/plausible.h"

#include <algorithm>
#include <functional>

#include "planner/enumerated.h"
#include "planner/flags.h"
#include "planner/labels.h"
#include "planner/persons.h"
#include "planner/resolve.h"
#include "planner/rewrite.h"
#include "planner/same_rows.h"
#include "planner/shape_error.h"
#include "planner/verbs.h"

namespace sluice::planner {
namespace {

using plan::Expr;
using plan::Fn;

/// What a date costs that is no guess.
constexpr double kUnlikely = 0.1;

/// The expressions that a condition wants to be one value each.
void add_fixed(const Expr& condition, std::vector<Expr>& out) {
  const auto* call = std::get_if<plan::Call>(&condition.node);
  if (call == nullptr) return;
  if (call->fn == Fn::logical_and)
    for (const Expr& part : call->args) add_fixed(part, out);
  if (call->fn == Fn::eq && std::holds_alternative<plan::Literal>(call->args.back().node)) out.push_back(call->args.front());
}

/// "What does Canal Melodia show?": not its own name.
bool answers_itself(const plan::SpecDraft& draft) {
  if (!draft.select.where) return false;
  std::vector<Expr> fixed;
  add_fixed(*draft.select.where, fixed);
  return std::ranges::all_of(draft.select.columns, [&](const plan::Named& one) { return std::ranges::find(fixed, one.value) != fixed.end(); });
}

/// Whether only words that join two things stand between: "English and also French".
bool joined(const Known& known, const std::vector<Word>& words, std::size_t begin, std::size_t end) {
  if (begin >= end || end - begin > 4) return false;
  static constexpr Role kJoins[] = {Role::conjunction, Role::either_or, Role::and_also};
  bool joins = false;
  for (std::size_t i = begin; i < end;) {
    std::size_t next = i;
    for (const Lexicon::Phrase& one : known.lexicon.phrases_at(words, i)) {
      const bool join = std::ranges::find(kJoins, one.role) != std::end(kJoins);
      joins = joins || join;
      if (join || one.role == Role::glue || one.role == Role::comma) next = std::max(next, std::min(end, i + one.words));
    }
    if (next == i) return false;
    i = next;
  }
  return joins;
}

/// How unlikely it is that the date is meant, though no word names it; 0 where one does.
double cost_of_date(const Known& known, const Condition& said) {
  const Link& link = said.what->noun.links.front();
  if (said.what->noun.end > said.what->noun.begin) return 0;
  for (const WhenColumn& one : when_columns(known, link.table, finest_unit(said.period), said.period.has_dates()))
    if (one.link.table == link.table && one.link.column == link.column) return one.named ? 0 : one.cost;
  return 0;
}

/// Whether the rows that a noun names have dates of the table: their own, or of what they belong to. "Employees" are not named as those of orders.
bool may_have_date(const Known& known, const Noun& noun, int table) {
  if (noun.links.empty()) return false;
  const Link& link = noun.links.front();
  int named = link.table;
  const int edge = link.column < 0 ? -1 : known.schema.graph.edge_of(link.table, known.column(link).name);
  if (edge >= 0 && noun.begin < known.words().size())
    for (const Mention& one : known.schema.index.names_at(known.words(), noun.begin, known.lexicon))
      for (const Link& other : one.links)
        if (other.kind == Link::Kind::table && other.score == 1 && other.table == known.schema.graph.edge(edge).to) named = other.table;
  const auto& ways = known.routes(named, table);
  return known.base_of(named) == known.base_of(table) || (!ways.empty() && ways.front().to_one);
}

/// Whether the period could as well be said of rows that the question names, which have dates of their own.
bool may_be_of(const Known& known, const Condition& said, const Noun& noun, bool bare, bool created) {
  const Link& other = noun.links.front();
  const int table = said.what->noun.links.front().table;
  if (other.kind != Link::Kind::table || known.base_of(other.table) == known.base_of(table)) return false;
  const auto dates = when_columns(known, other.table, finest_unit(said.period), said.period.has_dates());
  const bool own = !dates.empty() && dates.front().link.table == other.table && !(created && tells_creation(known, dates.front().link));
  if (!own) return false;
  // "members with no check-ins in May": those were then, of which a member may have many.
  const auto& ways = known.routes(table, other.table);
  const bool finer = ways.empty() || !ways.front().to_one;
  const bool nearer = bare && finer && noun.end <= said.begin && only_glue(known, noun.end, said.begin);
  return created || dates.front().cost < kUnlikely || nearer;
}

/// The table that a noun is the name of, though a column may be meant that refers to it; -1 for others.
int table_named(const Known& known, const Noun& noun) {
  for (const Mention& one : known.schema.index.names_at(known.words(), noun.begin, known.lexicon))
    for (const Link& link : one.links)
      if (one.end == noun.end && link.kind == Link::Kind::table && link.score == 1) return link.table;
  return -1;
}

/// "revenue of salespeople who started in 2020": a verb that nobody knows says when of whom it is said, and the period is another table's.
bool says_of_others(const Known& known, const std::vector<Word>& words, const Condition& said, const std::vector<Noun>& nouns) {
  std::size_t verb = said.begin;
  if (verb < words.size() && like_verb(words[verb])) ++verb;  // the verb names the date: "started in 2020"
  while (verb > 0 && known.lexicon.does(words, verb - 1, Role::glue) && !known.lexicon.opens_clause(words[verb - 1])) --verb;
  if (verb < 2 || !like_verb(words[verb - 1]) || !known.lexicon.opens_clause(words[verb - 2])) return false;
  if (known.lexicon.is_sale(words[verb - 1]) || known.lexicon.does(words, verb - 1, Role::deed)) return false;
  const int table = said.what->noun.links.front().table;
  return std::ranges::any_of(nouns, [&](const Noun& noun) {
    const int named = noun.end == verb - 2 ? table_named(known, noun) : -1;
    if (named < 0 || named == known.base_of(table)) return false;
    // "trainers who started" are no trips that did.
    const auto others = when_columns(known, table, finest_unit(said.period), said.period.has_dates());
    if (std::ranges::any_of(others, [&](const WhenColumn& one) { return one.named && one.link.column == said.what->noun.links.front().column; }))
      return true;
    const auto dates = when_columns(known, named, finest_unit(said.period), said.period.has_dates());
    return std::ranges::any_of(dates, [&](const WhenColumn& one) { return one.link.table == named && !tells_creation(known, one.link); });
  });
}

/// "doctors with no appointments in 2024": the appointments were then, and no doctor was hired.
Result<> check_dates(const Known& known, const std::vector<Word>& words, const Query& query, const std::vector<Noun>& nouns) {
  for (const Condition& said : periods_of(known, words, query)) {
    const bool bare = said.what->noun.end == said.what->noun.begin;
    if (bare && std::ranges::none_of(nouns, [&](const Noun& noun) { return may_have_date(known, noun, said.what->noun.links.front().table); }))
      return shape_error("no rows are named that have a date", "name them: \"with orders in 2020\"");
    // When a row was created is seldom meant where the question names other rows with a date.
    const bool created = bare && tells_creation(known, said.what->noun.links.front()) &&
                         std::ranges::none_of(words, [](const Word& word) { return word.lower.starts_with("creat"); });
    if (created && std::ranges::any_of(words, [&](const Word& word) { return known.lexicon.is_sale(word); }))
      return shape_error("the period could be that of what was done", "name the date that is meant");
    if (says_of_others(known, words, said, nouns))
      return shape_error("nothing tells when what the question says was done", "name the date that is meant");
    if (!created && cost_of_date(known, said) < kUnlikely) continue;
    const auto other = std::ranges::find_if(nouns, [&](const Noun& noun) { return may_be_of(known, said, noun, bare, created); });
    if (other != nouns.end())
      return shape_error("the period could be said of \"" + known.called(other->links.front().table) + "\"", "name the date that is meant");
  }
  return {};
}

/// "discontinued products": nobody asks for a column that says yes or no alone.
bool shows_only_flags(const Known& known, const Query& query) {
  return !query.outputs.list.empty() && query.groups.empty() && std::ranges::all_of(query.outputs.list, [&](const Output& output) -> bool {
    const auto* set = std::get_if<SetPtr>(&output);
    const auto* quantity = std::get_if<Quantity>(&output);
    if (set != nullptr) return (*set)->column >= 0 && yes_of(known, {Link::Kind::column, (*set)->table, (*set)->column, 1, ""}).has_value();
    return quantity->kind == Quantity::Kind::column && !quantity->fn && yes_of(known, quantity->noun.links.front()).has_value();
  });
}

/// Whether each row of the table has one of the other: it is told apart by it.
bool always_has(const Known& known, int table, int other) {
  const auto& ways = known.routes(table, other);
  if (ways.empty()) return false;
  const auto& key = known.table(table).primary_key;
  return std::ranges::all_of(ways, [&](const Route& way) {
    if (way.steps.size() != 1 || !way.steps.front().forward || !key) return false;
    return std::ranges::all_of(known.schema.graph.edge(way.steps.front().edge).columns, [&](const auto& pair) {
      const Column* column = known.table(table).find_column(pair.first);
      return std::ranges::find(key->columns, pair.first) != key->columns.end() || (column != nullptr && !column->nullable);
    });
  });
}

/// "instruments that no student plays", read of rows that say which student plays which: each of them has one.
/// Nor is there an enrollment in no class: "members enrolled in no class".
bool denies_what_is(const Known& known, const Query& query) {
  const std::function<bool(int, const std::vector<ConditionPtr>&)> denied = [&](int table, const std::vector<ConditionPtr>& conditions) {
    return std::ranges::any_of(conditions, [&](const ConditionPtr& one) {
      if (one->kind == Condition::Kind::member && one->set->column < 0) return denied(one->set->table, one->set->conditions);
      if (one->kind != Condition::Kind::none || one->parts.size() != 1) return false;
      const Condition& inner = *one->parts.front();
      return inner.kind == Condition::Kind::member && inner.set->conditions.empty() && !inner.set->ranking &&
             always_has(known, table, inner.set->table);
    });
  };
  const SetPtr& owner = query.outputs.owner;
  return owner != nullptr && (denied(owner->table, owner->conditions) || denied(owner->table, query.conditions));
}

/// "who works in the department with the largest budget": somebody, and not the department.
bool shows_no_person(const Known& known, const Query& query) {
  const SetPtr& owner = query.outputs.owner;
  if (!asks_who(known) || owner == nullptr || owner->column >= 0 || !query.groups.empty()) return false;
  const auto is_person = [&](int table) {
    return std::ranges::any_of(name_pieces(known.table(table).name.name),
                               [&](const std::string& piece) { return known.lexicon.names_person(piece); });
  };
  if (is_person(owner->table)) return false;
  for (int table = 0; table < static_cast<int>(known.real.tables.size()); ++table) {
    if (table == owner->table || !is_person(table)) continue;
    const auto& ways = known.routes(table, owner->table);
    if (!ways.empty() && ways.front().to_one && ways.front().steps.size() == 1) return true;
  }
  return false;
}

/// Adds what the parts of a condition that all have to be true compare with one value each.
void add_compared(const Expr& condition, std::vector<std::pair<Expr, Expr>>& out) {
  const auto* call = std::get_if<plan::Call>(&condition.node);
  if (call == nullptr) return;
  if (call->fn == Fn::logical_and)
    for (const Expr& part : call->args) add_compared(part, out);
  if (call->fn == Fn::eq && std::holds_alternative<plan::Literal>(call->args.back().node)) out.emplace_back(call->args.front(), call->args.back());
}

/// "How many trips were done, and how many of those were cancelled?": none, as a trip has one status.
bool counts_none(const Expr& value) {
  const auto* call = std::get_if<plan::Call>(&value.node);
  if (call == nullptr) return false;
  std::vector<std::pair<Expr, Expr>> all;
  if (call->fn == Fn::case_when && !call->args.empty()) add_compared(call->args.front(), all);
  for (const auto& [column, wanted] : all)
    for (const auto& [other, also] : all)
      if (column == other && !(wanted == also)) return true;
  return std::ranges::any_of(call->args, counts_none);
}

/// "number of hires per year" counts those hired, and not the different dates on which any were.
bool counts_dates(const Known& known, const std::vector<Word>& words, const Quantity& quantity) {
  if (quantity.kind != Quantity::Kind::rows || quantity.of == nullptr || quantity.of->column < 0) return false;
  const Noun& noun = quantity.of->noun;
  if (!known.column(quantity.of->table, quantity.of->column).type.is_temporal() || noun.end == noun.begin) return false;
  static constexpr Role kUnits[] = {Role::year, Role::quarter, Role::month, Role::week, Role::day};
  return std::ranges::none_of(kUnits, [&](Role unit) { return known.lexicon.does(words, noun.end - 1, unit); });
}

/// "the customer who bought the most headphones": each bought one product that is called so, however many of it.
bool ranks_by_one(const Known& known, const Query& query) {
  const SetPtr& owner = query.outputs.owner;
  if (owner == nullptr || !owner->ranking || owner->ranking->by.kind != Quantity::Kind::rows || owner->ranking->by.of == nullptr) return false;
  const Set& counted = *owner->ranking->by.of;
  const auto labels = label_columns(known.table(counted.table));
  return counted.column < 0 && std::ranges::any_of(
                                   counted.conditions,
                                   [&](const ConditionPtr& one) {
                                     if (one->kind != Condition::Kind::value || one->value.links.empty()) return false;
                                     const Link& link = one->value.links.front();
                                     return link.table == counted.table && labels.size() == 1 && known.column(link).name == labels.front();
                                   });
}

/// "stadiums that are not the home of any team": those without a team have none that is at home there.
bool contradicts(const Known& known, const Query& query) {
  const SetPtr rows = asked_of(query);
  if (rows == nullptr) return false;
  std::vector<ConditionPtr> all;
  const std::function<void(const std::vector<ConditionPtr>&)> add = [&](const std::vector<ConditionPtr>& some) {
    for (const ConditionPtr& one : some)
      if (one->kind == Condition::Kind::all || one->kind == Condition::Kind::both)
        add(one->parts);
      else
        all.push_back(one);
  };
  add(rows->conditions);
  add(query.conditions);
  return contradict(known, rows->table, all);
}

/// "the job title that appears most often in the job history": it is counted there, and not among the jobs, each of which has one.
bool counts_elsewhere(const Known& known, const Query& query) {
  const SetPtr& owner = query.outputs.owner;
  if (owner == nullptr || owner->column < 0 || !owner->ranking) return false;
  const Quantity& by = owner->ranking->by;
  if (by.kind != Quantity::Kind::rows || by.of == nullptr || by.of->table != owner->table) return false;
  const auto labels = label_columns(known.table(owner->table));
  if (std::ranges::find(labels, known.column(owner->table, owner->column).name) == labels.end()) return false;
  const auto member = [](const ConditionPtr& one) { return one->kind == Condition::Kind::member; };
  return std::ranges::any_of(owner->conditions, member) || std::ranges::any_of(by.of->conditions, member) ||
         std::ranges::any_of(query.conditions, member);
}

/// "best wines by price": an amount makes no groups of which each has its first.
bool groups_by_amount(const Known& known, const Query& query) {
  if (query.outputs.owner == nullptr || !query.outputs.owner->ranking) return false;
  return std::ranges::any_of(query.groups, [&](const Group& group) {
    const auto* set = std::get_if<SetPtr>(&group.key);
    return set != nullptr && (*set)->column >= 0 && (*set)->table == query.outputs.owner->table &&
           known.is_amount({Link::Kind::column, (*set)->table, (*set)->column, 1, ""}) &&
           known.column((*set)->table, (*set)->column).type.kind != TypeKind::integer;
  });
}

/// "top 3 vendors by total payment amount, with the number of payments": what is added up makes no groups itself.
bool groups_by_summed(const plan::SpecDraft& draft) {
  const auto& groups = draft.select.group_by;
  const auto summed = [&](const plan::Expr& value) {
    const auto* call = std::get_if<plan::Call>(&value.node);
    const bool adds = call != nullptr && (call->fn == plan::Fn::sum || call->fn == plan::Fn::avg || call->fn == plan::Fn::median);
    return adds && std::ranges::find(groups, call->args.front()) != groups.end();
  };
  return std::ranges::any_of(draft.select.columns, summed, &plan::Named::value) ||
         std::ranges::any_of(draft.order_by, summed, &plan::OrderKey::value);
}

/// "How many bookings were made in May? Return the number of bookings and the total number of guests": of theirs, and not of all that there are.
bool counts_others(const std::vector<Word>& words, const Query& query) {
  const auto counted = [](const Output& output) -> const Set* {
    const auto* quantity = std::get_if<Quantity>(&output);
    return quantity == nullptr || quantity->kind != Quantity::Kind::rows ? nullptr : quantity->of.get();
  };
  const auto later = [&](const Set& set) {
    return std::any_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(std::min(set.noun.begin, words.size())),
                       [](const Word& word) { return word.kind == WordKind::stop; });
  };
  if (!query.groups.empty() || !query.conditions.empty()) return false;
  return std::ranges::any_of(query.outputs.list, [&](const Output& output) {
    const Set* all = counted(output);
    if (all == nullptr || !all->conditions.empty() || !later(*all)) return false;
    return std::ranges::any_of(query.outputs.list, [&](const Output& other) {
      const Set* some = counted(other);
      return some != nullptr && some->table != all->table && !some->conditions.empty();
    });
  });
}

}  // namespace

Result<> check_plausible(const Known& known, const std::vector<Word>& words, const Query& query, const plan::SpecDraft& draft) {
  if (shows_only_flags(known, query)) return shape_error("the answer would be a column of yes and no", "say which rows are meant");
  if (groups_by_amount(known, query)) return shape_error("the first of each amount would be shown", "say what the first are ranked by");
  if (groups_by_summed(draft)) return shape_error("what is added up would make the groups", "say what is shown for each: \"… ? Return …\"");
  if (answers_itself(draft)) return shape_error("the answer would be what the question says itself", "name the columns that you want to see");
  if (denies_what_is(known, query))
    return shape_error("no row lacks what the question says is not there", "name the table of the rows that are meant");
  for (const Output& output : query.outputs.list)
    if (const auto* quantity = std::get_if<Quantity>(&output); quantity != nullptr && counts_dates(known, words, *quantity))
      return shape_error("different dates would be counted, and not what happened then", "name the rows that are counted");
  if (std::ranges::any_of(draft.select.columns, counts_none, &plan::Named::value))
    return shape_error("the question wants one column to have two values at once", "say \"or\", or ask for one of them");
  if (ranks_by_one(known, query)) return shape_error("each has at most one of those counted", "say what is added up: \"by total quantity\"");
  if (contradicts(known, query)) return shape_error("no row could lack one thing and have the other", "say in one phrase what the rows have none of");
  if (counts_elsewhere(known, query)) return shape_error("it is not clear of what the most are counted", "say \"the most …\" and what is counted");
  if (counts_others(words, query)) return shape_error("all rows of one table would be counted beside some of another", "say which rows are counted");
  const auto number = [](const plan::Named& one) { return plan::has_aggregate(one.value); };
  if (shows_no_person(known, query)) return shape_error("the question asks for a person", "name the table of those who are meant");
  if (asks_who(known) && std::ranges::all_of(draft.select.columns, number))
    return shape_error("the question asks for a person, and the answer would be a number", "name the table of those who are meant");
  TRY_VOID(check_enumerated(known, query));
  const auto nouns = nouns_of(known, words, query);
  TRY_VOID(check_dates(known, words, query, nouns));
  for (const Noun& first : nouns)
    for (const Noun& second : nouns) {
      if (first.links.empty() || second.links.empty() || first.end > second.begin) continue;
      const Link &one = first.links.front(), &other = second.links.front();
      if (one.kind != Link::Kind::value || other.kind != Link::Kind::value || (one.table == other.table && one.column == other.column)) continue;
      if (!joined(known, words, first.end, second.begin)) continue;
      // What a word may be with the other's column is surer than what only stands beside it.
      for (const Mention& mention : known.schema.index.values_at(words, second.begin, known.lexicon))
        if (mention.end == second.end &&
            std::ranges::any_of(mention.links, [&](const Link& link) { return link.table == known.base_of(one.table) && link.column == one.column; }))
          return shape_error("two values beside each other would be of different columns", "name the column of each");
    }
  return {};
}

}  // namespace sluice::planner
