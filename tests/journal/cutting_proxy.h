#pragma once
#include <atomic>
#include <string>
#include <thread>

namespace sluice {

/// Stands between a journal and its server, on a Unix socket of its own, and cuts connections around a COMMIT: its words are looked for in what goes
/// by.
class CuttingProxy {
 public:
  enum class Cut {
    none,
    before_commit,  ///< the server never hears of it
    after_commit,   ///< the server has carried it out, and nobody hears of that
    in_statement,   ///< at the next one that says "step-value"
  };
  /// Listens at FOLDER/.s.PGSQL.PORT for what FOLDER_OF_SERVER/.s.PGSQL.PORT serves.
  CuttingProxy(std::string folder, std::string folder_of_server, int port);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  /// The next so many times.
  void cut(Cut where, int times = 1);
  int cuts() const { return cuts_; }
  /// From the next cut on, or from now on, nobody gets through.
  void go_away_after_cut() { leaves_ = true; }
  void go_away() { away_ = true; }
  void come_back() { away_ = leaves_ = false; }
  int refused() const { return refused_; }  ///< connections

 private:
  void listen(const std::stop_token& stop);
  void relay(int client);
  bool is_time(Cut where);

  std::string folder_, server_;
  int port_, listening_ = -1;
  std::atomic<Cut> where_{Cut::none};
  std::atomic<int> left_{0}, cuts_{0}, refused_{0};
  std::atomic<bool> leaves_{false}, away_{false};
  std::jthread thread_{};
};

}  // namespace sluice
