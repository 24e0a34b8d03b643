#pragma once
#include <memory>
#include <mutex>

#include "journal/postgres_journal.h"
#include "workflow/ports/artifacts.h"

namespace sluice {

/// Artifacts in the journal's database, compressed: every node finds them there. Any thread.
class PostgresArtifacts final : public Artifacts {
 public:
  /// With the journal's URL and schema, whose tables are there. Errors as PostgresJournal::open.
  static Result<std::unique_ptr<PostgresArtifacts>> open(const PostgresJournalOptions& options);
  ~PostgresArtifacts() override;

  Result<std::string> put(std::string_view bytes) override;
  Result<std::string> get(const std::string& hash) override;
  Result<Swept> sweep(const Sweep& sweep) override;

 private:
  struct Inner;
  explicit PostgresArtifacts(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

}  // namespace sluice
