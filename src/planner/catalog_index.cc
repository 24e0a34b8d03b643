#include "planner/catalog_index.h"

#include <algorithm>
#include <functional>
#include <ranges>
#include <unordered_set>

#include "base/text.h"
#include "planner/comment_codes.h"
#include "planner/labels.h"
#include "planner/name_prefixes.h"
#include "planner/spelling.h"

namespace sluice::planner {
namespace {

constexpr std::size_t kNameWordsMax = 5, kValueWordsMax = 6, kValueLinksMax = 256, kSpeltWordsMax = 3, kCommentWordsMax = 5;
/// How surely a part of a name, or a comment, stands for the whole.
constexpr double kHeadOnly = 0.7, kComment = 0.85, kPrefix = 0.85, kShortPrefix = 0.75, kOtherCase = 0.95, kWithoutId = 0.7, kLabel = 0.9,
                 kWithoutTable = 0.97, kOtherForm = 0.75, kSameRoot = 0.85, kOfRows = 0.95, kCounted = 0.85, kOnlyHead = 0.9, kWithName = 0.84,
                 kNameOfRows = 0.94;
/// "precip" stands for "precipitation": this many letters at least, and this many left out.
constexpr std::size_t kPrefixMin = 3, kPrefixLeftOut = 3, kRoot = 5, kRootWord = 7, kEndingMax = 3;

/// Endings of names that say how a thing is told, not what it is.
constexpr std::string_view kTechnical[] = {"id",   "name",   "code",   "title",  "key",    "number", "no",  "num", "km2",  "km",   "m2",
                                           "sqkm", "m",      "cm",     "mm",     "mi",     "ft",     "kg",  "g",   "lb",   "usd",  "eur",
                                           "mile", "min",    "hour",   "second", "day",    "pct",    "ts",  "at",  "year", "data", "list",
                                           "info", "detail", "record", "value",  "amount", "date",   "sec", "ms",  "type", "dt"};

/// Endings of tables' names that say no more than that they have rows.
constexpr std::string_view kOfRowsEndings[] = {"data",  "list", "info",   "detail", "record", "history", "log",
                                               "table", "tbl",  "master", "fact",   "dim",    "daily"};

/// Names link tables and columns; a table has the column -1.
std::uint64_t key_of(const Link& link) { return (static_cast<std::uint64_t>(link.table) << 32) | static_cast<std::uint32_t>(link.column); }

std::string words_key(const std::vector<Word>& words) {
  std::string out;
  for (const Word& word : words)
    if (word.kind != WordKind::comma && word.kind != WordKind::stop) out += (out.empty() ? "" : " ") + word.lower;
  return out;
}

/// Whether the word does more than to say what happened.
bool is_needed(const Lexicon& lexicon, const std::vector<Word>& words, std::size_t at) {
  return std::ranges::any_of(lexicon.phrases_at(words, at),
                             [](const auto& one) { return one.words == 1 && one.role != Role::light && one.role != Role::deed; });
}

}  // namespace

CatalogIndex::CatalogIndex(const Catalog& catalog, const std::vector<ColumnValues>& values, const Lexicon& lexicon, const CatalogIndex* before,
                           const Catalog* real)
    : values_(catalog, values, before == nullptr ? nullptr : &before->values_) {
  if (real != nullptr)
    for (const Table& table : real->tables) real_columns_.push_back(static_cast<int>(table.columns.size()));
  for (int t = 0; t < static_cast<int>(catalog.tables.size()); ++t) {
    const Table& table = catalog.tables[static_cast<std::size_t>(t)];
    add_name(name_pieces(table.name.name), 1, {Link::Kind::table, t, -1, 0, ""});
    if (const auto pieces = name_pieces(table.comment); !pieces.empty() && pieces.size() <= kCommentWordsMax)
      add_name(pieces, kComment, {Link::Kind::table, t, -1, 0, ""});
    // "payments" are payments_received.
    if (auto pieces = name_pieces(table.name.name); pieces.size() > 1 && lexicon.is_done(pieces.back())) {
      names_[by_text_.at(join(pieces, " "))].done = true;
      pieces.pop_back();
      add_name(pieces, kWithoutTable, {Link::Kind::table, t, -1, 0, ""});
    }
    // Who is "enrolled" is so in enrolled_in.
    if (auto pieces = name_pieces(table.name.name); pieces.size() > 1 && lexicon.is_preposition(pieces.back())) {
      pieces.pop_back();
      add_name(pieces, kWithoutTable, {Link::Kind::table, t, -1, 0, ""});
    }
    const auto place = [&](const std::string& column) { return static_cast<int>(table.find_column(column) - table.columns.data()); };
    // "the name of a customer" is the one that customers are known by, though it is called company_name; and their id is their key.
    for (const std::string& label : label_columns(table)) add_name({"name"}, kNameOfRows, {Link::Kind::column, t, place(label), 0, ""});
    if (table.primary_key && table.primary_key->columns.size() == 1) {
      const std::string& key = table.primary_key->columns.front();
      const Link link{Link::Kind::column, t, place(key), 0, ""};
      add_name({"id"}, kLabel, link);
      // "user ID" is uid of users.
      if (to_lower(key).ends_with("id")) {
        auto own = name_pieces(table.name.name);
        own.emplace_back("id");
        add_name(own, kWithoutTable, link);
      }
    }
    for (int i = 0; i < static_cast<int>(table.columns.size()); ++i) add_column(table, t, i, lexicon);
  }
  add_without_prefixes(catalog, real == nullptr ? catalog : *real);
  mark_only_heads(catalog);
}

void CatalogIndex::add_without_prefixes(const Catalog& catalog, const Catalog& real) {
  const auto rest = [](const std::vector<std::string>& pieces, std::size_t from) {
    return std::vector<std::string>(pieces.begin() + static_cast<std::ptrdiff_t>(from), pieces.end());
  };
  const auto of_tables = shared_by_tables(real);
  for (std::size_t t = 0; t < real.tables.size(); ++t) {
    const Table& table = catalog.tables[t];
    const auto own = rest(name_pieces(table.name.name), of_tables.size());
    if (!of_tables.empty()) add_name(own, kWithoutTable, {Link::Kind::table, static_cast<int>(t), -1, 0, ""});
    const auto of_columns = shared_by_columns(real.tables[t]);
    if (of_columns.empty()) continue;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const auto pieces = name_pieces(table.columns[c].name);
      if (pieces.size() <= of_columns.size() || !std::ranges::equal(of_columns, rest(pieces, 0) | std::views::take(of_columns.size()))) continue;
      const Link link{Link::Kind::column, static_cast<int>(t), static_cast<int>(c), 0, ""};
      auto longer = own;
      const auto last = rest(pieces, of_columns.size());
      longer.insert(longer.end(), last.begin(), last.end());
      add_name(last, kWithoutTable, link);
      add_name(longer, kWithoutTable, link);
      // "total booking amount" for bkg_total_amt of bookings
      if (last.size() == 2) {
        auto within = own;
        within.insert(within.begin(), last.front());
        within.push_back(last.back());
        add_name(within, kWithoutTable, link);
      }
      if (last.size() == 1) add_with_name(table, table.columns[c], last, link);
    }
  }
}

