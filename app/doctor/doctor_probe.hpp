#pragma once

// The exchange that the doctor makes to itself. Through `run`: an origin of its own on loopback, with a certificate of
// a CA made for the purpose, and a client started under `run`. Through the service: a client of the watched user to a
// watched host.

#include <filesystem>
#include <string>
#include <vector>

#include "app/config/config_load.hpp"
#include "app/doctor/doctor.hpp"

namespace app {

/// Starts this program again as `run … -- doctor --probe`, and reads its report.
finding probe_run(const loaded_config& loaded);

/// Whose redirect is tried: one of the two.
struct watched_client {
  std::string uid;
  std::filesystem::path cgroup;  // directory
};
/// Needs root, to become one; asks the service before and after.
finding probe_service(const config& values, const watched_client& who);

/// The client: one GET to `host` at `address`, or to where that name leads if it is empty. Says who signed the
/// certificate. Returns 0 once it has an answer.
int run_probe_client(const std::string& host, const std::string& address, const std::string& port);

}  // namespace app
