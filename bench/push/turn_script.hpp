#pragma once

// A turn in reactive diffs, as a language server sends it, one short record of text at a time. A record begins with a
// number of 16 hexadecimal digits for its reader: the time of its write, or the size of everything before it. Replies
// are divided into steps, because the protocol repeats the whole text of a step with every change.

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

  /// Begins with a cascade that already has about `earlier_bytes` of text in `earlier_steps()` steps.
  explicit turn_script(std::size_t earlier_bytes);

  static std::uint32_t earlier_steps(std::size_t earlier_bytes);

  /// The first update of a subscription, which has the whole state. It contains no record.
  update snapshot();
  /// One more record. `number` is called last, so that it can return the time of the write.
  update next(const std::function<std::uint64_t()>& number);

 private:
  update told(const sim::ls::transcript& before);
  void write_stamp(std::string& text) const;

  sim::ls::transcript now_;
  std::uint64_t version_ = 0;
  std::size_t records_ = 0;  // in the last step
  std::string stamp_;        // of the last record
};

/// The numbers of the records in a text that consists of whole records.
void each_record(std::string_view text, const std::function<void(std::uint64_t)>& then);

}  // namespace bench
