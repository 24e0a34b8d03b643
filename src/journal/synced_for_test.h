#pragma once
#include <set>
#include <string>

namespace sluice {

/// What the calling thread synced, by path: this test program's fsync (artifact_dir_test.cc) notes it.
std::set<std::string>& synced();

}  // namespace sluice
