#pragma once

// Reads the clocks of the machine. Driven by the writer, about once an hour.

#include "usage/ledger/clock/believable_clock.hpp"

namespace usage {

clock_reading read_machine_clock();

}  // namespace usage