void CatalogIndex::mark_only_heads(const Catalog& catalog) {
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_head;
  for (const Table& table : catalog.tables) {
    const auto pieces = name_pieces(table.name.name);
    const auto found = by_text_.find(join(pieces, " "));
    if (found == by_text_.end()) continue;
    const std::size_t left_out = names_[found->second].of_rows && pieces.size() > 1 ? 2 : 1;
    by_head[pieces[pieces.size() - left_out]].push_back(found->second);
  }
  const auto tables_with = [&](const std::string& piece) {
    return std::ranges::count_if(catalog.tables, [&](const Table& table) {
      const auto pieces = name_pieces(table.name.name);
      return std::ranges::find(pieces, piece) != pieces.end();
    });
  };
  for (const auto& [head, names] : by_head) {
    const bool technical = std::ranges::find(kTechnical, head) != std::end(kTechnical);
    // A table or column that is called so is meant by it, and nothing else.
    if (names.size() == 1 && !technical && !by_text_.contains(head) && tables_with(head) == 1) names_[names.front()].only_head = true;
  }
}

void CatalogIndex::add_column(const Table& table, int t, int c, const Lexicon& lexicon) {
  const Column& column = table.columns[static_cast<std::size_t>(c)];
  const Link link{Link::Kind::column, t, c, 0, ""};
  const auto pieces = name_pieces(column.name);
  add_name(pieces, 1, link);
  if (column.type.is_temporal())
    for (const std::string& piece : pieces) {
      auto& columns = dates_[piece];
      if (columns.empty() || columns.back().table != t || columns.back().column != c) columns.push_back({Link::Kind::column, t, c, 1, ""});
    }
  std::vector<std::string> whole;
  for (const std::string& piece : pieces) {
    const auto& parts = lexicon.pieces_of(piece);
    whole.insert(whole.end(), parts.begin(), parts.end());
    if (parts.empty()) whole.push_back(piece);
  }
  if (const auto& parts = lexicon.pieces_of(join(pieces, "")); !parts.empty()) whole = parts;
  if (whole != pieces) add_name(whole, kWithoutTable, link);
  // "age" is pet_age of pets.
  const auto own = name_pieces(table.name.name);
  constexpr std::size_t kAbbreviation = 2;
  const auto says_table = [&](const std::string& piece) {
    return piece == whole.front() || (whole.front().size() >= kAbbreviation && piece.starts_with(whole.front()));
  };
  if (whole.size() > 1 && (std::ranges::any_of(own, says_table) || is_own_prefix(table, pieces.front())))
    add_name({whole.begin() + 1, whole.end()}, kWithoutTable, link);
  // "closing price" is px_close of daily prices.
  if (whole.size() == 2 && whole.front() != pieces.front() && column.type.is_numeric()) add_name({whole.back(), whole.front()}, kWithoutTable, link);
  // "country name" is cl_country of clients.
  if (whole.size() == 2 && is_own_prefix(table, pieces.front())) add_with_name(table, column, {whole.back()}, link);
  // "budget" is budget_in_millions.
  auto bare = whole;
  if (!bare.empty() && lexicon.scale_of(bare.back()) > 0) bare.pop_back();
  if (bare.size() < whole.size() && !bare.empty() && bare.back() == "in") bare.pop_back();
  if (bare.size() + 2 > whole.size() && bare.size() > 2 && bare[bare.size() - 2] == "in") bare.resize(bare.size() - 2);
  if (!bare.empty() && bare.size() < whole.size()) add_name(bare, kWithoutTable, link);
  // "vegan" is is_vegan.
  if (whole.size() > 1 && lexicon.is_flag(whole.front())) add_name({whole.begin() + 1, whole.end()}, kWithoutTable, link);
  // "goal" is goal_amt.
  if (whole.size() > 1 && column.type.is_numeric() && lexicon.is_tail(whole.back())) add_name({whole.begin(), whole.end() - 1}, kWithoutTable, link);
  // "products" are told by number_products.
  constexpr std::string_view kCounts[] = {"number", "num", "no", "count", "total", "qty", "quantity"};
  if (whole.size() > 1 && column.type.is_numeric() && std::ranges::find(kCounts, whole.front()) != std::end(kCounts))
    add_name({whole.begin() + 1, whole.end()}, kCounted, link);
  if (pieces.size() == 1) add_with_name(table, column, pieces, link);
  add_codes(column, link);
  if (const auto words = name_pieces(column.comment); !words.empty() && words.size() <= kCommentWordsMax) add_name(words, kComment, link);
}

