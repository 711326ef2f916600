#pragma once

// Where rows go, whatever happens to the ledger's file. While that is damaged, or not ours to write, they go to a file
// beside it (pending_of) and come over once it is whole again. A file that is deleted, replaced or cut while it is open
// is noticed at the next write. Owned and driven by ledger_writer, on its thread.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "usage/ledger/ledger.hpp"

namespace usage {

/// After the ledger's own file has changed, at least this long between two attempts to open it again.
inline constexpr std::chrono::seconds reopen_pause{1};

class ledger_store {
 public:
  /// Of a ledger that is open.
  ledger_store(ledger opened);

  /// An error only if no row could be written: neither to the ledger's own file nor beside it. What passes by itself, a
  /// full disk or a lock, is none: then the next write tries again.
  static ledger_result<ledger_store> open(const ledger_options& options);

  /// Takes over what waits beside the ledger from an earlier time. May take long.
  void take_over_pending();

  ledger_result<insert_outcome> write(std::span<const ledger_entry> entries);
  ledger_result<retention_outcome> apply_retention(std::int64_t now);
  ledger_result<clock_memory> look_at_clock(const clock_reading& now);
  ledger_result<bool> oversized() const;

  /// The pages of its own file have been found damaged.
  void distrust(const std::string& why);

  /// Notices what has happened to the file; write() does so by itself.
  void look();

  /// Room for what did not fit.
  void make_room();

  /// Where rows go now: the ledger's own file, or the one beside it.
  std::filesystem::path file() const;

  /// What is wrong with the ledger's own file, and what to do. Empty: nothing.
  const std::string& trouble() const noexcept { return trouble_; }

  /// What has happened to it and been mended, or was only noticed, since the last call; one line each.
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
  bool distrusted_ = false;          // opening it says nothing: only another file is trusted again
  std::vector<std::int64_t> trace_;  // of the own file when it was given up
  std::chrono::steady_clock::time_point looked_at_{};
  std::string trouble_;
  std::vector<std::string> notes_;
  bool merge_failed_ = false;
};

}  // namespace usage
