#include "planner/planner.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <mutex>

#include "base/text.h"
#include "plan/render.h"
#include "planner/ask_back.h"
#include "planner/compile.h"
#include "planner/lexical.h"
#include "planner/only.h"
#include "planner/plausible.h"
#include "planner/refine.h"
#include "planner/rows.h"
#include "planner/rules/arithmetic.h"
#include "planner/rules/rules.h"
#include "planner/sense.h"
#include "planner/snapshots.h"
#include "planner/today.h"
#include "planner/trade_path.h"
#include "planner/understood.h"
#include "planner/units.h"
#include "planner/verbs.h"

namespace sluice {
namespace {

using namespace planner;

constexpr std::size_t kSchemasKept = 4, kFeedbackMax = 20, kParsesMax = 12, kRefinementsMax = 24;
/// Readings whose costs differ by less are equally good.
constexpr double kSame = 0.01;
/// How likely an answer is right, by what it costs and how far the next reading is: a logistic fit to 928 answered questions of 35 databases,
/// its constant lowered by what databases lost that no rule was made on.
constexpr double kConstant = 2.6, kCostWeight = 2.3, kDistanceWeight = 2.8, kFar = 0.3, kConfidenceMax = 0.97, kConfidenceMin = 0.8;
/// An answer that costs more than a reading without one, and by this much, is not what was meant.
constexpr double kFarther = 0.45;

Error unanswerable(std::string code, std::string message, std::string hint) {
  return {ErrorKind::unanswerable, std::move(code), std::move(message), std::move(hint), 0};
}

std::string shown(std::string_view word) { return "\"" + show_hidden(word.substr(0, 60), false) + "\""; }

Error not_placed(const std::vector<std::string>& words, const Known& known) {
  std::string list;
  for (std::size_t i = 0; i < words.size() && i < 5; ++i) list += (i == 0 ? "" : ", ") + shown(words[i]);
  std::string near = known.schema.index.near(to_lower(words.front()));
  if (near == to_lower(words.front())) near.clear();  // a part of a longer name
  const bool foreign = std::ranges::any_of(
      words, [](const std::string& word) { return std::ranges::any_of(word, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }); });
  const bool trade = std::ranges::any_of(words, [&](const std::string& word) { return known.lexicon.is_trade(split_words(word).front().stem); });
  const std::string hint = !near.empty() ? "did you mean \"" + near + "\"? "
                           : foreign     ? "The built-in planner reads English. "
                           : trade       ? "Say in glossary.yml what they come to (`revenue = sum(quantity * unit_price)`). "
                                         : "";
  return unanswerable(
      "E0602",
      list + (words.size() == 1 ? " is" : " are") + " neither a table, a column nor a known value, and not a word that the built-in planner knows",
      hint + "Name tables and columns as in `sluice catalog show`, put values in quotes after their column, or write the SQL with `sluice query`");
}

struct Candidate {
  double cost = 0, said = 0;  ///< `said`: without what the query itself leaves to guess
  Json spec{};
  std::string sql{};
  Query query{};
  std::string sense{};
};

/// Whether two questions ask for the same columns of the same rows, whatever they say of them.
bool alike(const Query& a, const Query& b) {
  const auto table = [](const SetPtr& set) { return set == nullptr ? -1 : set->table; };
  const auto same = [&](const Output& one, const Output& other) {
    if (one.index() != other.index()) return false;
    if (const auto* set = std::get_if<SetPtr>(&one)) return (*set)->table == std::get<SetPtr>(other)->table;
    const auto &first = std::get<Quantity>(one), &second = std::get<Quantity>(other);
    return first.noun.links == second.noun.links && table(first.of) == table(second.of);
  };
  return table(a.outputs.owner) == table(b.outputs.owner) && std::ranges::equal(a.outputs.list, b.outputs.list, same);
}

class BuiltInPlanner : public Proposer {
 public:
  Result<Proposal> propose(const ProposalRequest& request) override {
    const auto schema = schema_of(request);
    TRY_VOID(check(request.question, request.catalog));
    if (request.feedback.size() > kFeedbackMax)
      return unanswerable("E0601", "there are more than " + std::to_string(kFeedbackMax) + " refinements", "ask a new question");
    std::vector<std::string> texts{request.question};
    for (const std::string& one : request.feedback) {
      TRY_VOID(check(one, request.catalog));
      texts.push_back(one);
    }
    const Conversation talk = conversation_of(texts, request.glossary);
    const std::vector<Word> words = talk.until(0);
    if (std::ranges::all_of(words, [](const Word& word) { return word.kind == WordKind::comma || word.kind == WordKind::stop; }))
      return unanswerable("E0600", "nothing was asked", "ask for example \"how many rows are in TABLE?\"");
    if (std::ranges::any_of(talk.parts, [](const Conversation::Part& part) { return part.end - part.begin > kWordsMax; }))
      return unanswerable("E0601", "the question has more than " + std::to_string(kWordsMax) + " words", "ask in a sentence or two");
    Word statement = words.front();
    if (words.size() > 1) statement.lower += " " + words[1].lower;  // "create table"
    if ((lexicon_.says_write(words.front()) || lexicon_.says_write(statement)) && schema->index.names_at(words, 0, lexicon_).empty() &&
        schema->index.values_at(words, 0, lexicon_).empty())
      return unanswerable("E0606", shown(words.front().text) + " would change the data, and a question only reads it", "ask for what the data says");
    const auto today = day_of(request.today);
    const auto formulas = std::make_shared<Formulas>();
    const Known known(request.catalog, *schema, lexicon_, words, today, formulas);
    TRY_VOID(check_today(known));
    TRY(auto candidates, readings(known, words));
    if (talk.parts.size() == 1) return answer(candidates, words, known);
    // What is said later does not change how the earlier was read: the person saw that.
    for (std::size_t part = 1; part < talk.parts.size(); ++part) {
      const std::vector<Word> so_far = talk.until(part);
      const Known heard(request.catalog, *schema, lexicon_, so_far, today, formulas);
      TRY_VOID(check_today(heard));
      TRY(candidates, refined(heard, so_far, words.size(), talk.parts[part].begin, candidates));
    }
    return answer(candidates, talk.words, Known(request.catalog, *schema, lexicon_, talk.words, today, formulas));
  }

