#pragma once
// The macros that check types would stand in the way of calling through a table.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/result.h"

namespace sluice {

// clang-format off: it never settles on a layout of this list
#define SLUICE_LIBCURL_FUNCTIONS(X)                                                                                          \
  X(curl_global_init) X(curl_easy_init) X(curl_easy_setopt) X(curl_easy_getinfo) X(curl_easy_cleanup) X(curl_easy_strerror)  \
  X(curl_multi_init) X(curl_multi_setopt) X(curl_multi_add_handle) X(curl_multi_remove_handle) X(curl_multi_perform)         \
  X(curl_multi_info_read) X(curl_multi_poll) X(curl_multi_wakeup) X(curl_multi_cleanup) X(curl_slist_append)                 \
  X(curl_slist_free_all) X(curl_url) X(curl_url_set) X(curl_url_get) X(curl_url_cleanup) X(curl_url_strerror) X(curl_free)   \
  X(curl_getdate)
// clang-format on

/// What is used of libcurl. It is opened on first use: linked, it and the thirty libraries behind it would slow down every start of the program.
struct LibcurlFunctions {
#define X(name) decltype(&::name) name = nullptr;  // NOLINT(bugprone-macro-parentheses): it declares a member
  SLUICE_LIBCURL_FUNCTIONS(X)
#undef X
};

/// Opens and starts it, once in a process. E1105 (not_found) where it is not on this machine.
Result<> load_libcurl();
/// Only after load_libcurl has succeeded.
const LibcurlFunctions& libcurl();

}  // namespace sluice
