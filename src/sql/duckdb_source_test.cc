#include <dlfcn.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sql/duckdb_source_for_test.h"

namespace sluice {
namespace {

/// The functions of duckdb.h that are used here, with handles as plain pointers.
struct Api {
  int (*open)(const char*, void**) = nullptr;
  int (*connect)(void*, void**) = nullptr;
  void (*disconnect)(void**) = nullptr;
  void (*close)(void**) = nullptr;
  int (*prepare)(void*, const char*, void**) = nullptr;
  int (*bind)(void*, std::uint64_t, const char*, std::uint64_t) = nullptr;
  int (*execute)(void*, void*) = nullptr;
  const char* (*result_error)(void*) = nullptr;
  char* (*value)(void*, std::uint64_t, std::uint64_t) = nullptr;
  void (*free)(void*) = nullptr;
  void (*destroy_result)(void*) = nullptr;
  void (*destroy_prepare)(void**) = nullptr;
  std::uint64_t (*extract)(void*, const char*, void**) = nullptr;
  void (*destroy_extracted)(void**) = nullptr;
};

template <class F>
bool load(void* library, const char* name, F& into) {
  into = reinterpret_cast<F>(dlsym(library, name));
  return into != nullptr;
}

bool load_all(void* library, Api& api) {
  return load(library, "duckdb_open", api.open) && load(library, "duckdb_connect", api.connect) &&
         load(library, "duckdb_disconnect", api.disconnect) && load(library, "duckdb_close", api.close) &&
         load(library, "duckdb_prepare", api.prepare) && load(library, "duckdb_bind_varchar_length", api.bind) &&
         load(library, "duckdb_execute_prepared", api.execute) && load(library, "duckdb_result_error", api.result_error) &&
         load(library, "duckdb_value_varchar", api.value) && load(library, "duckdb_free", api.free) &&
         load(library, "duckdb_destroy_result", api.destroy_result) && load(library, "duckdb_destroy_prepare", api.destroy_prepare) &&
         load(library, "duckdb_extract_statements", api.extract) && load(library, "duckdb_destroy_extracted", api.destroy_extracted);
}

/// The statement's first word after comments: enough to tell kinds apart in a test. The connector asks DuckDB itself.
std::string first_word(std::string_view sql) {
  for (;;) {
    sql = trim(sql);
    if (sql.starts_with("--")) {
      sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
    } else if (sql.starts_with("/*")) {
      const auto end = sql.find("*/");
      sql.remove_prefix(end == std::string_view::npos ? sql.size() : end + 2);
    } else {
      break;
    }
  }
  std::string word(sql.substr(0, sql.find_first_of(" \t\r\n;(")));
  for (char& c : word)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kKinds{{{"MERGE", "MERGE_INTO"},
                                                                                         {"TRUNCATE", "DELETE"},
                                                                                         {"INSTALL", "LOAD"},
                                                                                         {"RESET", "SET"},
                                                                                         {"USE", "SET"},
                                                                                         {"BEGIN", "TRANSACTION"},
                                                                                         {"COMMIT", "TRANSACTION"},
                                                                                         {"IMPORT", "PRAGMA"},
                                                                                         {"CHECKPOINT", "CALL"},
                                                                                         {"PIVOT", "MULTI"}}};
  for (const auto& [keyword, kind] : kKinds)
    if (keyword == word) return std::string(kind);
  return word;
}

class LoadedSource final : public AstSource {
 public:
  explicit LoadedSource(const Api& api) : api_(api) {}
  ~LoadedSource() override {
    api_.disconnect(&connection_);
    api_.close(&database_);
  }
  bool open() { return api_.open(nullptr, &database_) == 0 && api_.connect(database_, &connection_) == 0; }

  Result<std::string> serialize(std::string_view sql) override { return call("SELECT json_serialize_sql($1::VARCHAR)", sql); }
  Result<std::string> deserialize(std::string_view ast) override { return call("SELECT json_deserialize_sql($1::JSON)", ast); }
  Result<std::vector<std::string>> statement_kinds(std::string_view sql) override {
    void* extracted = nullptr;
    const std::string text(sql);
    const std::uint64_t count = api_.extract(connection_, text.c_str(), &extracted);
    api_.destroy_extracted(&extracted);
    std::vector<std::string> kinds(count, "ANOTHER");
    if (!kinds.empty()) kinds.front() = first_word(sql);
    return kinds;
  }

 private:
  Result<std::string> call(const char* query, std::string_view argument) {
    void* statement = nullptr;
    std::array<std::uint64_t, 16> result{};  // duckdb_result has six words
    Result<std::string> out = Error::bug("DuckDB did not run " + std::string(query));
    if (api_.prepare(connection_, query, &statement) == 0 && api_.bind(statement, 1, argument.data(), argument.size()) == 0) {
      if (api_.execute(statement, result.data()) == 0) {
        char* text = api_.value(result.data(), 0, 0);
        if (text != nullptr) out = std::string(text);
        api_.free(text);
      } else if (const char* words = api_.result_error(result.data())) {
        out = Error{ErrorKind::input, "E0300", words, "", 0};
      }
      api_.destroy_result(result.data());
    }
    api_.destroy_prepare(&statement);
    return out;
  }

  Api api_;
  void* database_ = nullptr;
  void* connection_ = nullptr;
};

}  // namespace

std::unique_ptr<AstSource> open_duckdb_for_test(std::string& why) {
  const char* given = std::getenv("SLUICE_DUCKDB_LIB");
  const std::string path = given != nullptr ? given : "build/release/lib/libduckdb.so";
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  Api api;
  if (library == nullptr || !load_all(library, api)) {
    why = "no DuckDB library at " + path + " (SLUICE_DUCKDB_LIB names another)";
    return nullptr;
  }
  auto source = std::make_unique<LoadedSource>(api);
  if (!source->open()) {
    why = "DuckDB did not open an in-memory database";
    return nullptr;
  }
  return source;
}

}  // namespace sluice
