#include "connectors/duckdb/library.h"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <mutex>
#include <vector>

#include "base/text.h"
#include "connectors/duckdb/api.h"

namespace sluice {
namespace {

using duckdb_detail::Api;
using duckdb_detail::is_supported_version;

std::string program_folder() {
  std::array<char, 4096> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size() - 1);
  const std::string program(path.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return program.substr(0, program.find_last_of('/'));
}

Result<Api> load() {
  const std::vector<std::string> places{library_folder() + "/libduckdb.so", "libduckdb.so"};
  void* library = nullptr;
  for (const std::string& place : places) {
    library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) break;
  }
  if (library == nullptr)
    return Error{ErrorKind::not_found, "E0400", "the DuckDB library was not found (looked for " + join(places, ", then ") + ")",
                 "`./dev build` puts it into lib/ beside the program; or set SLUICE_LIB_DIR to the folder that has it", 0};
  Api api;
  std::string missing;
#define SLUICE_DUCKDB_LOAD(name)                                          \
  api.name = reinterpret_cast<decltype(api.name)>(dlsym(library, #name)); \
  if (api.name == nullptr) missing = #name;
  SLUICE_DUCKDB_FUNCTIONS(SLUICE_DUCKDB_LOAD)
#undef SLUICE_DUCKDB_LOAD
  const std::string version = api.duckdb_library_version != nullptr ? api.duckdb_library_version() : "of no version";
  if (missing.empty() && is_supported_version(version)) return api;
  dlclose(library);
  return Error{ErrorKind::not_found, "E0400",
               "the DuckDB library is " + version + ", which Sluice does not know" + (missing.empty() ? "" : " (it has no " + missing + ")"),
               "use the version that `./dev setup` fetches", 0};
}

}  // namespace

std::string library_folder() {
  const char* folder = std::getenv("SLUICE_LIB_DIR");
  return folder != nullptr && *folder != '\0' ? std::string(folder) : program_folder() + "/lib";
}

Result<std::string> duckdb_version() {
  TRY(const Api* api, duckdb_detail::load_api());
  return std::string(api->duckdb_library_version());
}

bool duckdb_detail::is_supported_version(std::string_view version) {
  constexpr std::string_view kMajor = "v1.";
  constexpr int kMinorLeast = 4;  // reads the files and has the functions that this folder relies on
  int minor = 0;
  if (!version.starts_with(kMajor)) return false;
  const auto [end, failure] = std::from_chars(version.data() + kMajor.size(), version.data() + version.size(), minor);
  return failure == std::errc() && minor >= kMinorLeast;
}

Result<const Api*> duckdb_detail::load_api() {
  // Loaded once for the process; a library cannot be unloaded safely while its threads live.
  static const Result<Api> api = load();
  if (!api) return api.error();
  return &*api;
}

}  // namespace sluice