void CatalogIndex::add_codes(const Column& column, Link link) {
  if (column.type.kind != TypeKind::text && column.type.kind != TypeKind::integer) return;
  link.kind = Link::Kind::value;
  for (const CommentCode& one : codes_in(column.comment)) {
    // A number stands for itself only in a column of numbers.
    if (column.type.kind == TypeKind::integer && one.code.find_first_not_of("0123456789") != std::string::npos) return;
    std::string key;
    value_key(one.meaning, key);
    link.value = one.code;
    coded_[key].push_back(link);
  }
}

void CatalogIndex::add_with_name(const Table& table, const Column& column, std::vector<std::string> pieces, const Link& link) {
  if (column.type.kind != TypeKind::text || is_code(column) || pieces.back() == "name" || pieces.back() == "title") return;
  if (is_in_key(table, column.name)) return;
  pieces.emplace_back("name");
  add_name(pieces, kWithName, link);
}

std::vector<Link> CatalogIndex::columns_like(const std::string& piece) const {
  std::vector<Link> out;
  const auto found = by_piece_.find(piece);
  if (found == by_piece_.end()) return out;
  std::unordered_set<std::uint64_t> seen;
  for (const Place& place : found->second)
    for (const Link& target : names_[place.name].targets) {
      if (target.kind != Link::Kind::column || !seen.insert(key_of(target)).second) continue;
      out.push_back(target);
      out.back().score = place.at + 1 == names_[place.name].pieces ? 1 : kHeadOnly;
    }
  return out;
}

