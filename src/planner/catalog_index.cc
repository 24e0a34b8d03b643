#include "planner/catalog_index.h"

#include <algorithm>

#include "base/text.h"
#include "planner/labels.h"

namespace sluice::planner {
namespace {

constexpr std::size_t kNameWordsMax = 5, kValueWordsMax = 6, kValueLinksMax = 16, kCommentWordsMax = 5;
/// How surely a part of a name, or a comment, stands for the whole.
constexpr double kHeadOnly = 0.7, kComment = 0.85, kPrefix = 0.85, kOtherCase = 0.9, kWithoutId = 0.6, kLabel = 0.9;
/// "precip" stands for "precipitation": this many letters at least, and this many left out.
constexpr std::size_t kPrefixMin = 4, kPrefixLeftOut = 3;

std::string words_key(const std::vector<Word>& words) {
  std::string out;
  for (const Word& word : words) out += (out.empty() ? "" : " ") + word.lower;
  return out;
}

void mix(std::uint64_t& hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  hash = (hash ^ 0xff) * 0x100000001b3ULL;
}

}  // namespace

CatalogIndex::CatalogIndex(const Catalog& catalog, const std::vector<ColumnValues>& values) {
  std::unordered_map<std::string, int> tables;
  for (int t = 0; t < static_cast<int>(catalog.tables.size()); ++t) {
    const Table& table = catalog.tables[static_cast<std::size_t>(t)];
    tables[table.name.schema + "." + table.name.name] = t;
    add_name(name_pieces(table.name.name), 1, {Link::Kind::table, t, -1, 0, ""});
    if (const auto pieces = name_pieces(table.comment); !pieces.empty() && pieces.size() <= kCommentWordsMax)
      add_name(pieces, kComment, {Link::Kind::table, t, -1, 0, ""});
    // "the name of a customer" is the one that customers are known by, though it is called company_name.
    if (const auto labels = label_columns(table); labels.size() == 1)
      add_name({"name"}, kLabel, {Link::Kind::column, t, static_cast<int>(table.find_column(labels.front()) - table.columns.data()), 0, ""});
    for (int c = 0; c < static_cast<int>(table.columns.size()); ++c) {
      const Column& column = table.columns[static_cast<std::size_t>(c)];
      add_name(name_pieces(column.name), 1, {Link::Kind::column, t, c, 0, ""});
      if (const auto pieces = name_pieces(column.comment); !pieces.empty() && pieces.size() <= kCommentWordsMax)
        add_name(pieces, kComment, {Link::Kind::column, t, c, 0, ""});
    }
  }
  for (const ColumnValues& one : values) {
    const auto table = tables.find(one.table.schema + "." + one.table.name);
    if (table == tables.end()) continue;
    const auto& columns = catalog.tables[static_cast<std::size_t>(table->second)].columns;
    const auto column = std::ranges::find(columns, one.column, &Column::name);
    if (column == columns.end()) continue;
    for (const std::string& value : one.values) {
      auto& links = values_[words_key(split_words(value))];
      if (links.size() < kValueLinksMax) links.push_back({Link::Kind::value, table->second, static_cast<int>(column - columns.begin()), 1, value});
    }
  }
}

void CatalogIndex::add_name(const std::vector<std::string>& pieces, double factor, Link target) {
  if (pieces.empty()) return;
  const auto [found, fresh] = by_text_.emplace(join(pieces, " ") + (factor < 1 ? " #" : ""), static_cast<std::uint32_t>(names_.size()));
  if (fresh) {
    names_.push_back({pieces.size(), factor, {}});
    for (std::uint32_t i = 0; i < pieces.size(); ++i) by_piece_[pieces[i]].push_back({found->second, i});
    // "tail number" and "tailnum", "air time" and "airtime": the pieces run together are a name of one piece.
    if (pieces.size() > 1 && factor == 1) add_name({join(pieces, "")}, factor, target);
  } else if (pieces.size() > 1 && factor == 1) {
    add_name({join(pieces, "")}, factor, target);
  }
  auto& targets = names_[found->second].targets;
  if (std::ranges::find(targets, target) == targets.end()) targets.push_back(std::move(target));
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
  for (std::size_t length = kPrefixMin; length + kPrefixLeftOut <= word.stem.size(); ++length) look_up(word.stem.substr(0, length), kPrefix);
  // A word may be written with the name's own underscores.
  if (const auto pieces = name_pieces(word.text); pieces.size() > 1)
    if (const auto whole = by_text_.find(join(pieces, " ")); whole != by_text_.end())
      out.push_back({whole->second, static_cast<std::uint32_t>(pieces.size()) - 1, 0, 1});
  return out;
}

void CatalogIndex::keep(Found& found, const Partial& match) const {
  const Name& name = names_[match.name];
  if (match.at + 1 != name.pieces) {
    // "customer" for customer_id: only the technical ending is left out.
    if (match.from != 0 || match.at + 2 != name.pieces) return;
    const auto id = by_piece_.find("id");
    const bool ends_in_id = id != by_piece_.end() && std::ranges::any_of(id->second, [&](const Place& place) {
                              return place.name == match.name && place.at + 1 == name.pieces;
                            });
    if (!ends_in_id) return;
  }
  double score = match.score * name.factor;
  if (match.at + 1 != name.pieces) score *= kWithoutId;
  if (match.from != 0) {
    if (name.factor < 1) return;
    score *= kHeadOnly;
  }
  for (const Link& target : name.targets) {
    // Names link tables and columns; a table has the column -1.
    const std::uint64_t key = (static_cast<std::uint64_t>(target.table) << 32) | static_cast<std::uint32_t>(target.column);
    const auto [same, fresh] = found.places.emplace(key, found.links.size());
    if (fresh) {
      found.links.push_back(target);
      found.links.back().score = score;
    } else {
      found.links[same->second].score = std::max(found.links[same->second].score, score);
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

Mention CatalogIndex::name_at(const std::vector<Word>& words, std::size_t at, const Lexicon& lexicon) const {
  Mention best{at, at, {}, false};
  if (at >= words.size() || words[at].kind != WordKind::word) return best;
  std::vector<Partial> open = pieces_like(words[at], lexicon);
  if (at + 1 < words.size() && words[at + 1].kind == WordKind::word) best = run_together(words, at, lexicon);
  for (std::size_t end = at + 1; !open.empty() && end <= at + kNameWordsMax; ++end) {
    Found found;
    for (const Partial& match : open) keep(found, match);
    if (!found.links.empty() && end > best.end) best = {at, end, std::move(found.links), words[end - 1].stem != words[end - 1].lower};
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
  std::ranges::stable_sort(best.links, [](const Link& a, const Link& b) { return a.score > b.score; });
  return best;
}

Mention CatalogIndex::value_at(const std::vector<Word>& words, std::size_t at, const Lexicon& lexicon) const {
  Mention best{at, at, {}, false};
  std::string key, written;
  for (std::size_t end = at + 1; end <= words.size() && end <= at + kValueWordsMax; ++end) {
    const Word& word = words[end - 1];
    if (word.kind == WordKind::quoted && end > at + 1) break;
    const std::string part = word.kind == WordKind::quoted ? words_key(split_words(word.text)) : word.lower;
    key += (end == at + 1 ? "" : " ") + part;
    written += (end == at + 1 ? "" : " ") + word.text;
    const auto found = values_.find(key);
    if (found != values_.end()) {
      std::vector<Link> links = found->second;
      // A word that the language needs, or a very short one, is a value only where it is written as the value is.
      const bool strict = word.kind != WordKind::quoted && end == at + 1 && (key.size() <= 2 || lexicon.phrase_at(words, at).role != Role::none);
      std::erase_if(links, [&](Link& link) {
        if (link.value == written) return false;
        link.score = kOtherCase;
        return strict;
      });
      if (!links.empty() && end > best.end) best = {at, end, std::move(links), false};
    }
    if (word.kind == WordKind::quoted) break;
  }
  return best;
}

std::string CatalogIndex::near(const std::string& word) const {
  std::vector<std::string> known;
  known.reserve(by_piece_.size());
  for (const auto& [piece, places] : by_piece_) known.push_back(piece);
  std::ranges::sort(known);
  return nearest(word, known);
}

std::uint64_t index_key(const Catalog& catalog, const std::vector<ColumnValues>& values) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const Table& table : catalog.tables) {
    mix(hash, table.name.schema);
    mix(hash, table.name.name);
    mix(hash, table.comment);
    for (const Column& column : table.columns) {
      mix(hash, column.name);
      mix(hash, column.comment);
      mix(hash, column.nullable ? "?" : "");
    }
    if (table.primary_key)
      for (const std::string& name : table.primary_key->columns) mix(hash, name);
    for (const ForeignKey& key : table.foreign_keys) {
      mix(hash, key.target.schema);
      mix(hash, key.origin == KeyOrigin::inferred ? "?" : "");
      mix(hash, key.target.name);
      for (const std::string& name : key.columns) mix(hash, name);
      for (const std::string& name : key.target_columns) mix(hash, name);
    }
  }
  for (const ColumnValues& one : values) {
    mix(hash, one.table.schema);
    mix(hash, one.table.name);
    mix(hash, one.column);
    for (const std::string& value : one.values) mix(hash, value);
  }
  return hash;
}

}  // namespace sluice::planner
