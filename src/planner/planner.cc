#include "planner/planner.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <numeric>

#include "base/text.h"
#include "plan/render.h"
#include "planner/compose.h"
#include "planner/coverage.h"
#include "planner/refine.h"

namespace sluice {
namespace {

using namespace planner;

constexpr std::size_t kSchemasKept = 4, kChoicesMax = 48, kLinksMax = 12, kFeedbackMax = 20;
/// Readings whose scores differ by less are equally good.
constexpr double kMargin = 0.045;
constexpr double kConfidenceMax = 0.97, kGuessCost = 0.06, kConfidenceMin = 0.5;

Error unanswerable(std::string code, std::string message, std::string hint) {
  return {ErrorKind::unanswerable, std::move(code), std::move(message), std::move(hint), 0};
}

std::string shown(std::string_view word) { return "\"" + show_hidden(word.substr(0, 60), false) + "\""; }

Error not_placed(const Unplaced& unplaced, const CatalogIndex& index) {
  const std::vector<std::string>& words = unplaced.words;
  std::string list;
  for (std::size_t i = 0; i < words.size() && i < 5; ++i) list += (i == 0 ? "" : ", ") + shown(words[i]);
  if (unplaced.known)
    return unanswerable("E0602", "it is not clear what " + list + (words.size() == 1 ? " is" : " are") + " about here",
                        "say it in another way, or write the SQL with `sluice query`");
  const std::string near = index.near(to_lower(words.front()));
  const bool foreign = std::ranges::any_of(
      words, [](const std::string& word) { return std::ranges::any_of(word, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }); });
  const std::string hint = !near.empty() ? "did you mean \"" + near + "\"? " : foreign ? "The built-in planner reads English. " : "";
  return unanswerable(
      "E0602",
      list + (words.size() == 1 ? " is" : " are") + " neither a table, a column nor a known value, and not a word that the built-in planner knows",
      hint + "Name tables and columns as in `sluice catalog show`, put values in quotes after their column, or write the SQL with `sluice query`");
}

/// The best combinations of links, by the sum of their scores: a beam, so that many ambiguous words stay cheap. The least ambiguous words come
/// first: a table that is named decides which of a thousand columns of one name is meant before the others are cut off.
std::vector<Choice> choices_of(const Frame& frame) {
  std::vector<std::size_t> order(frame.mentions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return frame.mentions[i].links.size(); });
  std::vector<Choice> open{{.links = std::vector<Link>(frame.mentions.size())}};
  for (std::size_t k = 0; k < order.size(); ++k) {
    std::vector<Choice> next;
    const std::vector<Link>& links = frame.mentions[order[k]].links;
    for (const Choice& one : open) {
      const auto related = [&](const Link& link) {
        return std::any_of(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k),
                           [&](std::size_t i) { return one.links[i].table == link.table; });
      };
      for (std::size_t i = 0; i < links.size(); ++i) {
        // Words of one question are mostly about the same tables; of the others the best have to do.
        const bool same_table = related(links[i]);
        if (i >= kLinksMax && !same_table) continue;
        Choice& longer = next.emplace_back(one);
        longer.links[order[k]] = links[i];
        longer.score += links[i].score + (same_table ? 0.05 : 0);
      }
    }
    std::ranges::stable_sort(next, [](const Choice& a, const Choice& b) { return a.score > b.score; });
    if (next.size() > kChoicesMax) next.resize(kChoicesMax);
    open = std::move(next);
  }
  return open;
}

struct Candidate {
  Choice choice{};
  Reading reading{};
  Json spec{};
  std::string sql{};
};

std::string meaning_of(const Link& link, const Catalog& catalog) {
  const Table& table = catalog.tables[static_cast<std::size_t>(link.table)];
  if (link.kind == Link::Kind::table) return "table " + catalog.display(table.name);
  const std::string column = catalog.display(table.name) + "." + table.columns[static_cast<std::size_t>(link.column)].name;
  return link.kind == Link::Kind::column ? "column " + column : column + " = '" + link.value + "'";
}

