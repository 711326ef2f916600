#pragma once

// Says when the wall clock cannot be right, and what follows for the CA and old rows. Pure. Used at start, by /readyz
// and by the doctor.

#include <chrono>
#include <string>

#include "mitm/ca/x509_parts.hpp"

namespace app {

/// The clock shows a time before this program was written. Empty: it does not.
std::string clock_complaint(mitm::wall_time now);

/// The clock has run ahead of the time that has passed. Empty: not by as much as a day.
std::string leap_complaint(std::chrono::milliseconds ahead);

/// The CA is not valid yet, or not any more. Empty: it is.
std::string validity_complaint(const mitm::validity& valid, mitm::wall_time now);

}  // namespace app
