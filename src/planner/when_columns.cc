#include <algorithm>

#include "planner/resolve.h"
#include "planner/verbs.h"

namespace sluice::planner {
namespace {

/// How far it is from the usual: a date that says no more than when the row came into being, one that says so of the table itself, a part of a
/// name beside "year", any other date, one of another table.
constexpr double kOwn = 0.02, kCreated = 0.05, kPart = 0.1, kOther = 0.2, kElsewhere = 0.1, kEnd = 0.1, kUnnamed = 0.3, kApart = 1.2, kAsGood = 0.025;
constexpr double kElsewhereMax = 0.25;

/// Pieces of names that say only that a column is a date.
constexpr std::string_view kGeneral[] = {"date", "time", "at", "on", "timestamp", "ts", "dt", "datetime", "day"};
constexpr std::string_view kCreatedPiece = "created";

bool is_general(const std::string& piece) { return std::ranges::find(kGeneral, piece) != std::end(kGeneral); }

bool is_number(const Column& column, bool text_too) {
  return column.type.kind == TypeKind::integer || column.type.kind == TypeKind::floating || (text_too && column.type.kind == TypeKind::text);
}

/// Whether the glossary says that the column tells when rows of its table happened.
bool is_usual(const Known& known, const Link& link) {
  const auto usual = known.schema.house.dates.find(known.base_of(link.table));
  return usual != known.schema.house.dates.end() && usual->second == link.column;
}

/// Whether the word is there to say when or how, and not to name a column: "last", "first", "since".
bool of_language(const Known& known, std::size_t at) {
  return std::ranges::any_of(known.lexicon.phrases_at(known.words(), at), [](const Lexicon::Phrase& phrase) {
    using enum Role;
    return !is_filler(phrase.role) && phrase.role != order && phrase.role != known && phrase.role != starts && phrase.role != ends;
  });
}

/// "ship country" names another column, and no date by its first word.
bool names_other(const Known& known, std::size_t at) {
  constexpr double kNamed = 0.9;
  for (std::size_t begin = at > 0 ? at - 1 : 0; begin <= at; ++begin)
    for (const Mention& mention : known.schema.index.names_at(known.words(), begin, known.lexicon)) {
      const Link& link = mention.links.front();
      if (mention.size() > 1 && mention.end > at && link.kind == Link::Kind::column && link.score >= kNamed && !known.column(link).type.is_temporal())
        return true;
    }
  return false;
}

/// "shipped in 1997", "opened per year"; but "orders in 1997 that were not shipped" says of no date that it is that of the year.
bool is_before_time(const Known& known, std::size_t at) {
  constexpr std::size_t kFar = 3, kFarAgent = 8;
  static constexpr Role kTimes[] = {Role::per,        Role::since,        Role::before,        Role::after,         Role::between,
                                    Role::month_name, Role::quarter_name, Role::relative_last, Role::relative_this, Role::relative_past,
                                    Role::today,      Role::yesterday,    Role::year,          Role::quarter,       Role::month,
                                    Role::week,       Role::day,          Role::weekday_name};
  // "shipped by Speedy Express in 1997": who did it stands between.
  const bool agent = at + 1 < known.words().size() && known.lexicon.does(known.words(), at + 1, Role::by);
  const std::size_t end = at + (agent ? kFarAgent : kFar);
  for (std::size_t i = at + 1; i < known.words().size() && i <= end && known.words()[i].kind != WordKind::stop; ++i) {
    if (like_verb(known.words()[i]) || known.lexicon.opens_clause(known.words()[i])) return false;
    if (known.words()[i].kind == WordKind::number || known.words()[i].kind == WordKind::date) return true;
    const auto is_time = [](const Lexicon::Phrase& one) { return std::ranges::find(kTimes, one.role) != std::end(kTimes); };
    if (std::ranges::any_of(known.lexicon.phrases_at(known.words(), i), is_time)) return true;
  }
  return false;
}

/// Whether a table is called so.
bool names_rows(const Known& known, std::size_t at) {
  return std::ranges::any_of(known.schema.index.names_at(known.words(), at, known.lexicon), [&](const Mention& one) {
    return one.size() == 1 && one.links.front().kind == Link::Kind::table && one.links.front().score == 1 && !known.words()[at].lower.ends_with("ed");
  });
}

/// Whether the question says by which of the table's dates: "hired", "shipped".
bool is_named(const Known& known, const std::vector<std::string>& pieces, const std::vector<std::string>& own) {
  constexpr std::size_t kPieceMin = 3;
  for (const std::string& piece : pieces) {
    if (is_general(piece) || piece.size() < kPieceMin) continue;
    const bool of_table = std::ranges::find(own, piece) != own.end();
    for (std::size_t i = 0; i < known.words().size(); ++i) {
      const Word& word = known.words()[i];
      // "orders" names the table, "ordered" the date; "shippers" did not ship then.
      if ((of_table && word.stem == piece) || names_rows(known, i)) continue;
      if (like_verb(word) && !is_before_time(known, i)) continue;
      if (word.kind == WordKind::word && !of_language(known, i) && known.lexicon.says_when(word, piece) && !names_other(known, i)) return true;
    }
  }
  return false;
}

/// Whether a name is made of a word of another: "shipped" of shipments.
bool shares_root(const std::vector<std::string>& name, const std::vector<std::string>& other) {
  constexpr std::size_t kRoot = 4;
  return std::ranges::any_of(name, [&](const std::string& piece) {
    return piece.size() >= kRoot && std::ranges::any_of(other, [&](const std::string& one) { return one.starts_with(piece.substr(0, kRoot)); });
  });
}

class Dates {
 public:
  Dates(const Known& known, Role unit, bool years_said) : known_(known), unit_(unit), years_said_(years_said) {}