class BuiltInPlanner : public Proposer {
 public:
  Result<Proposal> propose(const ProposalRequest& request) override {
    const auto schema = schema_of(request);
    std::vector<Word> words;
    Frame frame;
    TRY_VOID(read(request.question, request.catalog, *schema, frame, words));
    if (request.feedback.size() > kFeedbackMax)
      return unanswerable("E0601", "there are more than " + std::to_string(kFeedbackMax) + " refinements", "ask a new question");
    for (const std::string& feedback : request.feedback) {
      Frame refinement;
      std::vector<Word> more;
      TRY_VOID(read(feedback, request.catalog, *schema, refinement, more));
      const std::size_t offset = words.size();
      const auto move = [offset](auto& parts) {
        for (auto& part : parts) {
          part.begin += offset;
          part.end += offset;
        }
      };
      move(refinement.mentions);
      move(refinement.filters);
      move(refinement.groups);
      words.insert(words.end(), more.begin(), more.end());
      refine(frame, std::move(refinement));
    }
    if (frame.needs_order && !frame.order)
      return unanswerable("E0606", "the question asks for a number of rows, but not for which", "add \"with the highest …\" or \"with the most …\"");
    TRY(auto candidates, readings(frame, words, request.catalog, *schema));
    return answer(candidates, frame, words, request.catalog);
  }

