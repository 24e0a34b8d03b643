#pragma once
#include <string>

#include "plan/expr.h"

namespace sluice::plan {

/// Writes expressions in a dialect; with `sources`, columns say which source they are of.
struct ExprText {
  Dialect dialect;
  bool sources = false;

  std::string text(const Expr& expr) const;
  /// A condition of WHERE or HAVING, its parts joined by `conjunction`.
  std::string condition(const Expr& expr, const std::string& conjunction) const;

 private:
  bool postgres() const { return dialect == Dialect::postgres; }
  std::string operand(const Expr& expr) const;
  std::string call_text(const Call& call) const;
  std::string joined(const Call& call, std::string_view separator) const;
  std::string infix(const Call& call, std::string_view op) const;
  std::string arithmetic(const Call& call) const;
  std::string match(const Call& call) const;
  std::string pattern_of(const Expr& expr, bool before, bool after) const;
  std::string case_text(const Call& call) const;
  std::string part(std::string_view name, const Expr& value) const;
  std::string seconds(const Call& call) const;
  std::string date_of(const Call& call) const;
  std::string negation(const Expr& expr) const;
  std::string list(const Call& call) const;
};

/// A query inside an expression as SQL, on one line. Columns in and around EXISTS say which source they are of.
std::string exists_text(const Exists& inside, Dialect dialect);
std::string scalar_text(const Scalar& inside, Dialect dialect);

/// A constant as SQL. Text is quoted so that no byte of it can end the quotation.
std::string literal_text(const Literal& literal);

}  // namespace sluice::plan
