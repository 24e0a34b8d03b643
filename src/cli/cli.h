#pragma once
#include <functional>
#include <memory>
#include <string>

#include "app/app.h"

namespace sluice {

/// What the command line needs from outside; main.cc gives it.
struct CliPorts {
  std::string version;
  /// Finds and reads the configuration, and makes the operations over it. Called only by commands that need them.
  std::function<Result<std::unique_ptr<App>>()> open_app;
  /// Reaches a connection that is not in the configuration yet and says what answers.
  std::function<Result<std::string>(const ConnectionConfig&, std::stop_token)> probe;
  /// Facts about this installation for `doctor`: libraries found, versions.
  std::function<std::vector<std::pair<std::string, Result<std::string>>>()> installation;
};

/// Runs one command and returns its exit status: 0 fine, 1 a handled error (also every status of `ask` but `answered`), 2 wrong usage or a
/// defect of Sluice itself.
int run_cli(int argc, const char* const* argv, const CliPorts& ports);

}  // namespace sluice
