#pragma once
#include "planner/chart.h"
#include "planner/known.h"

namespace sluice::planner {

/// Whether a word that nobody knows looks like a verb, which two things beside it can do without.
bool like_verb(const Word& word);

/// Whether the word there is the name of a table.
bool names_table(const Known& known, const std::vector<Word>& words, std::size_t at);

/// Whether a verb says something itself, because nothing is said of who did it or of what it was done to: "products that were sold" are not all
/// products, but in "products that the customer bought" and "customers who bought products" what is between the two says enough.
bool is_said_alone(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at);

/// "out of stock": how many words say that there is none of what comes next; 0 for others.
std::size_t used_up(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at);

/// Whether the word is the end of the table's name, whose beginning the question says before: "received" where there are payments_received.
bool ends_table_name(const Known& known, const std::vector<Word>& words, std::size_t at, int table);

/// Whether a verb stands before what it happened to, and says which of it is meant: "paid invoices"; but "who paid invoices".
bool is_attribute(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at);

/// The date columns that record what a verb says: shipped_date of "shipped". The noun has no links where there are none.
Noun dates_of_event(const Known& known, const std::vector<Word>& words, std::size_t at);

/// "parcels were created per month": says by which of the dates, and else nothing. "made" is no name of "payments_made".
bool only_names_date(const Known& known, const Item& item, const std::vector<Word>& words);

/// "paid and open visits": two values of one column, of which none is passed over.
bool values_beside(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at);

/// "unshipped": what a word without its beginning says is not so.
bool denies(const Known& known, const Word& word);

/// "flown by each carrier", "for each carrier": one number for each of them.
bool agent_before(const Known& known, const std::vector<Word>& words, std::size_t at);

/// "were created per month by customers": who did it is said after "by".
bool follows_passive(const Known& known, const std::vector<Word>& words, std::size_t at);

/// Whether the verb is one of the words of the column's name: "shipped" for ship_country.
bool is_named_by(const Known& known, const Link& link, const Word& verb);

}  // namespace sluice::planner
