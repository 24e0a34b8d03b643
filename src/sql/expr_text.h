#pragma once
#include <string>

#include "sql/tree.h"

namespace sluice {

/// Any expression as SQL-like text, complete over ExprKind: what words can't say is shown so. Names are quoted where they need it. Not meant
/// to be executed; hidden characters are shown as by `show_hidden`, and literals over kLiteralShownMax bytes end in "… (N bytes)".
std::string expr_text(const Expr& expr);
/// A whole query on one line, by the same rules.
std::string query_text(const Query& query);
std::string window_text(const Window& window);

/// An identifier as text: quoted unless it is plain, hidden characters shown.
std::string name_text(const std::string& name);
/// Parts joined by dots.
std::string names_text(const std::vector<std::string>& parts);

inline constexpr std::size_t kLiteralShownMax = 120;

}  // namespace sluice
