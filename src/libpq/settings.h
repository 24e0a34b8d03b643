#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a connection's URL says and leaves out, by libpq's keywords.
namespace sluice::libpq {

using Settings = std::vector<std::pair<std::string, std::string>>;

const std::string* find(const Settings& settings, std::string_view keyword);
/// "" where it is not said.
std::string value_of(const Settings& settings, std::string_view keyword);
void set(Settings& settings, const std::string& keyword, const std::string& value);
void set_default(Settings& settings, const std::string& keyword, const std::string& value);

/// The server's certificate is verified against the system's authorities unless the settings say otherwise.
void set_tls_defaults(Settings& settings);
const std::vector<std::string>& ssl_modes();

/// What a person may have got wrong in a URL that libpq takes all the same, to fail much later or to show part of the password as the host: "" where
/// nothing is.
std::string wrong_place(const Settings& settings);
/// How a URL is written.
constexpr const char* kUrlForm =
    "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE; characters such as @ : / % in a password are written as %40 %3A %2F %25";

}  // namespace sluice::libpq
