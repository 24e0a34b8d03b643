#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace sluice::planner {

/// A value of a column and what its comment says that it means.
struct CommentCode {
  std::string code{}, meaning{};
};

/// The codes that a comment lists: "kind of station: 1 = street, 2 = mall", "0 for user, 1 for merchant", "s: success, f: failed". Fewer than two are
/// no list. At most kCommentCodesMax.
inline constexpr std::size_t kCommentCodesMax = 64;
std::vector<CommentCode> codes_in(std::string_view comment);

}  // namespace sluice::planner