void CatalogIndex::add_name(const std::vector<std::string>& pieces, double factor, Link target) {
  if (pieces.empty()) return;
  const auto [found, fresh] = by_text_.emplace(join(pieces, " ") + (factor < 1 ? " #" : ""), static_cast<std::uint32_t>(names_.size()));
  if (fresh) {
    names_.push_back({pieces.size(),
                      factor,
                      std::ranges::find(kTechnical, pieces.back()) != std::end(kTechnical),
                      std::ranges::find(kOfRowsEndings, pieces.back()) != std::end(kOfRowsEndings),
                      false,
                      {}});
    for (std::uint32_t i = 0; i < pieces.size(); ++i) {
      auto& places = by_piece_[pieces[i]];
      if (places.empty() && pieces[i].size() >= kRoot) by_root_[pieces[i].substr(0, kRoot)].push_back(pieces[i]);
      places.push_back({found->second, i});
    }
    // "tail number" and "tailnum", "air time" and "airtime": the pieces run together are a name of one piece.
    if (pieces.size() > 1 && factor == 1) add_name({join(pieces, "")}, factor, target);
  } else if (pieces.size() > 1 && factor == 1) {
    add_name({join(pieces, "")}, factor, target);
  }
  auto& targets = names_[found->second].targets;
  // Tables come one after the other: the last targets are those of this one.
  for (auto same = targets.rbegin(); same != targets.rend() && same->table == target.table; ++same)
    if (*same == target) return;
  targets.push_back(std::move(target));
}

