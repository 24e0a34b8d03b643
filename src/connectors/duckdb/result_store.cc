#include "connectors/duckdb/result_store.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "base/hash.h"
#include "base/text.h"
#include "connectors/duckdb/source.h"

namespace sluice {
namespace {

using duckdb_detail::Api;
using duckdb_detail::Connection;
using duckdb_detail::Database;
using duckdb_detail::exact_pattern;
using duckdb_detail::sql_identifier;
using duckdb_detail::sql_literal;
namespace fs = std::filesystem;

constexpr std::chrono::minutes kWriteTimeout{30};
constexpr std::size_t kHashChunk = 1 << 20;
/// Rows that are being written wait here for their file; what is above goes to the disk beside it.
constexpr const char* kMemoryLimit = "512MB";
/// A row group is held whole while it is written: fewer rows where rows are wide.
constexpr std::int64_t kGroupBytes = 16'000'000, kGroupRowsLeast = 2048, kGroupRowsMost = 122'880;
constexpr std::string_view kWriting = "writing-", kSpill = "spill-";
constexpr std::chrono::hours kLeftoverAge{24};
constexpr std::size_t kLeftoversMax = 10'000;

Error cannot_write(const std::string& path, const std::string& why) {
  return {ErrorKind::storage, "E0412", "the result cannot be written to \"" + path + "\": " + why, "make room or mend the permissions there", 0};
}

Error not_there(const std::string& hash, const std::string& why) {
  return {ErrorKind::storage, "E0413", "the result " + hash.substr(0, 12) + "… " + why, "ask the question again; a result is never made up", 0};
}

struct Header {
  std::vector<ResultColumn> columns{};
  static constexpr auto fields() { return std::tuple{Field{"columns", &Header::columns}}; }
};

const char* stored_type(TypeKind kind) {
  switch (kind) {
    case TypeKind::boolean: return "BOOLEAN";
    case TypeKind::integer: return "BIGINT";
    case TypeKind::floating: return "DOUBLE";
    case TypeKind::bytes: return "BLOB";
    default: return "VARCHAR";
  }
}

/// Syncs the file or folder.
bool sync_path(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return false;
  const bool synced = fsync(file) == 0;
  close(file);
  return synced;
}

Result<std::string> hash_of_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return cannot_write(path, std::strerror(errno));
  Sha256 hash;
  std::string buffer(kHashChunk, '\0');
  ssize_t got = 0;
  while ((got = ::read(file, buffer.data(), buffer.size())) > 0) hash.update({buffer.data(), static_cast<std::size_t>(got)});
  close(file);
  if (got < 0) return cannot_write(path, "it cannot be read back");
  return hash.finish_hex();
}

/// Removes what processes that were killed left behind: old, of a process that is no more.
void sweep(const std::string& folder) {
  std::error_code failure;
  std::vector<fs::path> leftovers;
  for (fs::directory_iterator file(folder, failure), end; !failure && file != end && leftovers.size() < kLeftoversMax; file.increment(failure)) {
    const std::string name = file->path().filename().string();
    const std::string_view start = name.starts_with(kWriting) ? kWriting : kSpill;
    pid_t process = 0;
    if (!name.starts_with(start)) continue;
    std::from_chars(name.data() + start.size(), name.data() + name.size(), process);
    const auto written = fs::last_write_time(file->path(), failure);
    const bool gone = process > 0 && kill(process, 0) != 0 && errno == ESRCH;
    if (!failure && gone && fs::file_time_type::clock::now() - written > kLeftoverAge) leftovers.push_back(file->path());
    failure.clear();
  }
  for (const fs::path& path : leftovers) fs::remove_all(path, failure);
}

/// A table in memory that fills as rows arrive, then becomes a Parquet file.
class Writer : public ResultWriter {
 public:
  Writer(std::string folder, std::string temporary, std::unique_ptr<Connection> connection)
      : folder_(std::move(folder)), temporary_(std::move(temporary)), connection_(std::move(connection)), api_(connection_->api()) {}
  ~Writer() override {
    if (appender_ != nullptr) api_.duckdb_appender_destroy(&appender_);
    (void)connection_->execute("DROP TABLE IF EXISTS " + table());
    std::error_code failure;
    fs::remove(temporary_, failure);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Result<> columns(const std::vector<ResultColumn>& columns) override {
    header_.columns = columns;
    std::vector<std::string> definitions;
    definitions.reserve(columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c) definitions.push_back("c" + std::to_string(c) + " " + stored_type(columns[c].type.kind));
    if (definitions.empty()) definitions.emplace_back("nothing BOOLEAN");  // a result may have rows without columns
    TRY_VOID(connection_->execute("CREATE TABLE " + table() + " (" + join(definitions, ", ") + ")"));
    if (api_.duckdb_appender_create(connection_->handle(), nullptr, name().c_str(), &appender_) != DuckDBSuccess) return append_failed();
    return {};
  }

  Result<> rows(std::vector<Row>&& batch) override {
    for (const Row& row : batch) {
      rows_ += 1;
      bytes_ += row_bytes(row);
      duckdb_state state = row.empty() ? api_.duckdb_append_null(appender_) : DuckDBSuccess;
      for (std::size_t c = 0; c < row.size() && state == DuckDBSuccess; ++c) state = append(row[c], header_.columns[c].type.kind);
      if (state == DuckDBSuccess) state = api_.duckdb_appender_end_row(appender_);
      if (state != DuckDBSuccess) return append_failed();
    }
    return {};
  }

  Result<std::string> finish() override {
    if (appender_ == nullptr) return Error::bug("a result without columns was finished");
    if (api_.duckdb_appender_close(appender_) != DuckDBSuccess) return append_failed();
    auto written = connection_->execute("COPY " + table() + " TO " + sql_literal(temporary_) + " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE " +
                                        std::to_string(group_rows()) + ", KV_METADATA {sluice: " + sql_literal(encode(header_).dump_text()) + "})");
    if (!written && written.error().message.find("failed to allocate") != std::string::npos)
      return Error{ErrorKind::exhausted, "E0412", "the result's values are too large to be written: " + written.error().message,
                   "select fewer or shorter columns", 0};
    if (!written) return cannot_write(folder_, written.error().message);
    if (!sync_path(temporary_, O_RDONLY)) return cannot_write(temporary_, std::strerror(errno));
    TRY(std::string hash, hash_of_file(temporary_));
    std::error_code failure;
    fs::rename(temporary_, folder_ + "/" + hash + ".parquet", failure);
    if (failure || !sync_path(folder_, O_RDONLY | O_DIRECTORY)) return cannot_write(folder_, failure ? failure.message() : std::strerror(errno));
    return hash;
  }

 private:
  std::int64_t group_rows() const {
    return std::clamp(kGroupBytes / std::max<std::int64_t>(bytes_ / std::max<std::int64_t>(rows_, 1), 1), kGroupRowsLeast, kGroupRowsMost);
  }
  std::string name() const { return fs::path(temporary_).stem().string(); }
  std::string table() const { return sql_identifier(name()); }
  Error append_failed() const {
    const char* message = api_.duckdb_appender_error(appender_);
    return cannot_write(folder_, message != nullptr ? show_hidden(std::string_view(message).substr(0, std::string_view(message).find('\n')), false)
                                                    : "no reason given");
  }
  duckdb_state append(const Value& value, TypeKind kind) {
    if (std::holds_alternative<std::monostate>(value)) return api_.duckdb_append_null(appender_);
    switch (kind) {
      case TypeKind::boolean:
        if (const bool* flag = std::get_if<bool>(&value)) return api_.duckdb_append_bool(appender_, *flag);
        break;
      case TypeKind::integer:
        if (const auto* integer = std::get_if<std::int64_t>(&value)) return api_.duckdb_append_int64(appender_, *integer);
        break;
      case TypeKind::floating:
        if (const auto* real = std::get_if<double>(&value)) return api_.duckdb_append_double(appender_, *real);
        break;
      case TypeKind::bytes:
        if (const auto* bytes = std::get_if<std::string>(&value)) return api_.duckdb_append_blob(appender_, bytes->data(), bytes->size());
        break;
      default: break;
    }
    std::string text = value_text(value, {});
    if (!is_valid_utf8(text)) text = replace_invalid_utf8(text);
    return api_.duckdb_append_varchar_length(appender_, text.data(), text.size());
  }

  std::string folder_, temporary_;
  std::unique_ptr<Connection> connection_;
  const Api& api_;
  duckdb_appender appender_ = nullptr;
  Header header_{};
  std::int64_t rows_ = 0, bytes_ = 0;
};

/// Gives the rows their own names and types back.
class Restore : public RowSink {
 public:
  Restore(const std::vector<ResultColumn>& columns, RowSink& next) : columns_(columns), next_(next) {}
  Result<> columns(const std::vector<ResultColumn>&) override { return next_.columns(columns_); }
  Result<> rows(std::vector<Row>&& batch) override {
    if (columns_.empty())
      for (Row& row : batch) row.clear();
    return next_.rows(std::move(batch));
  }

