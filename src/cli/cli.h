#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/app.h"

namespace sluice {

/// What the command line says of `sluice serve`; what is not given is as sluice.yaml says.
struct ServeRequest {
  std::string address{};
  std::optional<std::uint16_t> port{};  ///< 0: any that is free
};

/// A server at work.
class Served {
 public:
  virtual ~Served() = default;
  virtual std::string url() const = 0;
  /// What is less safe about it than it could be, a sentence each with what to do.
  virtual std::vector<std::string> warnings() const = 0;
  /// Takes nothing more, lets requests in flight end for as long as that, and closes.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

/// What the command line needs from outside; main.cc gives it.
struct CliPorts {
  std::string version;
  /// Finds and reads the configuration, and makes the operations over it. Called only by commands that need them.
  std::function<Result<std::unique_ptr<App>>()> open_app;
  /// Reaches a connection that is not in the configuration yet and says what answers.
  std::function<Result<std::string>(const ConnectionConfig&, std::stop_token)> probe;
  /// Facts about this installation for `doctor`: libraries found, versions.
  std::function<std::vector<std::pair<std::string, Result<std::string>>>()> installation;
  /// Serves the API and the pages over the operations, which outlive it, from now on. `stop` tells requests that wait to give up. E1201 to E1203.
  std::function<Result<std::unique_ptr<Served>>(App&, const ServeRequest&, std::stop_token stop)> serve{};
};

/// Runs one command and returns its exit status: 0 fine, 1 a handled error (also every status of `ask` but `answered`), 2 wrong usage or a
/// defect of Sluice itself.
int run_cli(int argc, const char* const* argv, const CliPorts& ports);

}  // namespace sluice
