#pragma once
#include <functional>
#include <string>
#include <vector>

#include "config/config.h"

namespace sluice {

enum class PasswordPolicy : std::uint8_t {
  move_to_variable,  ///< a password in a URL is replaced by `${SLUICE_<NAME>_PASSWORD}`
  keep_in_file       ///< the person insists: it is written in clear, and the file is made readable to its owner only
};

/// What was written, for telling the person.
struct AddedConnection {
  std::string path{};                    ///< the sluice.yaml
  bool created = false;                  ///< it did not exist before
  std::vector<std::string> variables{};  ///< variables to be set before the connection can be used
};

/// Whether the connection works, with the password that it was given and what dbt's file says: an error keeps it out of the file.
using ConnectionCheck = std::function<Result<>(const ConnectionConfig&)>;

/// Writes the connection into the sluice.yaml at `path`, which is made where there is none. The text that is there stays as it is, byte
/// for byte, comments too: lines are only inserted. The file is replaced at once (temporary file, fsync, rename), and only after the new text
/// was read back and means the old configuration plus this connection. E0730 the name is taken or not a name, E0731 the file's shape does not allow
/// inserting (then nothing is changed and the hint holds the lines to paste), E0732 it can't be written; else what `works` says.
Result<AddedConnection> add_connection(const std::string& path, const ConnectionConfig& connection,
                                       PasswordPolicy passwords = PasswordPolicy::move_to_variable,
                                       const Environment& environment = process_environment(), const ConnectionCheck& works = {});

}  // namespace sluice
