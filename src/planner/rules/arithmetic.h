#pragma once
#include "planner/rules/rules.h"

namespace sluice::planner {

/// The rules of arithmetic and of comparisons of columns of which every word of the language is said: others would only take the room of phrases
/// that are.
std::vector<Rule> arithmetic_said(const std::vector<Item>& items);

/// Of two tables the one whose every row has at most one of the other, by one way only, and how far apart they are; nothing where neither has.
std::optional<std::pair<int, double>> home_of_both(const Known& known, int first, int second);
/// What the column computes of a row, or the column itself.
Formula formula_of(const Known& known, const Link& link);
/// The formula as a column of its table, as unlikely as it costs.
Link link_to(const Known& known, int table, Formula formula, std::string name, TypeKind type, double cost);
/// "sale_price_minus_purchase_cost"
std::string name_of_operation(plan::Fn fn, const std::string& first, const std::string& second);
/// The name of the definition that all the words are of; empty where they are of none.
std::string term_of(const std::vector<Word>& words, std::size_t begin, std::size_t end);
/// Whether it is clear what "total" or "average" means of a quantity, which may be computed: "the highest price minus cost" is not.
bool may_be_added_up(const RuleOutput& out, const Item& functions, const Item& item, plan::Fn fn);

}  // namespace sluice::planner
