#include "net/libcurl.h"

#include <dlfcn.h>

#include <string>

#include "base/check.h"

namespace sluice {
namespace {

/// The soname of all libcurl 7.16 to 8; which functions and options it has is looked at.
constexpr const char* kLibraryName = "libcurl.so.4";
constexpr const char* kOldest = "7.87";

Result<LibcurlFunctions> open_library() {
  void* const library = dlopen(kLibraryName, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return Error{ErrorKind::not_found, "E1105", "no service can be reached: libcurl (libcurl.so.4) is not on this machine",
                 "install it: apt-get install libcurl4 (Debian, Ubuntu), dnf install libcurl (Fedora, RHEL)"};
  LibcurlFunctions functions;
  const char* missing = nullptr;
#define X(name)                                                                \
  functions.name = reinterpret_cast<decltype(&::name)>(dlsym(library, #name)); \
  if (functions.name == nullptr) missing = #name;
  SLUICE_LIBCURL_FUNCTIONS(X)
#undef X
  if (missing == nullptr && functions.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) return functions;
  return Error{
      ErrorKind::not_found, "E1105",
      std::string("no service can be reached: the libcurl found here ") + (missing != nullptr ? std::string("lacks ") + missing : "does not start"),
      std::string("install libcurl ") + kOldest + " or later"};
}

const Result<LibcurlFunctions>& opened() {
  static const Result<LibcurlFunctions> library = open_library();
  return library;
}

}  // namespace

Result<> load_libcurl() {
  if (!opened()) return opened().error();
  return {};
}

const LibcurlFunctions& libcurl() {
  CHECK(opened());
  return *opened();
}

}  // namespace sluice
