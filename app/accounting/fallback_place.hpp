#pragma once

// Places a row that names no conversation: by the growth of its transcript, or in the one conversation of its process.
// Not thread-safe: attribution_service calls it under its mutex.

#include <cstddef>
#include <cstdint>

#include "usage/attribution/transcripts.hpp"
#include "usage/ledger/reports/known_transcript.hpp"
#include "usage/usage_record.hpp"

namespace app {

class fallback_place {
 public:
  /// As usage::transcripts.
  explicit fallback_place(std::size_t capacity) : transcripts_(capacity) {}

  /// Sets conversation and attributed_by of a row without attributed_by. What is not known of the process is the same
  /// for all. Leaves alone:
  ///
  ///   rows of a language server, which tells itself whose they are
  ///   fetched answers, which the ledger joins to their call
  ///   calls that are no model calls, unless they continue a conversation
  void put(usage::usage_record& row);

  /// As usage::transcripts::recall().
  bool recall(const usage::known_transcript& earlier);

 private:
  usage::transcripts transcripts_;
};

}  // namespace app
