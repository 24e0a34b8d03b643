#pragma once
#include <string>

#include "base/codec.h"
#include "workflow/ports/journal_types.h"

namespace sluice {

/// What the journal holds of a run, as a value; E0202 where it is none: the journal is damaged.
template <class T>
Result<T> recorded(const RunId& id, const Json& json) {
  auto value = decode<T>(json);
  if (value) return value;
  return Error{ErrorKind::storage, "E0202", "what the journal holds of run " + id.text + " is damaged: " + value.error().message,
               "`sluice doctor` reads the whole journal and says what is damaged; restore a backup", 0};
}

}  // namespace sluice