std::vector<CatalogIndex::Partial> CatalogIndex::pieces_like(const Word& word, const Lexicon& lexicon) const {
  std::vector<Partial> out;
  const auto look_up = [&](const std::string& piece, double score) {
    const auto found = by_piece_.find(piece);
    if (found == by_piece_.end()) return;
    for (const Place& place : found->second) out.push_back({place.name, place.at, place.at, score});
  };
  look_up(word.stem, 1);
  for (const auto& [other, score] : lexicon.equivalents(word.stem)) look_up(other, score);
  // "salespeople" are no sales, where there are tables of both.
  const bool named = by_text_.contains(word.stem);
  for (std::size_t length = kPrefixMin; length + kPrefixLeftOut <= word.stem.size(); ++length)
    if (!named || !by_text_.contains(word.stem.substr(0, length))) look_up(word.stem.substr(0, length), length < 4 ? kShortPrefix : kPrefix);
  // "premiered" for premiere_year, "independent" for independence: the words share all but their endings.
  if (word.stem.size() >= kRootWord)
    if (const auto found = by_root_.find(word.stem.substr(0, kRoot)); found != by_root_.end())
      for (const std::string& piece : found->second) {
        const std::size_t shared = static_cast<std::size_t>(std::ranges::mismatch(piece, word.stem).in1 - piece.begin());
        if (piece != word.stem && shared + kEndingMax >= std::max(piece.size(), word.stem.size())) look_up(piece, kSameRoot);
      }
  // A word may be written with the name's own underscores.
  if (const auto pieces = name_pieces(word.text); pieces.size() > 1)
    if (const auto whole = by_text_.find(join(pieces, " ")); whole != by_text_.end())
      out.push_back({whole->second, static_cast<std::uint32_t>(pieces.size()) - 1, 0, 1});
  return out;
}

void CatalogIndex::keep(Found& found, const Partial& match) const {
  const Name& name = names_[match.name];
  if (match.at + 1 != name.pieces) {
    // "customer" for customer_id, "song" for song_name: only the technical ending is left out.
    // "transactions" for wallet_transactions_daily: the head of a table's name, where no other's has it.
    const bool head = match.from == 0 ? name.technical || name.of_rows : name.of_rows && name.only_head;
    if (!head || match.at + 2 != name.pieces) return;
  }
  double score = match.score * name.factor;
  if (match.from != 0 && (name.factor < 1 || name.done)) return;
  for (const Link& target : name.targets) {
    // "cars" for cars_data, but not for car_names.
    const bool table = target.kind == Link::Kind::table;
    if (match.at + 1 != name.pieces && (table ? !name.of_rows : !name.technical)) continue;
    // What a house calls "bulk order" is not every order.
    const auto of = static_cast<std::size_t>(target.table);
    if (match.from != 0 && !table && of < real_columns_.size() && target.column >= real_columns_[of]) continue;
    const double head_only = match.from == 0 ? 1 : table && name.only_head ? kOnlyHead : kHeadOnly;
    const double left_out = head_only * (match.at + 1 == name.pieces ? 1 : table ? kOfRows : kWithoutId);
    const auto [same, fresh] = found.places.emplace(key_of(target), found.links.size());
    if (fresh) {
      found.links.push_back(target);
      found.links.back().score = score * left_out;
    } else {
      found.links[same->second].score = std::max(found.links[same->second].score, score * left_out);
    }
  }
}

Mention CatalogIndex::run_together(const std::vector<Word>& words, std::size_t at, const Lexicon& lexicon) const {
  Mention out{at, at, {}, false};
  Found links;
  std::vector<std::pair<std::string, double>> endings = lexicon.equivalents(words[at + 1].stem);
  endings.emplace_back(words[at + 1].stem, 1.0);
  for (const auto& [ending, score] : endings)
    if (const auto found = by_text_.find(words[at].lower + ending); found != by_text_.end()) keep(links, {found->second, 0, 0, score});
  out.links = std::move(links.links);
  if (!out.links.empty()) out.end = at + 2;
  return out;
}

