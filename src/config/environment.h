#pragma once
#include <functional>
#include <optional>
#include <string>

namespace sluice {

/// Looks up a variable of the process's environment; tests pass a table. Empty and unset are different things.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The real environment. Reading is safe from any thread as long as nobody calls setenv.
Environment process_environment();

}  // namespace sluice
