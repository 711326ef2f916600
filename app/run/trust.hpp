#pragma once

// How the programs of a run come to trust the CA: by the variables they know, and by the combined bundle in the place
// of the system's, in a mount namespace of their own.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "app/run/private_network.hpp"

namespace app::run {

struct trust_files {
  std::filesystem::path bundle;       // the system's CAs and ours
  std::filesystem::path certificate;  // ours alone
};

/// Binds the bundle over the system's wherever that exists. In a new mount namespace, which stays a slave of the
/// host's: what is mounted there later is seen here, never the reverse.
setup_result<void> bind_bundle(const std::filesystem::path& bundle);

}  // namespace app::run
