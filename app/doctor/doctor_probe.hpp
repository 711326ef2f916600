#pragma once

// The exchange with which the doctor tests the interception. To test `run`, it starts its own origin on loopback, with
// a certificate of a temporary CA, and a client under `run`. To test the service, it runs a client as the watched user,
// which connects to a watched host.

#include <filesystem>
#include <string>
#include <vector>

#include "app/config/config_load.hpp"
#include "app/doctor/doctor.hpp"

namespace app {

/// Starts this program again as `run … -- doctor --probe`, and reads its report.
finding probe_run(const loaded_config& loaded);

/// Whose redirect is tested: that of a user or of a cgroup. One of them is set.
struct watched_client {
  std::string uid;
  std::filesystem::path cgroup;  // directory
};
/// Compares what the service has seen before and after. Needs root, to become the client.
finding probe_service(const config& values, const watched_client& who);

/// The client. It sends one GET to `host` at `address`; if `address` is empty, it resolves `host`. It prints the issuer
/// of the certificate. Returns 0 if it gets a response.
int run_probe_client(const std::string& host, const std::string& address, const std::string& port);

}  // namespace app
