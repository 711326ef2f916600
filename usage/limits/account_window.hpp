#pragma once

// A limit of one account, as the ledger keeps it, and how it is asked for it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "usage/limits/limit_window.hpp"
#include "usage/usage_record.hpp"

namespace usage {

struct account_window {
  std::string account;  // a keyed hash of the credential, in hexadecimal digits, or no_account
  std::string host;     // lower case
  std::string model;    // empty unless window.of_model
  usage::provider provider = provider::unknown;
  limit_window window;
  std::int64_t since = 0;    // Unix ms; it has been so from then on, but for the time of its reset
  std::int64_t seen_at = 0;  // Unix ms of the latest answer that told it
  std::int64_t id = 0;       // of a change, given by the ledger

  bool operator==(const account_window&) const = default;
};

inline constexpr const char* no_account = "-";

/// Kept of all accounts. For a further one, the one that was told longest ago is forgotten, with its changes.
inline constexpr std::int64_t max_account_windows = 1000;
/// Kept of one account's window, the latest.
inline constexpr std::int64_t max_window_changes = 1000;

/// What an answer may not be late by, in ms. An earlier one shows that the clock was set back, and counts.
inline constexpr std::int64_t max_window_lateness = 3'600'000;

/// Empty members ask for all.
struct window_query {
  std::string account = {};
  std::string host = {};
  std::string window = {};
  std::optional<std::int64_t> after = {};  // of changes: only those before this id
  std::int64_t limit = max_account_windows;
};

struct window_page {
  std::vector<account_window> windows;
  bool has_more = false;
};

}  // namespace usage
