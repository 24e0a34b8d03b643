#include "planner/known.h"

#include <algorithm>
#include <set>

#include "planner/labels.h"
#include "planner/verbs.h"

namespace sluice::planner {

Schema make_schema(const Catalog& catalog, const std::vector<ColumnValues>& values, const Glossary& glossary, const Lexicon& lexicon,
                   const CatalogIndex* before) {
  HouseWords house(catalog, glossary, lexicon);
  house.look_at(values);
  CatalogIndex index(house.catalog, values, lexicon, before, &catalog);
  house.name_all(index);
  Roles roles(house.catalog, lexicon);
  roles.name_all(index);
  JoinGraph graph(house.catalog, roles);
  return {std::move(house), std::move(index), std::move(roles), std::move(graph)};
}

Known::Known(const Catalog& of, const Schema& made, const Lexicon& language, const std::vector<Word>& words, std::optional<Day> day,
             std::shared_ptr<Formulas> said)
    : real(of), catalog(made.house.catalog), schema(made), lexicon(language), today(day), formulas(std::move(said)), words_(words) {
  find_said();
}

void Known::find_said() {
  constexpr double kSurely = 0.85;
  if (schema.roles.all().empty()) return;
  std::vector<Mention> mentions;
  for (std::size_t at = 0; at < words_.size(); ++at)
    for (Mention& one : schema.index.names_at(words_, at, lexicon)) mentions.push_back(std::move(one));
  for (const Mention& one : mentions) {
    // "home" of a "home score" names no team, nor are there reports where somebody is who others "report to".
    const bool within = std::ranges::any_of(mentions, [&](const Mention& other) {
      return other.begin <= one.begin && one.end <= other.end && other.size() > one.size() && other.links.front().score >= kSurely;
    });
    if (within) continue;
    for (const Link& link : one.links) {
      const RoleTable* of = role(link.table);
      if (of == nullptr || link.score < kSurely || (of->referring && one.begin == 0 && one.size() == 1 && !one.plural)) continue;
      said_.insert(link.table);
      auto& longest = said_ends_[one.end];
      if (one.size() > longest.first) longest = {one.size(), link.table};
    }
  }
  const auto says = [&](auto test) { return std::ranges::any_of(words_, test); };
  const auto& all = schema.roles.all();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool beside = std::ranges::any_of(said_, [&](int other) {
      const RoleTable& one = *role(other);
      return one.from == all[i].from && one.base == all[i].base && (!one.of_itself() || one.key == all[i].key);
    });
    if (!beside) continue;
    const auto pieces = name_pieces(table(all[i].from).foreign_keys[all[i].key].columns.front());
    if (all[i].of_itself() || (lexicon.points_from(pieces) && says([&](const Word& word) { return lexicon.says_from(word); })) ||
        (lexicon.points_to(pieces) && says([&](const Word& word) { return lexicon.says_to(word); })))
      said_.insert(schema.roles.number(i));
  }
}

std::optional<int> Known::role_before(std::size_t word) const {
  const auto found = said_ends_.find(word);
  return found == said_ends_.end() ? std::nullopt : std::optional(found->second.second);
}

bool Known::makes_role(int edge, int table_id) const {
  const RoleTable* one = role(table_id);
  if (one == nullptr) return false;
  const Edge& key = schema.graph.edge(edge);
  const bool same = key.single && key.columns.front().first == table(one->from).foreign_keys[one->key].columns.front();
  return same && (one->referring ? key.from == table_id : key.to == table_id);
}

bool Known::may_speak_of(int from, int of, Condition::Way way) const {
  if (role(of) == nullptr || from == of) return true;
  return way != Condition::Way::none && towards(routes(from, of), way) != nullptr;
}

bool Known::is_beside_role(std::size_t begin, std::size_t end) const {
  constexpr std::size_t kFar = 8;
  const auto joins = [&](std::size_t at) {
    const auto phrases = lexicon.phrases_at(words_, at);
    return !names_role(at) && std::ranges::all_of(phrases, [](const Lexicon::Phrase& one) {
      return one.role == Role::either_or || one.role == Role::conjunction || one.role == Role::comma || one.role == Role::glue ||
             one.role == Role::either;
    });
  };
  for (std::size_t i = begin; i > 0 && begin - i < kFar; --i) {
    if (lexicon.says_of(words_[i - 1])) return true;
    if (!joins(i - 1)) break;
  }
  for (std::size_t i = end - std::min<std::size_t>(end, 1); i < words_.size() && i < end + kFar; ++i) {
    if (words_[i].owns) return true;
    if (i >= end && !joins(i)) break;
  }
  return false;
}

std::vector<int> Known::said_roles(int base) const {
  std::vector<int> out;
  for (const int one : said_)
    if (role(one)->base == base) out.push_back(one);
  return out;
}