 private:
  const std::vector<ResultColumn>& columns_;
  RowSink& next_;
};

class ParquetStore : public ResultStore {
 public:
  ParquetStore(std::string folder, std::shared_ptr<Database> database) : folder_(std::move(folder)), database_(std::move(database)) {}

  Result<std::unique_ptr<ResultWriter>> create() override {
    TRY(auto connection, Connection::open(database_, call()));
    const std::string temporary = folder_ + "/" + std::string(kWriting) + std::to_string(getpid()) + "-" + std::to_string(next_++) + ".tmp";
    return std::unique_ptr<ResultWriter>(std::make_unique<Writer>(folder_, temporary, std::move(connection)));
  }

  Result<> read(const std::string& hash, std::int64_t rows_max, RowSink& sink) override {
    TRY(const std::string path, verified(hash));
    TRY(const auto connection, Connection::open(database_, call()));
    TRY(const auto metadata,
        connection->rows("SELECT decode(value) FROM parquet_kv_metadata(" + sql_literal(exact_pattern(path)) + ") WHERE decode(key) = 'sluice'"));
    if (metadata.empty()) return not_there(hash, "has no column names");
    TRY(const Json json, Json::parse(value_text(metadata[0][0], {})));
    TRY(const Header header, decode<Header>(json));
    Restore restore(header.columns, sink);
    const bool all = rows_max <= 0;
    TRY_VOID(connection->stream("SELECT * FROM read_parquet(" + sql_literal(exact_pattern(path)) + ")",
                                {.rows_max = all ? INT64_MAX : rows_max, .bytes_max = INT64_MAX, .truncate = true}, restore));
    return {};
  }

