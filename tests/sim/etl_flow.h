#pragma once
#include <string>

#include "services.h"
#include "workflow/engine.h"

namespace sluice::sim {

/// What a synthetic run is to do: drawn from the seed, recorded as the run's input.
struct EtlInput {
  std::string text{};
  std::int64_t tables = 1, timeout_ms = 0, sleep_ms = 0, fan_ms = -1;  ///< fan_ms: -1: no branches, 0: no deadline
  std::int64_t messages = 0;                                           ///< that it waits for, one after the other
  bool by_policy = false, ticket = false, job = false, send = false, child = false, twice = false;
  static constexpr auto fields() {
    return std::tuple{Field{"text", &EtlInput::text},         Field{"tables", &EtlInput::tables},     Field{"timeout_ms", &EtlInput::timeout_ms},
                      Field{"sleep_ms", &EtlInput::sleep_ms}, Field{"fan_ms", &EtlInput::fan_ms},     Field{"by_policy", &EtlInput::by_policy},
                      Field{"ticket", &EtlInput::ticket},     Field{"job", &EtlInput::job},           Field{"send", &EtlInput::send},
                      Field{"child", &EtlInput::child},       Field{"messages", &EtlInput::messages}, Field{"twice", &EtlInput::twice}};
  }
};

struct EtlOutput {
  std::string work{}, decision{}, loaded{}, sent{};
  std::string left{}, right{};  ///< of the branches; E0132 where one was given up
  static constexpr auto fields() {
    return std::tuple{Field{"work", &EtlOutput::work}, Field{"decision", &EtlOutput::decision}, Field{"loaded", &EtlOutput::loaded},
                      Field{"sent", &EtlOutput::sent}, Field{"left", &EtlOutput::left},         Field{"right", &EtlOutput::right}};
  }
};

EtlInput draw_etl(World& world);

/// Reads, computes, puts tables, waits for people, sleeps, branches, starts a child: one step at least of every kind that the engine knows.
Result<EtlOutput> etl(Context& run, const Acts& acts, const EtlInput& in);
/// The workflows `etl` and `part`, over these hands.
void add_workflows(Engine& engine, const Acts& acts);

}  // namespace sluice::sim