 private:
  std::shared_ptr<const Schema> schema_of(const ProposalRequest& request) {
    const bool named = !request.catalog_id.empty() && (request.glossary.empty() || !request.glossary_id.empty());
    const std::string id = named ? request.catalog_id + " " + request.glossary_id : "";
    if (!id.empty()) {
      const std::lock_guard lock(mutex_);
      for (const Kept& one : schemas_)
        if (one.id == id) return one.schema;
    }
    const auto before = id.empty() ? nullptr : latest_of(request.catalog.connection);
    const CatalogIndex* shared = before == nullptr ? nullptr : &before->index;
    auto made = std::make_shared<const Schema>(make_schema(request.catalog, request.values, request.glossary, lexicon_, shared));
    if (id.empty()) return made;  // nothing says whether the next question's catalog is the same
    const std::lock_guard lock(mutex_);
    schemas_.push_front({id, request.catalog.connection, made});
    if (schemas_.size() > kSchemasKept) schemas_.pop_back();
    return made;
  }

  /// What was made of the connection's catalog as it was before: most tables stay as they are.
  std::shared_ptr<const Schema> latest_of(const std::string& connection) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(schemas_, connection, &Kept::connection);
    return found == schemas_.end() ? nullptr : found->schema;
  }

  static Result<> check(const std::string& text, const Catalog& catalog) {
    if (text.size() > kQuestionBytesMax)
      return unanswerable("E0601",
                          "the question is " + human_bytes(static_cast<std::int64_t>(text.size())) + " long; the built-in planner reads up to " +
                              human_bytes(static_cast<std::int64_t>(kQuestionBytesMax)),
                          "ask in a sentence or two");
    if (catalog.tables.empty())
      return unanswerable("E0605", "the connection has no table that may be read, so there is nothing to ask about",
                          "load some data, or let the login read it; `sluice catalog show` lists what there is");
    return {};
  }

  static Error too_much() { return unanswerable("E0601", "the question says too much at once for the built-in planner", "ask in a sentence or two"); }

