#include "planner/value_store.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>
#include <map>

#include "planner/words.h"

namespace sluice::planner {
namespace {

using Length = std::uint32_t;

enum class Kind : std::uint8_t {
  gap,   ///< stands between words
  text,  ///< letters, digits and what is written like them
  sign,  ///< a word of its own
  dash,  ///< a gap, unless it is a number's sign or within a date
  slow,  ///< left to split_words()
};

constexpr std::array<Kind, 256> kKinds = [] {
  std::array<Kind, 256> out{};
  for (int c = 0x80; c < 0x100; ++c) out[static_cast<std::size_t>(c)] = Kind::text;
  // Typographic quotes begin with these bytes.
  for (const int c : {0xc2, 0xe2, int{'"'}, int{'\''}, int{'`'}, int{'<'}, int{'>'}, int{'='}}) out[static_cast<std::size_t>(c)] = Kind::slow;
  for (char c = '0'; c <= '9'; ++c) out[static_cast<unsigned char>(c)] = Kind::text;
  for (char c = 'a'; c <= 'z'; ++c) out[static_cast<unsigned char>(c)] = Kind::text;
  for (char c = 'A'; c <= 'Z'; ++c) out[static_cast<unsigned char>(c)] = Kind::text;
  out['_'] = Kind::text;
  out['-'] = Kind::dash;
  for (const char c : std::string_view("%$#@&+*/^~|\\")) out[static_cast<unsigned char>(c)] = Kind::sign;
  return out;
}();

Kind kind_of(char c) { return kKinds[static_cast<unsigned char>(c)]; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// The key of a value without quotes, signed or broken numbers and dates; false where it has some.
bool simple_key(std::string_view value, std::string& out) {
  std::size_t words = 0;
  bool within = false;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const char c = value[at];
    const bool before_digit = at + 1 < value.size() && is_digit(value[at + 1]);
    const Kind kind = kind_of(c);
    if (kind == Kind::slow || (kind == Kind::dash && before_digit)) return false;
    if ((c == '.' || c == ',') && before_digit && at > 0 && is_digit(value[at - 1])) return false;
    if (kind == Kind::gap || kind == Kind::dash) {
      within = false;
      continue;
    }
    if ((kind == Kind::sign || !within) && ++words > kWordsMax) return false;
    if ((kind == Kind::sign || !within) && !out.empty()) out += ' ';
    out += lower(c);
    within = kind == Kind::text;
  }
  return true;
}

std::uint32_t hash_of(std::string_view key) { return static_cast<std::uint32_t>(std::hash<std::string_view>{}(key) >> 32U); }

}  // namespace

void value_key(std::string_view value, std::string& out) {
  out.clear();
  if (simple_key(value, out)) return;
  out.clear();
  for (const Word& word : split_words(value)) {
    if (word.kind == WordKind::comma || word.kind == WordKind::stop) continue;
    if (!out.empty()) out += ' ';
    out += word.lower;
  }
}

TableValues::TableValues(TableName name, const std::vector<Column>& columns) : name_(std::move(name)) {
  std::size_t count = 0, size = 0;
  for (const Column& column : columns) {
    columns_.emplace_back(column.place, column.values->values.size());
    count += column.values->values.size();
    for (const std::string& value : column.values->values) size += sizeof(Length) + value.size();
  }
  entries_.reserve(count);
  bytes_.reserve(size);
  std::string key;
  for (const Column& column : columns)
    for (const std::string& value : column.values->values) {
      value_key(value, key);
      entries_.push_back({hash_of(key), static_cast<std::uint32_t>(bytes_.size()), column.place});
      const auto length = static_cast<Length>(value.size());
      bytes_.append(reinterpret_cast<const char*>(&length), sizeof length).append(value);
    }
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) { return std::pair(a.hash, a.begin) < std::pair(b.hash, b.begin); });
}

std::string_view TableValues::text(const Entry& entry) const {
  Length length = 0;
  std::memcpy(&length, bytes_.data() + entry.begin, sizeof length);
  return std::string_view(bytes_).substr(entry.begin + sizeof length, length);
}

bool TableValues::made_of(const std::vector<Column>& columns) const {
  if (!std::ranges::equal(columns, columns_, {}, [](const Column& one) { return std::pair{one.place, one.values->values.size()}; })) return false;
  std::size_t at = 0;
  for (const Column& column : columns)
    for (const std::string& value : column.values->values) {
      if (text({0, static_cast<std::uint32_t>(at), 0}) != value) return false;
      at += sizeof(Length) + value.size();
    }
  return true;
}

