#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "data/catalog.h"

namespace sluice {

/// Which tables a catalog's foreign keys join, declared and inferred ones alike, in either direction. Tables are places in `Catalog::tables`.
class KeyGraph {
 public:
  explicit KeyGraph(const Catalog& catalog);

  /// Without the table itself, each once, sorted.
  std::span<const std::uint32_t> neighbours(std::uint32_t table) const {
    return std::span(neighbours_).subspan(first_[table], first_[table + 1] - first_[table]);
  }

  static constexpr std::uint8_t kFar = 255;
  /// Of every table, how many keys lead to it from `from`; kFar where it is more than `hops_max`.
  std::vector<std::uint8_t> distances(std::uint32_t from, std::uint8_t hops_max) const;

 private:
  std::vector<std::uint32_t> first_{}, neighbours_{};
};

}  // namespace sluice
