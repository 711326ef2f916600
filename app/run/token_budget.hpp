#pragma once

// `run --max-tokens`: a descriptor that becomes readable once the run has spent the limit. Prints on stderr what it
// cannot count. Called from the strands of all connections.

#include <atomic>
#include <cstdint>
#include <optional>

#include "net/descriptor.hpp"
#include "usage/unread_note.hpp"
#include "usage/usage_record.hpp"

namespace app::run {

class token_budget {
 public:
  /// nullopt: no limit, and nothing is printed.
  explicit token_budget(std::optional<std::int64_t> limit);

  /// Tells how many tokens have been spent so far.
  void on_spent(std::int64_t tokens);
  /// Tells that traffic was not read.
  void on_unread(const usage::unread_note& what) const;
  /// Tells that a model call reported no usage. Printed once.
  void on_uncounted(const usage::usage_record& row);

  /// For poll(): readable once the budget is spent.
  int native() const { return spent_.get(); }
  /// Makes it unreadable again.
  void acknowledge();

 private:
  const std::optional<std::int64_t> limit_;
  net::descriptor spent_;
  std::atomic_flag uncounted_said_;
};

}  // namespace app::run
