#pragma once

// The CA, and the hosts for which it may be used: that of the state directory, or one that a run makes for itself.

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "app/base/dependency.hpp"
#include "app/config/config.hpp"
#include "app/log/logging.hpp"
#include "app/service/startup_failure.hpp"
#include "mitm/ca/certificate_authority.hpp"
#include "mitm/ca/leaf_mint.hpp"
#include "mitm/interceptor.hpp"

namespace app {

struct authority {
  std::shared_ptr<const mitm::certificate_authority> ca;
  mitm::leaf_mint mint;
  std::shared_ptr<const mitm::intercept_policy> policy;  // the configured hosts that the CA permits
  std::string narrower;  // the watched hosts that it does not permit, as text; empty: none
  bool suffices = true;  // it permits all that the configuration asks for itself
};

/// Opens or creates the CA of the state directory, and rewrites the bundle for clients.
startup_result<authority> open_authority(const config& values);

/// Makes a CA that goes with the process, for exactly the configured hosts. Writes its certificate, but never its key,
/// to `certificate`, and the bundle for clients.
startup_result<authority> make_authority(const config& values, const std::filesystem::path& certificate);

/// Describes the CA in force. Callable from any thread.
class authority_state {
 public:
  /// Logs what is wrong with it.
  void adopt(const authority& trusted, logger& log);

  dependency readiness(std::chrono::system_clock::time_point now) const;

 private:
  mutable std::mutex mutex_;  // guards what is below; held for a copy
  mitm::validity valid_;
  std::string narrower_;
  bool suffices_ = true;
};

}  // namespace app
