#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/activity.h"
#include "workflow/context.h"
#include "world.h"

namespace sluice::sim {

/// What a yes is given to.
struct Load {
  std::string table{}, text{};
  static constexpr auto fields() { return std::tuple{Field{"table", &Load::table}, Field{"text", &Load::text}}; }
};

/// An effect as it really happened, whatever anybody was told about it.
struct Happening {
  std::string service{}, run{}, path{}, key{}, bytes{};
  std::string approval{};  ///< that it was carried out with
  TimeMs at = 0;
};

/// The services' own memory. It outlives all processes.
struct Truth {
  std::vector<Happening> all{};
  const Happening* of_key(std::string_view service, const std::string& key, TimeMs not_before) const;
  bool happened(const std::string& run, const std::string& path) const;
};

/// Who calls a service: the process in whose thread the call is made.
class Caller {
 public:
  Caller() = default;
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  virtual ~Caller() = default;
  /// Others may go on here, time passes, the process may die. At the end of it, a request leaves at once or not at all.
  virtual void moment(std::string_view what) = 0;
  virtual TimeMs now() = 0;
  virtual std::chrono::steady_clock::time_point steady() = 0;
  virtual void wait(std::chrono::milliseconds duration) = 0;
  virtual bool is_down() = 0;
  virtual bool loses_reply() = 0;
  virtual void note(Coverage::What what) = 0;
};

/// Safeguards, each of which can be taken away: then the simulator has to find a broken promise.
struct Safeguards {
  bool fencing = true;       ///< the journal compares epoch and head
  bool intents = true;       ///< an effect's beginning is written first
  bool keys = true;          ///< a call made again carries the same key
  bool scan = true;          ///< what was cut off is looked for
  bool spending = true;      ///< a yes is used up by one effect
  bool wake_numbers = true;  ///< parking looks whether something arrived
  bool lease_guard = true;   ///< nothing is begun once the lease may be over
  bool taking = true;        ///< a message that was taken leaves the inbox
  bool window = true;        ///< a key is not trusted after the service has forgotten it
};

/// The hands of the workflows: services of every kind, over the truth.
struct Acts {
  Activity<std::string, std::string> read{}, put{}, ticket{}, job{}, send{};
  Activity<Approved<Load>, std::string> load{};
  /// How long the service behind `ticket` remembers keys, and until when the list behind `job` may lack what was made.
  static constexpr TimeMs kWindow = 90'000, kListLag = 5'000;
};
Acts make_acts(Truth& truth, Caller& caller, World& chance, const Safeguards& safeguards);

}  // namespace sluice::sim
