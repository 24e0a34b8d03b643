#include <algorithm>
#include <utility>

#include "base/text.h"
#include "planner/reader.h"

namespace sluice::planner {
namespace {

constexpr std::int64_t kYearMin = 1800, kYearMax = 2199;

bool is_year(const Word& word) {
  return word.kind == WordKind::number && word.text.size() == 4 && std::ranges::all_of(word.text, [](char c) { return c >= '0' && c <= '9'; }) &&
         std::stoll(word.text) >= kYearMin && std::stoll(word.text) <= kYearMax;
}

std::optional<plan::Fn> comparison_of(Role role) {
  switch (role) {
    case Role::greater:
    case Role::after: return plan::Fn::gt;
    case Role::less:
    case Role::before: return plan::Fn::lt;
    case Role::at_least:
    case Role::since: return plan::Fn::ge;
    case Role::at_most: return plan::Fn::le;
    case Role::equal: return plan::Fn::eq;
    case Role::unequal: return plan::Fn::ne;
    case Role::contains: return plan::Fn::contains;
    case Role::starts: return plan::Fn::starts_with;
    case Role::ends: return plan::Fn::ends_with;
    default: return std::nullopt;
  }
}

bool about_time(Role role) { return role == Role::after || role == Role::before || role == Role::since; }

/// "after 2013" is from the first day of the year after; "before 2013" ends with the year before.
plan::Literal year_bound(Role role, std::int64_t year) {
  if (role == Role::after) ++year;
  return {TypeKind::date, std::to_string(year) + "-01-01"};
}

/// "100 seats", "10 orders". But "5 hours" are no hour of the day: a column named "hour" says when, one named "hours" how much.
MentionId take_counted(Reader& reader) {
  const std::string unit = reader.unit();
  const MentionId noun = reader.take_noun();
  if (noun == kNoMention || unit.empty()) return noun;
  auto& links = reader.frame.mentions[static_cast<std::size_t>(noun)].links;
  std::erase_if(links, [&](const Link& link) { return link.kind == Link::Kind::column && to_lower(reader.column_name(link)) == unit; });
  return links.empty() ? kNoMention : noun;
}

bool between(Reader& reader) {
  const std::size_t start = reader.at;
  MentionId column = reader.claim_last_column();
  reader.take(reader.phrase().words);
  const auto low = reader.take_literal();
  const bool linked = low && (reader.take_if(Role::conjunction) || reader.take_if(Role::to));
  const auto high = linked ? reader.take_literal() : std::nullopt;
  if (!high) {
    reader.at = start;
    return false;
  }
  // "between 100 and 200 seats"
  const std::string unit = column == kNoMention ? "" : reader.unit();
  if (!unit.empty()) reader.take(1);
  if (column == kNoMention && low->type != TypeKind::date) column = take_counted(reader);
  Filter filter{Filter::Kind::compare, column, plan::Fn::between, {*low, *high}, std::exchange(reader.negate, false)};
  filter.unit = unit;
  // Without a column only dates say what they are about.
  if (column == kNoMention && low->type != TypeKind::date) {
    reader.at = start;
    return false;
  }
  reader.frame.filters.push_back(std::move(filter));
  return true;
}

}  // namespace

bool read_relative(Reader& reader) {
  const std::size_t count = reader.relative_period();
  if (count == 0) return false;
  reader.frame.relative = reader.text(count);
  reader.take(count);
  return true;
}

bool read_period(Reader& reader) {
  const auto found = reader.phrase();
  if (found.role == Role::month_name) {
    reader.take(found.words);
    Filter filter{Filter::Kind::period};
    filter.month = found.number;
    if (!reader.done() && is_year(reader.word())) {
      filter.year = std::stoi(reader.word().text);
      reader.take(1);
    }
    filter.negated = std::exchange(reader.negate, false);
    reader.frame.filters.push_back(filter);
    return true;
  }
  if (reader.word().kind == WordKind::date) {
    Filter filter{
        Filter::Kind::compare, reader.claim_last_column(), plan::Fn::eq, {{TypeKind::date, reader.word().text}}, std::exchange(reader.negate, false)};
    reader.take(1);
    reader.frame.filters.push_back(std::move(filter));
    return true;
  }
  if (!is_year(reader.word())) return false;
  // "year 2013": the column itself was named, and is compared.
  if (const MentionId column = reader.claim_last_column(); column != kNoMention) {
    Filter filter{
        Filter::Kind::compare, column, plan::Fn::eq, {{TypeKind::integer, std::stoll(reader.word().text)}}, std::exchange(reader.negate, false)};
    reader.frame.filters.push_back(std::move(filter));
  } else {
    Filter filter{Filter::Kind::period};
    filter.year = std::stoi(reader.word().text);
    filter.negated = std::exchange(reader.negate, false);
    reader.frame.filters.push_back(filter);
  }
  reader.take(1);
  return true;
}

bool read_comparison(Reader& reader) {
  const Role role = reader.phrase().role;
  if (role == Role::between) return between(reader);
  const auto fn = comparison_of(role);
  if (!fn) return false;
  const std::size_t start = reader.at;
  const MentionId shown_before = reader.last_noun;
  const auto rollback = [&] {
    reader.at = start;
    reader.last_noun = shown_before;
    return false;
  };
  reader.take(reader.phrase().words);
  reader.skip_ignored();
  if (reader.done()) return rollback();
  const bool year = is_year(reader.word());
  auto operand = reader.take_literal();
  if (!operand) return rollback();
  Filter filter{Filter::Kind::compare, kNoMention, *fn, {*operand}, std::exchange(reader.negate, false)};
  if (about_time(role) && year) {
    filter.operands = {year_bound(role, std::get<std::int64_t>(operand->value))};
    if (role == Role::after) filter.fn = plan::Fn::ge;
  }
  const bool dated = filter.operands.front().type == TypeKind::date;
  if (about_time(role) && !dated) return rollback();
  // "with more than 10 orders": what is counted comes after the number; "arrival delay over 60": the column came before.
  const std::size_t here = reader.at;
  if (const std::string unit = dated ? "" : reader.unit(); !unit.empty()) {
    reader.at = start;
    filter.of = reader.claim_last_column();
    reader.at = here;
    if (filter.of != kNoMention) {
      filter.unit = unit;
      reader.take(1);
      reader.frame.filters.push_back(std::move(filter));
      return true;
    }
  }
  const bool open = !reader.done() && reader.phrase().role == Role::none;
  const MentionId counted = open && !dated && operand->type != TypeKind::text ? take_counted(reader) : kNoMention;
  if (counted != kNoMention && reader.has_table(counted)) {
    filter.kind = Filter::Kind::count;
    filter.of = counted;
  } else if (counted != kNoMention) {
    filter.of = counted;
  } else {
    reader.at = start;
    filter.of = reader.claim_last_column();
    reader.at = here;
    if (filter.of == kNoMention && !dated) return rollback();
  }
  reader.frame.filters.push_back(std::move(filter));
  return true;
}

bool read_absence(Reader& reader) {
  const auto found = reader.phrase();
  if (found.role == Role::negation) {
    reader.take(found.words);
    reader.negate = true;
    return true;
  }
  if (found.role != Role::is_null && found.role != Role::is_not_null) return false;
  const std::size_t start = reader.at;
  reader.take(found.words);
  // "without region", "no tail number": what is missing comes after; "region is missing": it came before.
  MentionId column = reader.take_noun();
  if (column == kNoMention) {
    const std::size_t after = std::exchange(reader.at, start);
    column = reader.claim_last_column();
    reader.at = after;
  }
  // Rows of another table that are not there are a shape of its own.
  if (column == kNoMention || reader.frame.mentions[static_cast<std::size_t>(column)].links.front().kind != Link::Kind::column) {
    reader.at = start;
    return false;
  }
  const bool negated = (found.role == Role::is_not_null) != std::exchange(reader.negate, false);
  reader.frame.filters.push_back({Filter::Kind::null, column, plan::Fn::is_null, {}, negated});
  return true;
}

bool read_value(Reader& reader) {
  const bool quoted = reader.word().kind == WordKind::quoted;
  if (quoted) {
    // Quoted text is about the column named before it; else it has to be a known value.
    if (const MentionId column = reader.claim_last_column(); column != kNoMention) {
      reader.frame.filters.push_back(
          {Filter::Kind::compare, column, plan::Fn::eq, {{TypeKind::text, reader.word().text}}, std::exchange(reader.negate, false)});
      reader.take(1);
      return true;
    }
  }
  Mention found = reader.value();
  if (found.links.empty()) return false;
  // "invoices in 2010" are those of a year, whichever postal code is 2010; "postal code 2010" and "'2010'" are values.
  if (!quoted && found.size() == 1 && is_year(reader.word()) && !reader.stands_behind_column()) return false;
  const auto phrase = reader.phrase();
  const Mention name = reader.name();
  const bool written_as_value = reader.word().text != reader.word().lower && found.links.front().score >= 1;
  if (!quoted && (found.size() < phrase.words || found.size() < name.size())) return false;
  if (!quoted && found.size() == phrase.words && phrase.role != Role::none && !(written_as_value && !reader.word().sentence_start)) return false;
  if (!quoted && found.size() == name.size() && name.links.front().score >= 0.9 && !(written_as_value && !reader.word().sentence_start)) return false;
  reader.take(found.size());
  reader.narrow_by_last_noun(found);
  Filter filter{Filter::Kind::value, reader.add(std::move(found))};
  filter.negated = std::exchange(reader.negate, false);
  filter.way = std::exchange(reader.way, Filter::Way::none);
  reader.frame.filters.push_back(std::move(filter));
  return true;
}

}  // namespace sluice::planner
