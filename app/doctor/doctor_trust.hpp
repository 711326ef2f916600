#pragma once

// Whether the runtimes of this machine trust the CA, as far as this environment decides it, and what to type. Clients
// of a service need that; `run` sees to it for its command.

#include <filesystem>
#include <vector>

#include "app/doctor/doctor.hpp"
#include "app/run/trust_places.hpp"
#include "mitm/ca/ca_certificate.hpp"

namespace app {

/// A finding for each runtime that reads a variable, for each trust store of a Java, and for the bundles of Python's
/// certifi. `file` is the CA's certificate.
std::vector<finding> look_at_runtimes(const mitm::ca_certificate& ca, const std::filesystem::path& file,
                                      const run::trust_places& places);

}  // namespace app