std::vector<Mention> CatalogIndex::names_at(const std::vector<Word>& words, std::size_t at, const Lexicon& lexicon) const {
  std::vector<Mention> out;
  if (at >= words.size() || words[at].kind != WordKind::word) return out;
  const auto add = [&](Mention mention) {
    std::ranges::stable_sort(mention.links, [](const Link& a, const Link& b) { return a.score > b.score; });
    const auto same = std::ranges::find(out, mention.end, &Mention::end);
    if (same == out.end()) out.push_back(std::move(mention));
  };
  std::vector<Partial> open = pieces_like(words[at], lexicon);
  // "in" alone is no mention of enrolled_in; but "on order" is one of units_on_order.
  const bool small = lexicon.is_preposition(words[at].lower);
  if (at + 1 < words.size() && words[at + 1].kind == WordKind::word)
    if (Mention one = run_together(words, at, lexicon); !one.links.empty()) add(std::move(one));
  for (std::size_t end = at + 1; !open.empty() && end <= at + kNameWordsMax; ++end) {
    Found found;
    for (const Partial& match : open)
      if (!small || end > at + 1 || names_[match.name].pieces == 1) keep(found, match);
    if (!found.links.empty()) add({at, end, std::move(found.links), words[end - 1].stem != words[end - 1].lower});
    if (end >= words.size() || words[end].kind != WordKind::word) break;
    std::vector<Partial> longer;
    const auto next = pieces_like(words[end], lexicon);
    std::unordered_map<std::uint64_t, double> followers;
    for (const Partial& one : next) {
      double& score = followers[(std::uint64_t{one.name} << 32) | one.from];
      score = std::max(score, one.score);
    }
    for (const Partial& match : open) {
      const auto follower = followers.find((std::uint64_t{match.name} << 32) | (match.at + 1));
      if (follower != followers.end()) longer.push_back({match.name, match.at + 1, match.from, match.score * follower->second});
    }
    open = std::move(longer);
  }
  return out;
}

std::vector<Link> CatalogIndex::value_links(const std::string& key, const std::string& written, const Lexicon& lexicon) const {
  std::vector<Link> out;
  const auto look_up = [&](const std::string& text, double score) {
    for (const auto& [table, column, value] : values_.find(text, kValueLinksMax)) {
      const auto same = std::ranges::find_if(out, [&](const Link& one) { return one.table == table && one.column == column; });
      if (same == out.end()) out.push_back({Link::Kind::value, table, column, value == written ? 1 : score, std::string(value)});
    }
    const auto coded = coded_.find(text);
    if (coded == coded_.end()) return;
    for (const Link& link : coded->second) {
      const auto same = std::ranges::find_if(out, [&](const Link& one) { return one.table == link.table && one.column == link.column; });
      if (same != out.end()) continue;
      out.push_back(link);
      out.back().score = score;
    }
  };
  look_up(key, kOtherCase);
  if (key.find(' ') != std::string::npos) {
    std::string joined = key;
    std::ranges::replace(joined, ' ', '_');
    look_up(joined, kOtherCase);
  }
  if (const std::string singular = stem(key); singular != key) look_up(singular, kOtherForm);
  // "American" is the US of a column of countries, and no airline's code.
  constexpr std::size_t kAbbreviation = 3;
  const auto is_of = [&](const Link& link, const std::string& what) {
    const auto named = [&](const std::string& piece) {
      const auto columns = columns_like(piece);
      return std::ranges::any_of(columns, [&](const Link& one) { return one.table == link.table && one.column == link.column; });
    };
    return named(what) || std::ranges::any_of(lexicon.equivalents(what), [&](const auto& other) { return named(other.first); });
  };
  for (const auto& [form, of] : lexicon.forms(key)) {
    const auto before = static_cast<std::ptrdiff_t>(out.size());
    look_up(form, kOtherForm);
    if (form.size() <= kAbbreviation || key.size() <= kAbbreviation)
      out.erase(std::remove_if(out.begin() + before, out.end(), [&](const Link& link) { return of.empty() || !is_of(link, of); }), out.end());
  }
  return out;
}

