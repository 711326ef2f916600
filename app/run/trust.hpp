#pragma once

// Makes the programs of a run trust the CA. They get the variables that they know, and in their own mount namespace the
// combined bundle replaces the system's.

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

/// Bind-mounts the bundle over every system bundle that exists. This happens in a new mount namespace that is a slave
/// of the host's: mounts on the host appear in it, but not the reverse.
setup_result<void> bind_bundle(const std::filesystem::path& bundle);

}  // namespace app::run