 private:
  std::shared_ptr<const Schema> schema_of(const ProposalRequest& request) {
    const std::uint64_t key = index_key(request.catalog, request.values);
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [known, schema] : schemas_)
        if (known == key) return schema;
    }
    auto made = std::make_shared<const Schema>(Schema{CatalogIndex(request.catalog, request.values), JoinGraph(request.catalog)});
    const std::lock_guard lock(mutex_);
    schemas_.emplace_front(key, made);
    if (schemas_.size() > kSchemasKept) schemas_.pop_back();
    return made;
  }

  Result<> read(const std::string& text, const Catalog& catalog, const Schema& schema, Frame& frame, std::vector<Word>& words) const {
    if (text.size() > kQuestionBytesMax)
      return unanswerable("E0601",
                          "the question is " + human_bytes(static_cast<std::int64_t>(text.size())) + " long; the built-in planner reads up to " +
                              human_bytes(static_cast<std::int64_t>(kQuestionBytesMax)),
                          "ask in a sentence or two");
    words = split_words(text);
    if (words.size() > kWordsMax)
      return unanswerable("E0601", "the question has more than " + std::to_string(kWordsMax) + " words", "ask in a sentence or two");
    if (catalog.tables.empty())
      return unanswerable("E0605", "the connection has no table that may be read, so there is nothing to ask about",
                          "load some data, or let the login read it; `sluice catalog show` lists what there is");
    if (words.empty()) return unanswerable("E0600", "nothing was asked", "ask for example \"how many rows are in TABLE?\"");
    Reader reader(words, catalog, schema, lexicon_, frame);
    const auto unplaced = read_question(reader);
    if (!unplaced.words.empty() && (frame.relative.empty() || !unplaced.known)) return not_placed(unplaced, schema.index);
    if (!frame.relative.empty())
      return unanswerable("E0602", shown(frame.relative) + " depends on what day it is, which the built-in planner does not know",
                          "name the time itself, such as \"in 2013\", \"in March 2013\" or \"since 2013-03-01\"");
    if (reader.negate)
      return unanswerable("E0606", "the question says \"not\" of something that it doesn't name", "put the value right after \"not\"");
    return {};
  }

  Result<std::vector<Candidate>> readings(const Frame& frame, const std::vector<Word>& words, const Catalog& catalog, const Schema& schema) const {
    std::vector<Candidate> out;
    std::optional<Error> first;
    for (const Choice& choice : choices_of(frame)) {
      auto reading = compose(frame, choice, catalog, schema, lexicon_);
      if (!reading) {
        if (!first) first = std::move(reading).error();
        continue;
      }
      if (const MentionId id = first_unused(frame, choice, reading->draft, catalog, schema.graph); id != kNoMention) {
        if (!first)
          first = unanswerable("E0606",
                               "it is not clear what " + shown(phrase_of(frame.mentions[static_cast<std::size_t>(id)], words)) +
                                   " has to do with the rest of the question",
                               "leave it out, or ask for it in a question of its own");
        continue;
      }
      auto spec = plan::Spec::create(reading->draft, catalog);
      if (!spec) {
        const Error& why = spec.error();
        if (!first) first = unanswerable("E0606", "the question makes no query: " + why.message, why.hint);
        continue;
      }
      std::string sql = plan::render(*spec, catalog.dialect);
      const auto same = std::ranges::find(out, sql, &Candidate::sql);
      if (same == out.end()) {
        out.push_back({choice, *std::move(reading), encode(spec->draft()), std::move(sql)});
      } else if (same->reading.score < reading->score) {
        same->reading.score = reading->score;
        same->choice = choice;
      }
    }
    if (out.empty()) return first ? *first : Error::bug("no reading and no reason");
    std::ranges::stable_sort(out, [](const Candidate& a, const Candidate& b) { return a.reading.score > b.reading.score; });
    return out;
  }

  static Result<Proposal> answer(const std::vector<Candidate>& candidates, const Frame& frame, const std::vector<Word>& words,
                                 const Catalog& catalog) {
    const Candidate& best = candidates.front();
    const double distance = candidates.size() > 1 ? best.reading.score - candidates[1].reading.score : 1;
    if (distance < kMargin) {
      for (std::size_t i = 0; i < frame.mentions.size(); ++i)
        if (!(best.choice.links[i] == candidates[1].choice.links[i]))
          return unanswerable("E0603",
                              shown(phrase_of(frame.mentions[i], words)) + " could be " + meaning_of(best.choice.links[i], catalog) + " or " +
                                  meaning_of(candidates[1].choice.links[i], catalog),
                              "name the table and column that are meant");
      return unanswerable("E0603", "the question can be read in two ways", "name the tables and columns that are meant");
    }
    Proposal out;
    out.sql = best.sql;
    out.spec = best.spec;
    out.answered_by = "built-in";
    double sum = 0;
    for (std::size_t i = 0; i < frame.mentions.size(); ++i) {
      sum += best.choice.links[i].score;
      if (!frame.mentions[i].replaced) out.linked.push_back({phrase_of(frame.mentions[i], words), meaning_of(best.choice.links[i], catalog)});
    }
    auto periods = best.reading.periods;
    std::ranges::stable_sort(periods, {}, &PlacedPeriod::begin);
    for (const PlacedPeriod& period : periods) out.linked.push_back({phrase_of(period, words), period.meaning});
    const double mean = frame.mentions.empty() ? 1 : sum / static_cast<double>(frame.mentions.size());
    const double close = distance < 0.15 ? 0.05 : 0;
    out.confidence = std::clamp(mean * kConfidenceMax - kGuessCost * best.reading.guesses - close, 0.0, kConfidenceMax);
    if (out.confidence < kConfidenceMin)
      return unanswerable("E0603", "the words fit the tables too loosely to be sure what is meant",
                          "name tables and columns as in `sluice catalog show`");
    return out;
  }

  static std::string phrase_of(const auto& part, const std::vector<Word>& words) {
    std::string out;
    for (std::size_t i = part.begin; i < part.end && i < words.size(); ++i) out += (out.empty() ? "" : " ") + words[i].text;
    return out;
  }

  const Lexicon lexicon_{};
  std::mutex mutex_{};
  std::deque<std::pair<std::uint64_t, std::shared_ptr<const Schema>>> schemas_{};
};

}  // namespace

std::unique_ptr<Proposer> make_planner() { return std::make_unique<BuiltInPlanner>(); }

}  // namespace sluice