std::vector<Mention> CatalogIndex::values_at(const std::vector<Word>& words, std::size_t at, const Lexicon& lexicon) const {
  std::vector<Mention> out;
  std::string key, written;
  for (std::size_t end = at + 1; end <= words.size() && end <= at + kValueWordsMax; ++end) {
    const Word& word = words[end - 1];
    if (word.kind == WordKind::quoted && end > at + 1) break;
    // "Inc." and "Hall, East": signs within a value, which its key is without.
    if (word.kind == WordKind::stop || word.kind == WordKind::comma) {
      if (end == at + 1) break;
      written += word.text;
      continue;
    }
    const std::string part = word.kind == WordKind::quoted ? words_key(split_words(word.text)) : word.lower;
    key += (end == at + 1 ? "" : " ") + part;
    written += (end == at + 1 ? "" : " ") + word.text;
    auto links = value_links(key, written, lexicon);
    // A word that the language needs, or a very short one, is a value only where it is written as the value is; but 'Completed' may be a status.
    if (word.kind == WordKind::word && end == at + 1 && (key.size() <= 2 || is_needed(lexicon, words, at)))
      std::erase_if(links, [&](const Link& link) { return link.value != written; });
    if (!links.empty()) {
      // The sign after "Inc" is its own where it is the value's.
      const bool dot = end < words.size() && words[end].kind == WordKind::stop &&
                       std::ranges::any_of(links, [&](const Link& link) { return link.value.ends_with(words[end].text); });
      if (dot) out.push_back({at, end + 1, links, false});
      out.push_back({at, end, std::move(links), false});
    }
    if (word.kind == WordKind::quoted) break;
  }
  return out;
}

bool CatalogIndex::is_value(const std::string& value) const {
  std::string key;
  value_key(value, key);
  return !values_.find(key, 1).empty();
}

bool CatalogIndex::has_value(const Link& column, const std::string& value) const { return values_.has(column.table, column.column, value); }

std::vector<std::string> CatalogIndex::spellings(const Link& value) const {
  std::vector<std::string> out{value.value};
  std::string key;
  value_key(value.value, key);
  for (const auto& [table, column, other] : values_.find(key, kValueLinksMax))
    if (table == value.table && column == value.column && other != value.value && equals_ignoring_case(other, value.value)) out.emplace_back(other);
  return out;
}

std::string CatalogIndex::spelt(const std::vector<Word>& words, std::size_t at) const {
  if (words[at].kind != WordKind::word || !may_be_misspelt(words[at].lower)) return "";
  std::string found;
  // Only a word that nothing else could be: two guesses are none.
  const auto only = [&](const std::string& word) {
    const bool other = !found.empty() && found != word;
    found = word;
    return !other;
  };
  // "inactive" is no slip of "is active".
  const auto says_opposite = [&](const std::string& word) {
    constexpr std::size_t kFlag = 2;
    return word.size() > kFlag && words[at].stem.ends_with(word.substr(kFlag)) && by_piece_.contains(word.substr(kFlag));
  };
  for (const std::string& word : one_slip_away(words[at].stem))
    if (by_piece_.contains(word) && !says_opposite(word) && !only(word)) return "";
  if (!found.empty()) return found;
  const auto slips = one_slip_away(words[at].lower);
  for (std::size_t length = kSpeltWordsMax; length > 0 && found.empty(); --length)
    for (std::size_t begin = at + 1 - std::min(length, at + 1); begin <= at && begin + length <= words.size(); ++begin) {
      std::string before, after;
      for (std::size_t i = begin; i < begin + length; ++i) {
        if (i < at) before += words[i].lower + " ";
        if (i > at) after += " " + words[i].lower;
      }
      for (const std::string& word : slips)
        if (!values_.find(before + word + after, 1).empty() && !only(word)) return "";
    }
  return found;
}

std::string CatalogIndex::near(const std::string& word) const {
  std::vector<std::string> known;
  known.reserve(by_piece_.size());
  for (const auto& [piece, places] : by_piece_) known.push_back(piece);
  std::ranges::sort(known);
  return nearest(word, known);
}

}  // namespace sluice::planner