bool Known::allows(int edge) const {
  const Edge& one = schema.graph.edge(edge);
  if (!is_said(one.from) || !is_said(one.to)) return false;
  if (role(one.from) != nullptr || role(one.to) != nullptr) return true;
  // Where a role is named, rows are not linked in whatever role beside it.
  return std::ranges::none_of(
      said_, [&](int said) { return !role(said)->of_itself() && schema.roles.is_pair(*role(said), one.from, one.to) && one.single; });
}

bool Known::asks_which() const {
  constexpr std::size_t kFirst = 3;
  for (std::size_t i = 0; i < words_.size() && i < kFirst; ++i)
    if (lexicon.asks_which(words_[i])) return true;
  return false;
}

bool Known::says_altogether() const {
  for (std::size_t i = 0; i < words_.size(); ++i)
    for (const Lexicon::Phrase& phrase : lexicon.phrases_at(words_, i)) {
      const std::size_t end = i + phrase.words;
      if (phrase.role == Role::altogether && (end == words_.size() || words_[end].kind != WordKind::word || !lexicon.phrases_at(words_, end).empty()))
        return true;
    }
  return false;
}

const Known::DurationColumn& Known::duration(int table_id, int id) const {
  const auto [found, fresh] = durations_.try_emplace({table_id, id});
  if (!fresh) return found->second;
  const Table& one = table(table_id);
  const Duration of = duration_of(id, one.columns.size());
  found->second = {column_of(one, of), {Computed::Kind::duration, planner::value_of(one, of)}};
  return found->second;
}

bool Known::is_key(const Link& link) const {
  if (Formulas::has(link.column)) return false;
  const Table& owner = table(link.table);
  const Column& one = column(link);
  const auto in = [&](const std::vector<std::string>& columns) { return std::ranges::find(columns, one.name) != columns.end(); };
  return is_identifier(one, owner) || (owner.primary_key && in(owner.primary_key->columns)) ||
         std::ranges::any_of(owner.foreign_keys, [&](const ForeignKey& key) { return in(key.columns); });
}

std::vector<std::string> Known::spellings(const Noun& value) const {
  const Link& link = value.links.front();
  const bool quoted = value.begin < words_.size() && words_[value.begin].kind == WordKind::quoted;
  return quoted ? std::vector{link.value} : schema.index.spellings({link.kind, base_of(link.table), link.column, 1, link.value});
}

bool Known::is_amount(const Link& link) const {
  if (is_duration(link) || is_computed(link, Computed::Kind::formula)) return true;
  static constexpr std::string_view kTimes[] = {"year", "quarter", "month", "week", "day", "hour"};
  const auto pieces = name_pieces(column(link).name);
  const bool time = !pieces.empty() && std::ranges::find(kTimes, pieces.back()) != std::end(kTimes);
  return column(link).type.is_numeric() && !is_key(link) && !time;
}

const std::vector<Route>& Known::routes(int from, int to) const {
  const auto [found, fresh] = routes_.try_emplace({from, to});
  if (!fresh) return found->second;
  found->second = schema.graph.routes(from, to, [this](int edge) { return allows(edge); });
  // Beyond a role is only what is said of the role itself; and whose "orders of a manager" they are, his or those of his reports, nobody knows.
  std::erase_if(found->second, [&](const Route& route) {
    for (std::size_t i = 0; i < route.steps.size() && route.steps.size() > 1; ++i) {
      const Edge& edge = schema.graph.edge(route.steps[i].edge);
      const int end = route.steps[i].forward ? edge.to : edge.from;
      if (i + 1 < route.steps.size() && role(end) != nullptr) return true;
      if (edge.of_itself) return true;
    }
    return false;
  });
  if (found->second.size() == 1 && found->second.front().steps.size() == 1) add_way_of_pairs(from, to, found->second);
  return found->second;
}

void Known::add_way_of_pairs(int from, int to, std::vector<Route>& ways) const {
  const auto refers = [&](const Edge& edge) {
    return edge.columns.size() == 1 && named_for(*table(edge.from).find_column(edge.columns.front().first), table(edge.to));
  };
  const Edge& direct = schema.graph.edge(ways.front().steps.front().edge);
  if (role(from) != nullptr || role(to) != nullptr || direct.columns.size() != 1 || refers(direct)) return;
  // "employees who lead a project", "books written by Anna": what was done says in which role.
  const auto pieces = name_pieces(direct.columns.front().first);
  for (std::size_t at = 0; at < words_.size(); ++at) {
    const bool did = lexicon.does(words_, at, Role::deed) || (like_verb(words_[at]) && !lexicon.does(words_, at, Role::light));
    if (did || std::ranges::find(pieces, words_[at].stem) != pieces.end()) return;
  }
  for (int pairs = 0; pairs < static_cast<int>(real.tables.size()); ++pairs) {
    const auto& key = table(pairs).primary_key;
    if (pairs == from || pairs == to || !key || key->columns.size() != 2) continue;
    int near = -1, far = -1;
    for (const int index : schema.graph.edges_from(pairs)) {
      const Edge& edge = schema.graph.edge(index);
      const bool in_key = edge.columns.size() == 1 && std::ranges::find(key->columns, edge.columns.front().first) != key->columns.end();
      if (!in_key || !allows(index)) continue;
      if (edge.to == from) near = index;
      if (edge.to == to) far = index;
    }
    if (near >= 0 && far >= 0) ways.push_back({.steps = {{near, false}, {far, true}}, .to_one = false});
  }
}

