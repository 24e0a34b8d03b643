#pragma once
#include <string>
#include <string_view>

#include "base/codec.h"
#include "base/result.h"
#include "base/sweep.h"

namespace sluice {

/// Large values by their SHA-256. What `put` confirmed is on disk. Any thread. A missing (E0122) or damaged (E0123) artifact is an
/// error and never a reason to execute a step again.
class Artifacts {
 public:
  Artifacts() = default;
  Artifacts(const Artifacts&) = delete;
  Artifacts& operator=(const Artifacts&) = delete;
  virtual ~Artifacts() = default;

  /// Returns the hash.
  virtual Result<std::string> put(std::string_view bytes) = 0;
  virtual Result<std::string> get(const std::string& hash) = 0;
  /// Deletes what nothing needs any more. Others may put artifacts meanwhile, also one that is about to be deleted: it stays.
  virtual Result<Swept> sweep(const Sweep& sweep) = 0;
};

/// The value that an artifact holds as JSON. Also the errors of the parser and the codec, where something else was put there.
template <class T>
Result<T> read_artifact(Artifacts& artifacts, const std::string& hash) {
  TRY(const std::string bytes, artifacts.get(hash));
  TRY(const Json json, Json::parse(bytes));
  return decode<T>(json);
}

Error artifact_missing(std::string_view hash);                          // E0122
Error artifact_damaged(std::string_view hash, std::string_view where);  // E0123

}  // namespace sluice