  std::vector<WhenColumn> found{};

  void look(int id, double far) {
    const Table& table = known_.table(id);
    const int base = known_.base_of(id);
    const auto own = name_pieces(table.name.name);
    for (int c = 0; c < static_cast<int>(table.columns.size()); ++c) {
      const Column& column = table.columns[static_cast<std::size_t>(c)];
      const Link link{Link::Kind::column, id, c, 1, ""};
      const auto pieces = name_pieces(column.name);
      if (pieces.empty()) continue;
      // The glossary says which column tells when.
      const bool usual = is_usual(known_, link);
      const double unnamed = usual || !known_.schema.house.dates.contains(base) ? 0 : kUnnamed;
      if (column.type.is_temporal() || known_.is_date_as_text(link)) {
        // Of a beginning and an end, the beginning is meant.
        // "stays in May" are those that began then.
        const bool last = std::ranges::any_of(known_.schema.house.durations,
                                              [&](const NamedDuration& one) { return one.whole && one.table == base && one.last == c; });
        const double end = known_.lexicon.is_over(pieces) || last || known_.lexicon.points_to(pieces) ? kEnd : 0;
        found.push_back({link, false, far + (usual ? 0 : cost(pieces, own) + end + unnamed), is_named(known_, pieces, own)});
      } else if (is_number_of(link, pieces, column)) {
        found.push_back({link, true, far + (pieces.size() == 1 ? 0 : kPart) + unnamed, is_named(known_, pieces, own)});
      }
    }
  }

 private:
  static double cost(const std::vector<std::string>& pieces, const std::vector<std::string>& own) {
    bool created = false;
    for (const std::string& piece : pieces) {
      created = created || piece == kCreatedPiece;
      if (!is_general(piece) && piece != kCreatedPiece && std::ranges::find(own, piece) == own.end()) return kOther;
    }
    return created ? kCreated : kOwn;
  }

  /// A column of years, or of the numbers of months where no year is said.
  bool is_number_of(const Link& link, const std::vector<std::string>& pieces, const Column& column) const {
    if (unit_ == Role::none) return false;
    if (unit_ == Role::month && !years_said_) return pieces.back() == "month" && is_number(column, false);
    if (unit_ == Role::hour) return pieces.size() == 1 && pieces.back() == "hour" && is_number(column, false);
    if (pieces.back() != "year") return false;
    if (!is_number(column, true)) return false;
    if (unit_ == Role::quarter || unit_ == Role::week || unit_ == Role::weekday)
      return is_number(column, false) && number_beside(known_, link, unit_ == Role::quarter ? Role::month : Role::day).has_value();
    return unit_ == Role::year || ((unit_ == Role::month || unit_ == Role::day) && number_beside(known_, link, unit_).has_value());
  }

