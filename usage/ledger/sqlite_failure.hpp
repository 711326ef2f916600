#pragma once

// SQLite's failures inside the ledger's sources. They are thrown where they occur, and become a ledger_error at the
// public functions.

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include <boost/system/result.hpp>

#include "usage/ledger/ledger.hpp"

namespace usage {

class sqlite_failure : public std::runtime_error {
 public:
  sqlite_failure(int code, const std::string& words) : std::runtime_error(words), code_(code) {}
  int code() const noexcept { return code_; }

 private:
  int code_;  // SQLite's extended code
};

/// "cannot <what> <file>: <reason>". The reason is SQLite's message, or why this process may not use the file and the
/// command that fixes that.
ledger_error refusal_of(std::string_view what, const std::filesystem::path& file, const sqlite_failure& failure);

/// Runs `work`. A sqlite_failure becomes a ledger_error.
template <class Work>
auto attempt(std::string_view what, const std::filesystem::path& file, Work&& work) -> ledger_result<decltype(work())> {
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      return {};
    } else {
      // The type is named, because a number would also convert to an error code.
      return {boost::system::in_place_value, work()};
    }
  } catch (const sqlite_failure& failure) {
    return refusal_of(what, file, failure);
  }
}

}  // namespace usage
