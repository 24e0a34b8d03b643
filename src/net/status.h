#pragma once
#include <optional>
#include <string>

#include "net/http.h"

namespace sluice {

/// judge_status, where `who` answered: "https://api.example.com:443".
std::optional<Error> judge_status_of(const HttpResponse& response, const std::string& who);

}  // namespace sluice
