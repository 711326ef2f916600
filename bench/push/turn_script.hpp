#pragma once

// A turn as a language server tells it by reactive diffs, one short record of text at a time. A record begins with a
// number of 16 hexadecimal digits that its reader can take out again: when it was written, or how much was before it.
// Replies are cut into steps, because the protocol repeats a step's whole text with every change.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "proto/reactive_component.pb.h"
#include "test/sim/language_server/transcript.hpp"

namespace bench {

inline constexpr std::size_t record_size = 64;
inline constexpr std::size_t records_per_step = 32;

class turn_script {
 public:
  using update = exa::reactive_component_pb::StreamReactiveUpdatesResponse;

  /// A cascade that already holds about `earlier_bytes` of text in `earlier_steps()` steps.
  explicit turn_script(std::size_t earlier_bytes);

  static std::uint32_t earlier_steps(std::size_t earlier_bytes);

  /// The first update of a subscription: everything. Holds no record.
  update snapshot();
  /// One more record. `number` is asked for when all else is done, so that it can be the time of the write.
  update next(const std::function<std::uint64_t()>& number);

 private:
  update told(const sim::ls::transcript& before);
  void write_stamp(std::string& text) const;

  sim::ls::transcript now_;
  std::uint64_t version_ = 0;
  std::size_t records_ = 0;  // in the last step
  std::string stamp_;        // of the last record
};

/// The numbers of the records in a piece of text, which holds whole records.
void each_record(std::string_view text, const std::function<void(std::uint64_t)>& then);

}  // namespace bench