  static Error unreadable(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, const std::vector<double>& skip) {
    std::vector<bool> read(words.size(), false);
    for (const Item& item : items)
      for (std::size_t i = item.begin; i < item.end; ++i) read[i] = true;
    std::vector<std::string> unplaced;
    for (std::size_t i = 0; i < words.size(); ++i)
      if (!read[i] && skip[i] >= Chart::kNoSkip) unplaced.push_back(words[i].text);
    if (!unplaced.empty()) return not_placed(unplaced, known);
    for (std::size_t i = 1; i < words.size(); ++i)
      if (is_said_alone(known, words, items, i))
        return unanswerable("E0606", "nothing in the data says of what was " + shown(words[i].text) + " and what was not",
                            "name the column or the table that tells it, or leave the word out");
    return unanswerable("E0606", "the words are known, but the question has a shape that the built-in planner doesn't know",
                        "say it in another way, or write the SQL with `sluice query`");
  }

  /// Whether the question asks for changes, ranks, or a number of some of those that it counts.
  static bool speaks_of_windows(const std::vector<Item>& items) {
    static constexpr Role kSaid[] = {Role::change, Role::growth, Role::running, Role::difference, Role::rank, Role::over_before, Role::of_those};
    return std::ranges::any_of(items,
                               [](const Item& item) { return item.cat == Cat::role && std::ranges::find(kSaid, item.role) != std::end(kSaid); });
  }

  static bool names_roles(const Known& known, const std::vector<Word>& words) {
    for (std::size_t i = 0; i < words.size(); ++i)
      if (known.names_role(i)) return true;
    return false;
  }

  Result<std::vector<Candidate>> readings(const Known& known, const std::vector<Word>& words) const {
    const auto items = lexical_items(known, words);
    const auto skip = skip_costs(known, words, items);
    const auto arithmetic = arithmetic_said(items);
    Chart chart(known, words, skip, names_roles(known, words) ? grammar_with_roles() : grammar());
    chart.use(arithmetic);
    if (speaks_of_windows(items)) chart.use(window_grammar());
    for (const Item& item : items) chart.add(item);
    chart.run();
    if (chart.gave_up()) return too_much();
    const auto parses = chart.whole(Cat::query);
    if (parses.empty()) return unreadable(known, words, items, skip);
    std::vector<Candidate> out;
    std::optional<Error> first, likeliest;
    double refused = Known::kUnreachable;
    for (std::size_t i = 0; i < parses.size() && i < kParsesMax; ++i)
      for (const auto& [query, cost] : settle(known, parses[i].as<Query>())) {
        auto candidate = candidate_of(known, words, words.size(), query, parses[i].cost + cost);
        if (candidate) {
          keep(out, *std::move(candidate));
          continue;
        }
        if (!first) first = candidate.error();
        if (candidate.error().code != "E0606" || parses[i].cost + cost >= refused) continue;
        refused = parses[i].cost + cost;
        likeliest = std::move(candidate).error();
      }
    if (out.empty()) return first ? *first : nothing_fits(known, items);
    std::ranges::stable_sort(out, {}, &Candidate::cost);
    // What is meant has no answer, and what is far from it is not meant.
    if (likeliest && out.front().cost > refused + kFarther && !unsure_of_date(out.front().query)) return *likeliest;
    return out;
  }

  /// E0605: no table has all that the question speaks of; often a period is said where dates are text.
  static Error nothing_fits(const Known& known, const std::vector<Item>& items) {
    static constexpr std::string_view kDates[] = {"date", "time", "timestamp", "datetime", "day"};
    const auto says_when = [](const Item& item) {
      return item.cat == Cat::literal || (item.cat == Cat::role && (item.role == Role::month_name || item.role == Role::quarter_name ||
                                                                    (item.role >= Role::year && item.role <= Role::day)));
    };
    if (std::ranges::any_of(items, says_when))
      for (const Item& item : items) {
        if (item.cat != Cat::noun || item.as<Noun>().links.front().kind != Link::Kind::table) continue;
        const Table& table = known.table(item.as<Noun>().links.front().table);
        for (const Column& column : table.columns) {
          const auto pieces = name_pieces(column.name);
          if (column.type.kind != TypeKind::text || pieces.empty() || std::ranges::find(kDates, pieces.back()) == std::end(kDates)) continue;
          const std::string name = known.catalog.display(table.name) + "." + column.name;
          return unanswerable(
              "E0605", "\"" + name + "\" is text, so that nothing tells when rows of the table happened",
              "make it a date in a view: CAST(" + column.name + " AS date), or ask for its text: \"whose " + column.name + " starts with '1997'\"");
        }
      }
    return unanswerable("E0605", "the columns and conditions of the question do not belong to rows of one table", "name the table and its columns");
  }

