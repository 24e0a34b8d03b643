#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "sql/tree.h"

namespace sluice {

/// Any expression as SQL-like text, complete over ExprKind: what words can't say is shown so. Names are quoted where they need it. Not meant
/// to be executed; hidden characters are shown as by `show_hidden`, and literals over kLiteralShownMax bytes end in "… (N bytes)".
std::string expr_text(const Expr& expr);
/// A whole query on one line, by the same rules.
std::string query_text(const Query& query);
std::string relation_text(const Relation& relation);
std::string window_text(const Window& window);
/// A frame's or sample's words with their values in the places of `?`.
std::string frame_text(const std::string& words, const std::vector<Expr>& values);

/// An identifier as text: quoted unless it is plain, hidden characters shown.
std::string name_text(const std::string& name);
/// Parts joined by dots.
std::string names_text(const std::vector<std::string>& parts);

inline constexpr std::size_t kLiteralShownMax = 120;

}  // namespace sluice