  const Known& known_;
  Role unit_;
  bool years_said_;
};

/// Whether the name says that it tells when a row was created.
bool is_created(const Column& column) {
  const auto pieces = name_pieces(column.name);
  return std::ranges::find(pieces, kCreatedPiece) != pieces.end();
}

}  // namespace

std::optional<plan::Expr> date_of_numbers(const Known& known, const std::string& alias, const Link& year, Role unit) {
  std::vector<plan::Expr> parts{plan::column(alias, known.column(year).name)};
  if (known.column(year).type.kind != TypeKind::integer) return std::nullopt;
  for (const Role part : {Role::month, Role::day}) {
    const auto beside = number_beside(known, year, part);
    if (part == Role::day && unit == Role::quarter) {
      parts.push_back(plan::integer(1));
      continue;
    }
    if (!beside || known.column(year.table, *beside).type.kind != TypeKind::integer) return std::nullopt;
    parts.push_back(plan::column(alias, known.column(year.table, *beside).name));
  }
  return plan::call(plan::Fn::make_date, std::move(parts));
}

std::optional<int> number_beside(const Known& known, const Link& year, Role unit) {
  auto wanted = name_pieces(known.column(year).name);
  std::ranges::replace(wanted, std::string("year"), std::string(unit == Role::month ? "month" : "day"));
  const auto& columns = known.table(year.table).columns;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (is_number(columns[c], false) && name_pieces(columns[c].name) == wanted) return static_cast<int>(c);
  return std::nullopt;
}

bool tells_creation(const Known& known, const Link& link) { return is_created(known.column(link)); }

bool is_record_date(const Known& known, const Link& link) {
  if (!tells_creation(known, link)) return false;
  if (std::ranges::any_of(known.words(), [](const Word& word) { return word.lower == kCreatedPiece; })) return false;
  const auto own = name_pieces(known.table(link.table).name.name);
  return std::ranges::any_of(known.table(link.table).columns, [&](const Column& column) {
    const auto pieces = name_pieces(column.name);
    const auto says_little = [&](const std::string& piece) { return is_general(piece) || std::ranges::find(own, piece) != own.end(); };
    return column.type.is_temporal() && !is_created(column) && std::ranges::all_of(pieces, says_little);
  });
}

std::vector<WhenColumn> when_columns(const Known& known, int table, Role unit, bool years_said) {
  Dates dates(known, unit, years_said);
  dates.look(table, 0);
  if (dates.found.empty())
    for (int other = 0; other < static_cast<int>(known.catalog.tables.size()); ++other)
      if (const double far = known.distance(table, other); other != table && far <= kElsewhereMax) dates.look(other, far + kElsewhere);
  auto out = std::move(dates.found);
  for (WhenColumn& one : out)
    if (one.named && is_record_date(known, one.link)) one.named = false;
  // A row may be created before or after what it tells of: where it has a date of that too, nothing says which is meant.
  const auto own = name_pieces(known.table(table).name.name);
  const auto tells = [&](const WhenColumn& one) {
    const auto pieces = name_pieces(known.column(one.link).name);
    const bool stage = (known.lexicon.is_stage(pieces) || known.lexicon.is_over(pieces)) && !shares_root(pieces, own);
    return one.link.table == table && !one.number && !tells_creation(known, one.link) && !known.lexicon.is_apart(pieces) && !stage;
  };
  if (std::ranges::any_of(out, tells))
    for (WhenColumn& one : out)
      if (tells_creation(known, one.link) && !is_usual(known, one.link)) one.cost += kOther - kCreated;
  const bool named = std::ranges::any_of(out, &WhenColumn::named);
  double likeliest = Known::kUnreachable;
  for (const WhenColumn& one : out)
    if (one.named) likeliest = std::min(likeliest, one.cost);
  for (WhenColumn& one : out) {
    // Of a beginning and an end that are both named, "checked", the beginning is meant.
    if (named) one.cost = one.named ? std::min(one.cost, kOwn + std::min(one.cost - likeliest, kEnd)) : one.cost + kUnnamed;
    if (unit != Role::none && !one.named && !is_usual(known, one.link) && known.lexicon.is_apart(name_pieces(known.column(one.link).name)))
      one.cost += kApart;
  }
  std::ranges::stable_sort(out, {}, &WhenColumn::cost);
  // Several would do, and nothing says which.
  const double best = out.empty() ? 0 : out.front().cost;
  const auto as_good = [&](const WhenColumn& one) { return one.cost <= best + kAsGood; };
  if (std::ranges::count_if(out, as_good) > 1)
    for (WhenColumn& one : out) one.cost += kSeveralDates;
  return out;
}

}  // namespace sluice::planner