ValueStore::ValueStore(const Catalog& catalog, const std::vector<ColumnValues>& values, const ValueStore* before) : tables_(catalog.tables.size()) {
  std::map<TableName, std::size_t> places;
  for (std::size_t t = 0; t < catalog.tables.size(); ++t) places[catalog.tables[t].name] = t;
  std::vector<std::vector<TableValues::Column>> columns(catalog.tables.size());
  for (const ColumnValues& one : values) {
    const auto table = places.find(one.table);
    if (table == places.end()) continue;
    const auto& all = catalog.tables[table->second].columns;
    const auto column = std::ranges::find(all, one.column, &Column::name);
    if (column != all.end()) columns[table->second].push_back({static_cast<std::uint32_t>(column - all.begin()), &one});
  }
  std::map<TableName, std::shared_ptr<const TableValues>> known;
  if (before != nullptr)
    for (const auto& table : before->tables_)
      if (table != nullptr) known.emplace(table->name(), table);
  for (std::size_t t = 0; t < columns.size(); ++t) {
    if (columns[t].empty()) continue;
    const auto same = known.find(catalog.tables[t].name);
    const bool taken = same != known.end() && same->second->made_of(columns[t]);
    tables_[t] = taken ? same->second : std::make_shared<const TableValues>(catalog.tables[t].name, columns[t]);
    shared_ += taken ? 1 : 0;
  }
  add_places();
}

void ValueStore::add_places() {
  std::size_t count = 0;
  for (const auto& table : tables_) count += table == nullptr ? 0 : table->entries().size();
  // About eight values share a bucket: they are sorted, and looked for, in a line or two of the cache.
  constexpr int kBitsMax = 24, kSharing = 3;
  bucket_bits_ = std::clamp(static_cast<int>(std::bit_width(count)) - kSharing, 1, kBitsMax);
  starts_.assign((std::size_t{1} << bucket_bits_) + 1, 0);
  const auto each = [&](const auto& take) {
    for (std::size_t t = 0; t < tables_.size(); ++t) {
      if (tables_[t] == nullptr) continue;
      const auto& entries = tables_[t]->entries();
      for (std::size_t i = 0; i < entries.size(); ++i)
        if (i == 0 || entries[i].hash != entries[i - 1].hash) take(entries[i].hash, t);
    }
  };
  each([&](std::uint32_t hash, std::size_t) { ++starts_[bucket_of(hash) + 1]; });
  for (std::size_t b = 1; b < starts_.size(); ++b) starts_[b] += starts_[b - 1];
  places_.resize(starts_.back());
  std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
  each([&](std::uint32_t hash, std::size_t t) { places_[next[bucket_of(hash)]++] = (std::uint64_t{hash} << 32U) | t; });
  for (std::size_t b = 0; b + 1 < starts_.size(); ++b) std::sort(places_.begin() + starts_[b], places_.begin() + starts_[b + 1]);
}

std::vector<ValueStore::Found> ValueStore::find(std::string_view key, std::size_t max) const {
  std::vector<Found> out;
  if (places_.empty()) return out;
  const std::uint32_t hash = hash_of(key);
  const auto end = places_.begin() + starts_[bucket_of(hash) + 1];
  std::string other;
  for (auto place = std::lower_bound(places_.begin() + starts_[bucket_of(hash)], end, std::uint64_t{hash} << 32U);
       place != end && *place >> 32U == hash; ++place) {
    const auto t = static_cast<std::uint32_t>(*place);
    const TableValues& table = *tables_[t];
    for (const auto& entry : std::ranges::equal_range(table.entries(), hash, {}, &TableValues::Entry::hash)) {
      value_key(table.text(entry), other);
      if (other != key) continue;
      if (out.size() == max) return out;
      out.push_back({static_cast<int>(t), static_cast<int>(entry.column), table.text(entry)});
    }
  }
  return out;
}

bool ValueStore::has(int table, int column, std::string_view value) const {
  const auto& values = tables_[static_cast<std::size_t>(table)];
  if (values == nullptr) return false;
  std::string key;
  value_key(value, key);
  return std::ranges::any_of(std::ranges::equal_range(values->entries(), hash_of(key), {}, &TableValues::Entry::hash),
                             [&](const auto& entry) { return std::cmp_equal(entry.column, column) && values->text(entry) == value; });
}

}  // namespace sluice::planner
