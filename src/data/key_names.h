#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// How names of tables and columns tell of keys. All of it in lower-case ASCII letters and digits; bytes of other letters stay.
namespace sluice::key_names {

/// Letters and digits only: CustomerID, customer_id and "customer id" are one name.
std::string plain(std::string_view name);
/// "HomeTeamID", "home_team_id" → home, team, id.
std::vector<std::string> words(std::string_view name);
/// The name with its last word in singular and in plural, as far as the spelling tells: "countries" → countries, country.
std::set<std::string> forms(const std::string& name);
/// A short form of a name: its first letter, letters of it in their order from the first one on ("appt" of appointments).
bool abbreviates(std::string_view abbreviation, std::string_view name);

/// A column's name, read as that of a key or a reference: "caused_by_ship_id" is caused, by, ship and an ending that says so.
struct ColumnName {
  std::string plain{};
  std::vector<std::string> stem{};  ///< the words without the ending
  std::string ending{};             ///< id, code, no …; "" where there is none

  std::string stem_text(std::size_t from = 0) const;
};
ColumnName read_column(std::string_view name);
/// Names under which a column says nothing about which table it belongs to: id, code, name, date.
bool is_general(const std::string& plain_column);
/// Ends in a word of amounts and orders ("running_order", "employee_count", "home_goals"): a number of that name counts, it does not refer.
bool names_an_amount(const ColumnName& column);
/// "reports_to", "manager_id", "parent_category_id": names of references from a table to itself.
bool names_own_kind(const ColumnName& column);

/// What the name's ending promises: that it identifies, that it is a code, that it numbers something. Numbers are seldom references: a `track_number`
/// counts within its album.
enum class Ending { none, identifier, code, number };
Ending ending_of(const ColumnName& column);

struct TableNames {
  std::vector<std::string> words{};
  std::string joined{}, initials{};
  std::set<std::string> full{};  ///< forms of the whole name
  std::set<std::string> part{};  ///< of its last word (car_makers → maker), or of what stands before "list", "data" …
};
TableNames read_table(std::string_view name);

/// Whether the stem abbreviates a name of one word ("dept" of departments), or is the initials of several.
bool is_short_for(const std::string& stem, const TableNames& table);

/// How well a column's stem names a table: the whole name, an abbreviation of the whole, a part of it, not at all.
enum class Likeness { none, part, abbreviation, whole };
Likeness likeness(const ColumnName& column, const TableNames& table);

}  // namespace sluice::key_names