  Result<> copy(const std::string& hash, const std::function<Result<>(std::string_view part)>& to) override {
    TRY(const std::string path, verified(hash));
    std::ifstream file(path, std::ios::binary);
    std::array<char, 64 * 1024> part{};
    while (file.read(part.data(), part.size()) || file.gcount() > 0) TRY_VOID(to({part.data(), static_cast<std::size_t>(file.gcount())}));
    return file.bad() ? Result<>(not_there(hash, "cannot be read")) : Result<>();
  }

  Result<Swept> sweep(const Sweep& sweep) override {
    std::error_code failure;
    std::vector<std::pair<fs::path, std::int64_t>> unused;
    for (fs::directory_iterator file(folder_, failure), end; !failure && file != end; file.increment(failure)) {
      if (file->path().extension() != ".parquet" || sweep.is_kept(file->path().stem().string())) continue;
      std::error_code gone;
      const auto bytes = static_cast<std::int64_t>(file->file_size(gone));
      if (!gone && is_old(file->path(), sweep)) unused.emplace_back(file->path(), bytes);
    }
    if (failure) return cannot_write(folder_, failure.message());
    Swept swept;
    for (const auto& [path, bytes] : unused) {
      if (sweep.stop.stop_requested()) break;
      if (!sweep.dry && !remove_old(path, sweep)) continue;
      ++swept.files;
      swept.bytes += bytes;
    }
    return swept;
  }

 private:
  /// The file that has this hash. E0351 and the like where there is none.
  Result<std::string> verified(const std::string& hash) const {
    std::string path = folder_ + "/" + hash + ".parquet";
    std::error_code failure;
    if (!fs::is_regular_file(path, failure)) return not_there(hash, "is missing");
    TRY(const std::string now, hash_of_file(path));
    if (now != hash) return not_there(hash, "was changed or damaged on disk");
    return path;
  }
  static bool is_old(const fs::path& path, const Sweep& sweep) {
    std::error_code gone;
    const auto written = fs::last_write_time(path, gone);
    return !gone && fs::file_time_type::clock::now() - written >= sweep.unused_for;
  }
  /// Moved aside first, so that a result that is kept again under this name meanwhile stays.
  bool remove_old(const fs::path& path, const Sweep& sweep) {
    std::error_code failure;
    const fs::path aside = folder_ + "/" + std::string(kWriting) + std::to_string(getpid()) + "-" + std::to_string(next_++) + ".tmp";
    fs::rename(path, aside, failure);
    if (failure) return false;
    const bool old = is_old(aside, sweep);
    old ? (void)fs::remove(aside, failure) : fs::rename(aside, path, failure);
    return old && !failure;
  }
  static Call call() { return {std::chrono::steady_clock::now() + kWriteTimeout, {}}; }
  std::string folder_;
  std::shared_ptr<Database> database_;
  std::atomic<int> next_{0};
};

}  // namespace

Result<std::unique_ptr<ResultStore>> open_result_store(const std::string& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) return cannot_write(folder, failure.message());
  fs::permissions(folder, fs::perms::owner_all, failure);  // rows may be confidential
  sweep(folder);
  TRY(auto database, Database::open("", {{"memory_limit", kMemoryLimit},
                                         {"threads", "1"},  // each would hold a row group of its own
                                         {"temp_directory", folder + "/" + std::string(kSpill) + std::to_string(getpid())},
                                         {"autoinstall_known_extensions", "false"},
                                         {"autoload_known_extensions", "false"}}));
  return std::unique_ptr<ResultStore>(std::make_unique<ParquetStore>(folder, std::move(database)));
}

}  // namespace sluice