  static void keep(std::vector<Candidate>& list, Candidate candidate) {
    const auto same = std::ranges::find(list, candidate.sense, &Candidate::sense);
    if (same == list.end())
      list.push_back(std::move(candidate));
    else
      same->cost = std::min(same->cost, candidate.cost);
  }

  /// What feedback makes of the likeliest candidate: the person saw no other.
  static Result<std::vector<Candidate>> refined(const Known& known, const std::vector<Word>& words, std::size_t asked, std::size_t from,
                                                const std::vector<Candidate>& before) {
    if (from == words.size()) return before;  // nothing was said
    const auto items = lexical_items(known, words, Said::feedback, from);
    const auto skip = feedback_skip_costs(known, words, items, from);
    const auto arithmetic = arithmetic_said(items);
    Chart chart(known, words, skip, names_roles(known, words) ? feedback_grammar_with_roles() : feedback_grammar());
    chart.use(arithmetic);
    for (const Item& item : items) chart.add(item);
    chart.run();
    if (chart.gave_up()) return too_much();
    const auto parses = chart.whole(Cat::refinement);
    if (parses.empty()) return unreadable(known, words, items, skip);
    const Candidate& shown = before.front();
    std::vector<Candidate> out;
    std::optional<Error> first;
    for (std::size_t i = 0; i < parses.size() && i < kRefinementsMax; ++i) {
      const auto& refinement = parses[i].as<Refinement>();
      for (const auto& [query, cost] : refine(known, shown.query, refinement)) {
        auto candidate = candidate_of(known, words, asked, query, shown.said + parses[i].cost + cost, Said::feedback);
        if (candidate && (candidate->sql != shown.sql || !must_change(refinement)))
          keep(out, *std::move(candidate));
        else if (!candidate && !first)
          first = std::move(candidate).error();
      }
    }
    if (out.empty()) return first ? *first : not_refined(words, from, parses.front().as<Refinement>());
    std::ranges::stable_sort(out, {}, &Candidate::cost);
    return out;
  }

  static bool must_change(const Refinement& refinement) {
    return std::ranges::any_of(refinement, [](const Change& one) {
      return one.kind == Change::Kind::keep_empty || one.kind == Change::Kind::share ||
             (one.kind == Change::Kind::outputs && one.way == Change::Way::add);
    });
  }

  static Error not_refined(const std::vector<Word>& words, std::size_t from, const Refinement& refinement) {
    std::string said;
    for (std::size_t i = from; i < words.size(); ++i) said += (i == from ? "" : " ") + words[i].text;
    return unanswerable("E0606", "the words are known, but it is not clear what " + sluice::shown(said) + " changes about the question",
                        hint_for(refinement));
  }

  static Result<Candidate> candidate_of(const Known& known, const std::vector<Word>& words, std::size_t asked, const Query& read, double cost,
                                        Said said = Said::question) {
    TRY(const Query query, with_only(known, words, asked, read));
    Guesses guesses;
    guesses.spoken = columns_spoken_of(known, query);
    TRY_VOID(check_units(known, words, query));
    TRY(plan::SpecDraft draft, compile(known, query, guesses));
    if (query.limit) {
      draft.limit = query.limit;
      // "which month had the most orders": one that is known.
      const auto* period = query.groups.size() == 1 ? std::get_if<Quantity>(&query.groups.front().key) : nullptr;
      if (period != nullptr && draft.select.group_by.size() == 1) {
        plan::Expr known_when = plan::call(plan::Fn::logical_not, {plan::call(plan::Fn::is_null, {draft.select.group_by.front()})});
        auto& where = draft.select.where;
        where = where ? plan::call(plan::Fn::logical_and, {*std::move(where), std::move(known_when)}) : std::move(known_when);
      }
      // Of several that are equally far up, always the same are chosen.
      for (const plan::Expr& key : draft.select.group_by)
        if (std::ranges::find(draft.order_by, key, &plan::OrderKey::value) == draft.order_by.end()) draft.order_by.push_back({key, false});
    }
    if (query.limit && draft.select.group_by.empty() && !draft.select.distinct && draft.select.from.query == nullptr)
      if (const Table* rows = known.real.find(draft.select.from.table); rows != nullptr)
        for (const std::string& key : key_columns(*rows))
          if (const plan::Expr by = plan::column(draft.select.from.alias, key);
              std::ranges::find(draft.order_by, by, &plan::OrderKey::value) == draft.order_by.end())
            draft.order_by.push_back({by, false});
    TRY_VOID(check_used(known, words, query, draft));
    // Who says more of a proposal may well confine it to what it shows.
    if (said == Said::question) TRY_VOID(check_plausible(known, words, query, draft));
    if (said == Said::question && begins_order(known, words) && query.order.empty() &&
        (query.outputs.owner == nullptr || !query.outputs.owner->ranking))
      return unanswerable("E0606", "the question asks for an order, and it is not clear by what", "say \"list … ordered by …\"");
    TRY_VOID(check_trade_path(known, words, query, draft));
    TRY_VOID(check_snapshots(known, draft));
    auto spec = plan::Spec::create(std::move(draft), known.real);
    if (!spec) return unanswerable("E0606", "the question makes no query: " + spec.error().message, spec.error().hint);
    Json encoded = encode(spec->draft());
    std::string sense = sense_of(encoded);
    return Candidate{cost + guesses.cost, cost, std::move(encoded), plan::render(*spec, known.real.dialect), read, std::move(sense)};
  }