Result<int> Known::nearest(const std::vector<std::pair<int, int>>& roots, const std::vector<int>& named) const {
  std::vector<int> alike;
  for (const auto& [root, distance] : roots)
    if (distance == roots.front().second) alike.push_back(root);
  for (const int root : alike)
    if (is_done_in(root)) return root;
  const bool is_named = std::ranges::any_of(alike, [&](int root) { return std::ranges::find(named, root) != named.end(); });
  if (alike.size() == 1 || is_named) return alike.front();
  return Error{ErrorKind::unanswerable, "E0604", "both \"" + called(alike[0]) + "\" and \"" + called(alike[1]) + "\" link what the question names",
               "say which of them is meant", 0};
}

bool Known::is_done_in(int id) const {
  const auto root_of = [](std::string text) {
    for (const std::string_view ending : {"ing", "ed", "e"})
      if (text.size() > ending.size() + 2 && text.ends_with(ending)) text.resize(text.size() - ending.size());
    return text;
  };
  const auto name = name_pieces(table(id).name.name);
  if (name.empty()) return false;
  return std::ranges::any_of(words_, [&](const Word& word) {
    return (like_verb(word) && root_of(word.lower) == root_of(name.back())) || (lexicon.is_sale(word) && name.back() == "sale");
  });
}

bool Known::is_link(int id) const {
  const Table& one = real.tables[static_cast<std::size_t>(base_of(id))];
  std::set<std::string> keys;
  for (const ForeignKey& key : one.foreign_keys) keys.insert(key.columns.begin(), key.columns.end());
  return keys.size() >= 2 && keys.size() == one.columns.size();
}

std::vector<std::pair<int, int>> Known::roots(const std::vector<int>& targets) const {
  return schema.graph.roots(targets, [this](int edge) { return allows(edge); });
}

double Known::distance(int from, int to) const {
  constexpr double kForward = 0.08, kBack = 0.15, kThroughLink = 0.1;
  if (from == to) return 0;
  const auto& all = routes(from, to);
  if (all.empty()) return kUnreachable;
  double out = 0;
  const auto& steps = all.front().steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    // A table that only links two others is no more than the line between them.
    if (!steps[i].forward && i + 1 < steps.size() && steps[i + 1].forward && is_link(schema.graph.edge(steps[i].edge).from)) {
      out += kThroughLink;
      ++i;
      continue;
    }
    out += steps[i].forward ? kForward : kBack;
  }
  return out;
}

const Route* Known::towards(const std::vector<Route>& ways, Condition::Way way) const {
  for (const Route& one : ways)
    for (const Step& step : one.steps)
      for (const auto& [column, target] : schema.graph.edge(step.edge).columns) {
        const auto pieces = name_pieces(column);
        const bool from = lexicon.points_from(pieces), to = lexicon.points_to(pieces);
        if (from != to && (way == Condition::Way::from ? from : to)) return &one;
      }
  return nullptr;
}

const Route* Known::preferred(const std::vector<Route>& ways) const {
  const auto named = [&](const Route& way) {
    int count = 0;
    for (const Step& step : way.steps)
      for (const auto& [from, to] : schema.graph.edge(step.edge).columns)
        for (const auto pieces = name_pieces(from); const std::string& piece : pieces)
          if (piece.size() > 1)
            count += static_cast<int>(std::ranges::count_if(words_, [&](const Word& word) {
              return word.stem == piece ||
                     std::ranges::any_of(lexicon.equivalents(word.stem), [&](const auto& other) { return other.first == piece; });
            }));
    for (const Step& step : way.steps) {
      const Edge& edge = schema.graph.edge(step.edge);
      count += is_done_in(step.forward ? edge.to : edge.from) ? 1 : 0;
    }
    for (const Step& step : way.steps)
      for (const auto& [from, to] : schema.graph.edge(step.edge).columns) {
        const auto pieces = name_pieces(from);
        const auto says = [&](auto test) { return std::ranges::any_of(words_, test) ? 1 : 0; };
        if (lexicon.points_from(pieces)) count += says([&](const Word& word) { return lexicon.says_from(word); });
        if (lexicon.points_to(pieces)) count += says([&](const Word& word) { return lexicon.says_to(word); });
      }
    return count;
  };
  const Route* best = nullptr;
  int most = -1;
  for (const Route& way : ways) {
    const int count = named(way);
    if (count == most) best = nullptr;
    if (count <= most) continue;
    best = &way;
    most = count;
  }
  return best;
}

}  // namespace sluice::planner
