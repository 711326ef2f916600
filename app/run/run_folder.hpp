#pragma once

// A folder of one run's own below the state directory, for the CA bundle that its command is given: neither another run
// nor a service writes there. It goes with the run; what a killed run has left goes when the next one begins.

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

  /// Where the run's bundle is. The last run's is there already, if it could be taken over: making one takes longer
  /// than all the rest of a start, and most are the same.
  std::filesystem::path bundle() const { return path_ / "combined-ca.pem"; }
  /// The bundle is good: the next run may take it over.
  void keep_bundle() const;

 private:
  run_folder(std::filesystem::path path, net::descriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  net::descriptor lock_;  // of the folder, held as long as the run lives
};

}  // namespace app::run
