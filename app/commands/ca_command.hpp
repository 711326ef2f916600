#pragma once

// `zerogravity ca show|path|bundle|env|rotate`. The caller fills the request from the configuration. Each function
// returns the exit status.

#include <chrono>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

namespace app {

struct ca_request {
  std::filesystem::path state_dir;
  std::filesystem::path bundle_file;
  std::filesystem::path system_ca_file;  // empty: the usual places are searched
  std::filesystem::path extra_ca_file;   // empty: none
  std::vector<std::string> hosts;        // patterns
};

/// Results go to `out`. A failure is one line on `err`.
struct ca_output {
  std::ostream& out;
  std::ostream& err;
};

inline constexpr int ca_done = 0;
inline constexpr int ca_failed = 1;

/// Prints subject, fingerprint, validity, permitted hosts and files. Warns about configured hosts that the CA does not
/// permit. Does not need the private key.
int ca_show(const ca_request& request, ca_output output);

/// Prints the certificate's path, for `cp "$(zerogravity ca path)" …`.
int ca_path(const ca_request& request, ca_output output);

/// Writes the combined bundle and prints its path. Creates the CA if there is none yet.
int ca_bundle(const ca_request& request, ca_output output, std::chrono::system_clock::time_point now);

/// Prints shell assignments for `eval "$(zerogravity ca env)"`. Fails if the files are missing: variables that point to
/// missing files would break every TLS connection of that shell.
int ca_env(const ca_request& request, ca_output output);

/// Creates a new CA for the configured hosts, keeps the old one as *.old, and rewrites the bundle.
int ca_rotate(const ca_request& request, ca_output output, std::chrono::system_clock::time_point now);

}  // namespace app