  /// `"names" for column singer.name, "songs" for table song`
  static std::string meanings_of(const std::vector<LinkedWord>& linked) {
    std::string out;
    for (auto one = linked.begin(); one != linked.end(); ++one)
      if (std::find(linked.begin(), one, *one) == one) out += (out.empty() ? "\"" : ", \"") + one->word + "\" for " + one->meaning;
    return out;
  }

  static Error two_ways(const std::vector<LinkedWord>& first, const std::vector<LinkedWord>& second) {
    const auto apart = [](const std::vector<LinkedWord>& of, const std::vector<LinkedWord>& others) {
      std::vector<LinkedWord> out;
      std::ranges::copy_if(of, std::back_inserter(out), [&](const LinkedWord& one) { return std::ranges::find(others, one) == others.end(); });
      return meanings_of(out);
    };
    const std::string one = apart(first, second), other = apart(second, first);
    std::string how = "one takes " + one + "; the other " + other;
    if (one.empty() || other.empty()) how = "only one takes " + one + other;
    if (one.empty() && other.empty()) how = "both take " + meanings_of(first);
    return unanswerable("E0603", "the question can be read in two ways: " + how, "name the tables and columns that are meant");
  }

  static Result<Proposal> answer(const std::vector<Candidate>& candidates, const std::vector<Word>& words, const Known& known) {
    const Candidate& best = candidates.front();
    const auto next = std::find_if(candidates.begin() + 1, candidates.end(), [&](const Candidate& one) { return !shows_less(one.spec, best.spec); });
    const double distance = next == candidates.end() ? 1 : next->cost - best.cost;
    if (distance < kSame && !alike(best.query, next->query))
      return two_ways(understood(known, words, best.query), understood(known, words, next->query));
    TRY(auto back, ask_back(known, words, best.query));
    if (back) return *std::move(back);
    // A likelier reading that needs a choice is not passed over for one that doesn't.
    const auto needs_choice = [&](const Candidate& one) { return unsure_of_date(one.query) && one.cost - kSeveralDates <= best.cost; };
    if (std::ranges::any_of(candidates, needs_choice))
      return unanswerable("E0603", "several of the table's dates could be meant, and no word says which",
                          "name the date: \"whose hire date is in 1993\"");
    Proposal out;
    out.sql = best.sql;
    out.spec = best.spec;
    out.answered_by = "built-in";
    out.linked = understood(known, words, best.query);
    const double odds = kConstant - kCostWeight * best.cost + kDistanceWeight * std::min(distance, kFar);
    out.confidence = std::min(1 / (1 + std::exp(-odds)), kConfidenceMax);
    if (out.confidence < kConfidenceMin)
      return unanswerable("E0603",
                          "the words fit the tables too loosely to be sure what is meant; the closest reading takes " + meanings_of(out.linked),
                          "name tables and columns as in `sluice catalog show`");
    return out;
  }

  const Lexicon lexicon_{};
  std::mutex mutex_{};
  struct Kept {
    std::string id{}, connection{};
    std::shared_ptr<const Schema> schema{};
  };
  std::deque<Kept> schemas_{};
};

}  // namespace

std::unique_ptr<Proposer> make_planner() { return std::make_unique<BuiltInPlanner>(); }

}  // namespace sluice
