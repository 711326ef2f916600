#pragma once

// Which conversation a row belongs to, by which evidence, and since when that is known. attribution_core decides it and
// the ledger writes it into the row. A later placement of the same row replaces the earlier one.

#include <cstdint>
#include <string>

namespace usage {

/// Bits of placement::flags. Stored in the ledger: their values must not change.
enum placement_flag : std::uint8_t {
  disputed = 1,              // two pieces of evidence name conversations that have nothing to do with each other
  unknown_conversation = 2,  // the row names a cascade that the language server does not know, so another one is used
  ambiguous = 4,             // an id of the row is claimed by several conversations: it counts as no evidence
};

struct placement {
  std::int64_t row = 0;         // usage_record::row_key
  std::string conversation;     // empty: unattributed
  std::string rule;             // as usage_record::attributed_by; empty if unattributed
  std::string claimed;          // what the row itself says, if that was not used
  std::uint8_t flags = 0;       // placement_flag
  std::string logical_request;  // of which this row is an attempt; empty: not known
  int attempt = 0;              // 0 for the first
  std::int64_t at = 0;          // Unix ms of the evidence that decided

  /// Equal in everything but the time.
  bool same_place(const placement& other) const {
    return conversation == other.conversation && rule == other.rule && claimed == other.claimed &&
           flags == other.flags && logical_request == other.logical_request && attempt == other.attempt;
  }
};

}  // namespace usage
