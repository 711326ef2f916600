#pragma once

// A folder below the state directory that belongs to one run. It holds the certificate of the run's CA and the bundles
// for its command. No other run and no service writes there. The run removes it at its end; the next run removes what a
// killed run has left.

#include <filesystem>

#include "app/run/private_network.hpp"
#include "net/descriptor.hpp"

namespace app::run {

class run_folder {
 public:
  static setup_result<run_folder> make(const std::filesystem::path& state_dir);
  run_folder(run_folder&&) = default;
  run_folder& operator=(run_folder&&) = delete;
  ~run_folder();

  const std::filesystem::path& path() const { return path_; }

  /// Path of the certificate of the run's CA.
  std::filesystem::path certificate() const { return path_ / "ca.pem"; }

  /// Path of the run's trust store for Java.
  std::filesystem::path java_store() const { return path_ / "java-cacerts"; }

  /// Path of the run's bundle. If the last run has left its part with the CAs of others, that is already there: in most
  /// runs it is the same, and making it takes longer than the rest of a start.
  std::filesystem::path bundle() const { return path_ / "combined-ca.pem"; }
  /// Leaves that part of the bundle to the next run. Nothing of the run's own CA stays.
  void keep_bundle() const;

 private:
  run_folder(std::filesystem::path path, net::descriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  net::descriptor lock_;  // of the folder, held as long as the run lives
};

}  // namespace app::run
