#pragma once

// Reads the usage that a row keeps verbatim once more, with the dialects of today. A dialect that was wrong when the
// row was booked thereby repairs it.

#include <cstdint>
#include <optional>

#include "usage/dialect.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// Grows with every change of what a usage object is read as: of the members that a dialect knows, or of what it makes
/// of them. Rows that were verified by another version are read again.
inline constexpr std::int64_t dialects_version = 1;

/// nullopt: the row keeps no usage object, or none that is understood.
std::optional<normal_form> read_again(const usage_record& row);

/// `row` with what read_again() makes of it, as far as the object tells it; nullopt: nothing differs.
std::optional<usage_record> corrected(const usage_record& row);

}  // namespace usage
