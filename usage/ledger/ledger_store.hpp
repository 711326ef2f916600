#pragma once

// Stores rows whatever happens to the ledger's file. While the file is damaged or not writable, rows go to a separate
// file (pending_of). They are moved to the ledger once it can be used again. If the file is deleted, replaced or
// truncated while it is open, the next write notices. Owned and driven by ledger_writer, on its thread.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "usage/ledger/ledger.hpp"

namespace usage {

/// The least time between two attempts to open the ledger's own file again after it has changed.
inline constexpr std::chrono::seconds reopen_pause{1};

class ledger_store {
 public:
  /// Takes an open ledger.
  ledger_store(ledger opened);

  /// Errors: no row can be written, neither to the ledger's own file nor to the separate one. A full disk or a lock is
  /// no error, because it may pass. Then the next write tries again.
  static ledger_result<ledger_store> open(const ledger_options& options);

  /// Moves the rows of an earlier separate file to the ledger. May take long.
  void take_over_pending();

  ledger_result<insert_outcome> write(std::span<const ledger_entry> entries);
  ledger_result<retention_outcome> apply_retention(std::int64_t now);
  ledger_result<clock_memory> look_at_clock(const clock_reading& now);
  ledger_result<bool> oversized() const;

  /// Tells that pages of the ledger's own file are damaged.
  void distrust(const std::string& why);

  /// Checks what has happened to the file. write() does this itself.
  void look();

  /// Frees space for rows that did not fit.
  void make_room();

  /// The file that rows go to now: the ledger's own or the separate one.
  std::filesystem::path file() const;

  /// What is wrong with the ledger's own file, and what to do about it. Empty: nothing.
  const std::string& trouble() const noexcept { return trouble_; }

  /// What was noticed or repaired since the last call, one line each.
  std::vector<std::string> take_notes();

 private:
  explicit ledger_store(const ledger_options& options) : own_(options) {}

  ledger_result<void> settle();
  void fall_back(const ledger_error& why);
  bool open_beside();
  void return_to_own();
  void back_in_place(ledger_file::place what);
  ledger_result<void> restore();
  ledger_options beside() const;
  std::vector<std::int64_t> trace_of_own() const;

  ledger_options own_;
  std::optional<ledger> open_;
  bool beside_ = false;              // open_ is not the ledger's own file
  bool distrusted_ = false;          // opening it again proves nothing; only another file would be trusted
  std::vector<std::int64_t> trace_;  // of the ledger's own file when it was given up
  std::chrono::steady_clock::time_point looked_at_{};
  std::string trouble_;
  std::vector<std::string> notes_;
  bool merge_failed_ = false;
};

}  // namespace usage
