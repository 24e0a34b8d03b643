#pragma once
#include "planner/chart.h"
#include "planner/known.h"
#include "planner/resolve.h"

namespace sluice::planner {

using Parts = std::span<const Item* const>;

inline Symbol role(Role role) { return {Cat::role, role}; }
inline Symbol sym(Cat cat) { return {cat, Role::none}; }

inline ConditionPtr condition_of(Condition condition) { return std::make_shared<const Condition>(std::move(condition)); }
inline SetPtr set_of(Set set) { return std::make_shared<const Set>(std::move(set)); }

/// "in January but not in February": said of one row beside the conditions before it, the denial says nothing.
bool denies_period(const std::vector<ConditionPtr>& conditions, const ConditionPtr& condition);
/// "users who had an event in May": the event was then, whose rows have a date; no user was made.
bool is_said_of_inner(const Known& known, const Set& set, const Condition& period);
/// Adds the set with the condition said of it, once for each likely meaning of the condition there.
void restrict_set(RuleOutput& out, const Set& set, const ConditionPtr& condition, double cost);
/// Adds the set with its rows ranked, once for each likely meaning.
void rank_set(RuleOutput& out, const Set& set, const Ranking& ranking, double cost);

/// Where the word begins that says "all" of what begins here: "customers who ordered all products" is nothing that a row can be asked.
std::optional<std::size_t> all_before(const RuleOutput& out, std::size_t begin);
/// Whether what is asked for is computed, or counts rows, and is no column as it stands.
bool computed(const Output& output);

/// Whether another request begins between two phrases: "show".
bool request_between(const RuleOutput& out, const Item& first, const Item& second);
/// Whether the rows are what a question is about, and not what it asks for: "For channels from the USA, …".
bool is_context(const RuleOutput& out, const Item& item);
/// Whether what is asked for begins only after the first phrase: "…, what is …".
bool asked_between(const RuleOutput& out, const Item& first, const Item& second);
/// Whether a request or a clause begins between them: "whose".
bool clause_between(const RuleOutput& out, const Item& first, const Item& second);
/// "products with their category", with the place of "category": it is to be shown, and nothing is said of them.
bool is_shown_with(const RuleOutput& out, std::size_t begin);
/// Whether what follows the set begins a clause right after something that its rows have, of which it is said: "students who have a cat that is 3".
bool is_clause_of_inner(const RuleOutput& out, const Set& set, std::size_t end, std::size_t begin);
/// Whether the word before is a verb: "owned by students".
bool follows_verb(const RuleOutput& out, std::size_t at);
/// Whether the words say which end of time is meant: "last", "earliest".
bool of_time(const RuleOutput& out, const Item& item);
/// The quantity as one that a row has some of, where that is all that is said of it: "products in stock", "with a discount".
std::optional<Quantity> some_of(const RuleOutput& out, const Quantity& quantity);
/// Whether a column says when: a date, or a year.
bool tells_when(const Known& known, const Link& link);
/// Whether a phrase that begins there says that something is added up: "total amount".
bool says_total(const RuleOutput& out, std::size_t at);

/// What each row is told of the number by the others; of a column that is added up first. Nothing where it is no number.
std::optional<Quantity> window_of(const RuleOutput& out, const Quantity& quantity, Quantity::Trend trend);
/// Whether a column is called by the word, which then says nothing of the language.
bool names_column(const RuleOutput& out, std::size_t at);

/// Whether a role is named by a verb: "report to".
bool is_role_verb(const RuleOutput& out, const Item& item);
/// Whether the rows are said to be in the role, not to have one: "employees who are managers".
bool names_what_rows_are(const RuleOutput& out, const Set& set, const Item& other);
/// Whether the column that begins here belongs to the role that is named right before it: the name in "their manager's name".
bool is_of_other_role(const RuleOutput& out, const Set& set, std::size_t begin);

/// Each file of rules: one kind of phrase.
std::vector<Rule> amount_rules();             ///< "in stock", "out of stock", "with a discount"
std::vector<Rule> noun_rules();               ///< tables and columns as things and as quantities
std::vector<Rule> value_rules();              ///< "France", "a cat", "model volvo"
std::vector<Rule> aggregate_rules();          ///< "average age", "number of concerts"
std::vector<Rule> list_rules();               ///< "name, country and age"
std::vector<Rule> comparison_rules();         ///< "above 20", "between 5 and 10", "containing 'Hey'"
std::vector<Rule> condition_rules();          ///< "whose age is above 20", "older than 20"
std::vector<Rule> average_rules();            ///< "above the average age", "than the car with the most horsepower"
std::vector<Rule> relation_rules();           ///< "students who have a cat", "more than 3 models"
std::vector<Rule> logic_rules();              ///< not, and, or, both
std::vector<Rule> period_rules();             ///< "2014", "March 2013", "the first quarter"
std::vector<Rule> relative_period_rules();    ///< "last month", "the past 30 days", "yesterday"
std::vector<Rule> when_rules();               ///< "in March 2013", "since 2013-03-01", "between May and July"
std::vector<Rule> ranking_rules();            ///< "youngest", "with the most concerts", "top 3 … by …"
std::vector<Rule> group_rules();              ///< "for each country", "by month"
std::vector<Rule> order_rules();              ///< "in descending order of age"
std::vector<Rule> question_rules();           ///< whole questions
std::vector<Rule> refinement_rules();         ///< "only 2013", "by month instead", "without the id"
std::vector<Rule> share_rules();              ///< "percentage of flights that were late", "share of each carrier"
std::vector<Rule> pair_rules();               ///< "ratio of … to …", "number of male and female singers"
std::vector<Rule> difference_rules();         ///< "difference in … between … and …", "how many more … than …"
std::vector<Rule> trend_rules();              ///< "running total of freight per month", "growth of orders per year"
std::vector<Rule> change_rules();             ///< "the change in …"
std::vector<Rule> reference_rules();          ///< "… from the previous month", "MoM change"
std::vector<Rule> rank_rules();               ///< "price rank", "rank customers by total freight"
std::vector<Rule> beside_rules();             ///< "… and the change from the month before", "… ? Also calculate the MoM change."
std::vector<Rule> group_number_rules();       ///< "average number of orders per customer"
std::vector<Rule> group_top_rules();          ///< "top 3 products in each category by price"
std::vector<Rule> state_rules();              ///< "the latest balance of each user"
std::vector<Rule> repeated_rules();           ///< "names that occur more than once"
std::vector<Rule> remark_rules();             ///< "considering only …", "excluding …"
std::vector<Rule> answer_list_rules();        ///< "… ? Return the name and the total."
std::vector<Rule> further_number_rules();     ///< "how many …, and what was their average …"
std::vector<Rule> context_rules();            ///< "Among …, what is …", "which pets (by name) …"
std::vector<Rule> owned_rules();              ///< "albums and their artists"
std::vector<Rule> existence_rules();          ///< "are there any …"
std::vector<Rule> duration_rules();           ///< "how long … on average", "longest stays first"
std::vector<Rule> arithmetic_rules();         ///< "sale price minus cost", "(total revenue - total cost) / total revenue"
std::vector<Rule> column_comparison_rules();  ///< "below their list price", "after the due date"
std::vector<Rule> role_rules();               ///< "home team and away team names", "Nancy's manager", "higher than their manager's"
const std::vector<Rule>& grammar();
/// What only questions say that speak of changes, ranks, or of some of what they counted.
const std::vector<Rule>& window_grammar();
/// The same, and what only questions say that name a role.
const std::vector<Rule>& grammar_with_roles();
/// The same, and what only feedback says.
const std::vector<Rule>& feedback_grammar();
/// The same where words name roles.
const std::vector<Rule>& feedback_grammar_with_roles();

}  // namespace sluice::planner
