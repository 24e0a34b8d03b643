#include "libpq/library.h"

#include <dlfcn.h>

#include <array>

#include "libpq/functions.h"

namespace sluice::libpq {
namespace {
constexpr std::array<const char*, 2> kLibraryNames{"libpq.so.5", "libpq.so"};
}

Result<std::shared_ptr<const Functions>> load() {
  void* library = nullptr;
  for (const char* name : kLibraryNames)
    if (library == nullptr) library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return Error{ErrorKind::not_found, "E0441", "PostgreSQL's client library (libpq.so.5) is not on this machine",
                 "install it: apt-get install libpq5 (Debian, Ubuntu), dnf install libpq (Fedora, RHEL)"};
  auto functions = std::make_shared<Functions>();
  const char* missing = nullptr;
#define X(name)                                                                 \
  functions->name = reinterpret_cast<decltype(&::name)>(dlsym(library, #name)); \
  if (functions->name == nullptr) missing = #name;
  SLUICE_LIBPQ_FUNCTIONS(X)
#undef X
  if (missing != nullptr)
    return Error{ErrorKind::not_found, "E0441", std::string("the PostgreSQL client library found here is too old: it lacks ") + missing,
                 "install libpq 14 or later"};
  return std::shared_ptr<const Functions>(std::move(functions));
}

std::string version_of(const Functions& library) {
  const int version = library.PQlibVersion();  // 150008: 15.8
  return std::to_string(version / 10000) + "." + std::to_string(version % 10000);
}

}  // namespace sluice::libpq
