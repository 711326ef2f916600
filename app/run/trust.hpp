#pragma once

// Makes the programs of a run trust the CA. They get the variables that they know, and in their own mount namespace the
// combined bundle replaces the system's.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "app/run/private_network.hpp"
#include "app/run/trust_places.hpp"

namespace app::run {

/// The run's files. Both hold the system's CAs and ours.
struct trust_files {
  std::filesystem::path bundle;      // PEM
  std::filesystem::path java_store;  // empty: there is none
};

/// Bind-mounts the bundle over every system bundle that exists. This happens in a new mount namespace that is a slave
/// of the host's: mounts on the host appear in it, but not the reverse.
setup_result<void> bind_bundle(const std::filesystem::path& bundle);

/// In that namespace, binds the files over the places where programs keep CAs of their own. A place that cannot be
/// bound over is left as it is. True: a store of a Java is among those that are bound.
bool bind_places(const trust_files& files, const trust_places& places);

}  // namespace app::run
