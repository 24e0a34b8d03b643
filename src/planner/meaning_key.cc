#include "planner/meaning_key.h"

#include <cstring>
#include <functional>

namespace sluice::planner {
namespace {

/// A hash of what is said, eight bytes at a time: keys are made of everything that any rule makes. Those of sets and conditions, which many
/// phrases share, are made once.
class Key {
 public:
  std::uint64_t value() const { return hash_; }

  void add(std::uint64_t number) {
    const auto product = static_cast<unsigned __int128>(hash_ ^ number) * 0x9e3779b97f4a7c15ULL;
    hash_ = (static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64)) + kStep;
  }
  void add(std::string_view text) {
    while (text.size() >= sizeof(std::uint64_t)) {
      add_bytes(text.substr(0, sizeof(std::uint64_t)));
      text.remove_prefix(sizeof(std::uint64_t));
    }
    add_bytes(text);
    add(text.size());
  }
  template <class T>
    requires std::is_enum_v<T>
  void add(T value) {
    add(static_cast<std::uint64_t>(value));
  }
  template <class T>
  void add(const std::optional<T>& value) {
    add(std::uint64_t{value.has_value()});
    if (value) add(*value);
  }
  template <class T>
  void add(const std::vector<T>& list) {
    add(list.size());
    for (const T& one : list) add(one);
  }
  template <class T>
    requires(!requires(const T& one) { one.key; })
  void add(const std::shared_ptr<const T>& value) {
    add(std::uint64_t{value != nullptr});
    if (value != nullptr) add(*value);
  }
  template <class T>
    requires requires(const T& one) { one.key; }
  void add(const std::shared_ptr<const T>& value) {
    if (value != nullptr && value->key.value == 0) {
      Key own;
      own.add(*value);
      value->key.value = own.value();
    }
    add(value == nullptr ? 0 : value->key.value);
  }
  void add(int number) { add(static_cast<std::uint64_t>(number)); }
  void add(bool value) { add(std::uint64_t{value}); }
  void add(const Link& link) {
    add(link.kind);
    add(link.table);
    add(link.column);
    add(link.value);
  }
  void add(const Noun& noun) { add(noun.links); }
  void add(const plan::Literal& literal) {
    add(literal.type);
    std::visit(
        [this]<class T>(const T& value) {
          if constexpr (std::is_same_v<T, std::string>)
            add(std::string_view(value));
          else if constexpr (std::is_same_v<T, std::monostate>)
            add(0);
          else
            add(std::uint64_t{std::hash<T>{}(value)});
        },
        literal.value);
  }
  void add(const Adjective& adjective) {
    add(adjective.more);
    add(adjective.less);
  }
  void add(const Quantity& one) {
    add(one.kind);
    add(one.noun);
    add(one.fn);
    add(one.distinct);
    add(one.of);
    add(one.period);
    add(one.parts);
    add(one.op);
    add(one.number);
    add(one.over);
    add(one.trend);
  }
  void add(const Ranking& one) {
    add(one.by);
    add(one.descending);
    add(one.count);
    add(one.skip);
    add(one.per_group);
  }
  void add(const Set& set) {
    add(set.table);
    add(set.column);
    add(set.conditions);
    add(set.ranking);
    add(set.distinct);
  }
  void add(const Condition& one) {
    add(one.kind);
    add(one.what);
    add(one.other);
    add(one.fn);
    add(one.operands);
    add(one.value);
    add(one.set);
    add(one.parts);
    add(one.period);
  }
  void add(const Period& one) {
    add(std::string_view(one.from));
    add(std::string_view(one.to));
    add(one.month);
    add(one.month_to);
    add(std::uint64_t{one.weekdays});
    add(one.unit);
    add(one.plain);
    add(one.boundary);
    add(one.excluded);
  }
  void add(const Group& group) {
    add(group.key.index());
    std::visit([this](const auto& key) { add(key); }, group.key);
  }
  void add(const Output& output) {
    add(output.index());
    std::visit([this](const auto& one) { add(one); }, output);
  }
  void add(const Outputs& outputs) {
    add(outputs.list);
    add(outputs.owner);
    add(outputs.distinct);
  }
  void add(const Query& query) {
    add(query.outputs);
    add(query.conditions);
    add(query.groups);
    add(query.order);
    add(query.keep_empty);
    add(query.limit);
  }
  void add(const Change& change) {
    add(change.kind);
    add(change.way);
    add(change.condition);
    add(change.outputs);
    add(change.group);
    add(change.order);
    add(change.fn);
    add(change.count);
    add(change.ranked);
    add(change.in_place_of);
  }
  void add(std::monostate) {}

 private:
  static constexpr std::uint64_t kStep = 0xd1b54a32d192ed03ULL;

  void add_bytes(std::string_view text) {
    std::uint64_t number = 0;
    std::memcpy(&number, text.data(), text.size());
    add(number);
  }

  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace

std::uint64_t key_of(const Meaning& meaning) {
  Key key;
  key.add(meaning.index());
  std::visit([&key](const auto& one) { key.add(one); }, meaning);
  return key.value();
}

}  // namespace sluice::planner
