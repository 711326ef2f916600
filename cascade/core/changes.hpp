#pragma once

// What an update changed in a CascadeState, so that a reader looks only there. cascade_view derives it from the update
// itself and never compares states, so it costs no more than the update.

#include <cstdint>
#include <span>

namespace cascade {

/// Parts of a step, as bits.
enum step_part : std::uint8_t {
  part_text = 1,       // response, modified_response
  part_reasoning = 2,  // thinking
  part_rest = 4,       // status, metadata, everything small
  part_all = 7
};

struct step_change {
  std::uint32_t step = 0;
  std::uint8_t parts = part_all;

  bool operator==(const step_change&) const = default;
};

/// The spans are views into the cascade_view and are valid until its next apply(). Indices may repeat, and may be past
/// the end by now.
struct changes {
  bool everything = false;  // a snapshot: look at all of the state
  bool status = false;      // run status, fully_idle or executor metadata
  bool length = false;      // the number of steps
  std::span<const step_change> steps{};
  std::span<const std::uint32_t> generator_metadata{};

  static changes all() { return {.everything = true, .status = true, .length = true}; }
  bool none() const { return !everything && !status && !length && steps.empty() && generator_metadata.empty(); }
};

}  // namespace cascade
