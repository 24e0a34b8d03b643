#pragma once
#include <functional>
#include <string>

namespace sluice {

/// Runs every case of a golden file: cases are parted by a line "====", a case's input and what is expected by a line "----". With
/// SLUICE_UPDATE=1 the file is written anew, for a person to review; otherwise each difference fails the test. Returns the number of cases.
std::size_t run_golden(const std::string& path, const std::function<std::string(const std::string& input)>& actual);

}  // namespace sluice
