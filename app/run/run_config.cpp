#include "app/run/run_config.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace app::run {
namespace {

constexpr unsigned usual_threads = 2;                 // one command does not need a thread per core
constexpr std::chrono::milliseconds run_drain{2000};  // its programs have ended by then, their connections with them

/// A readable file that the user's environment names, unless it is ours: a run within a run.
std::filesystem::path named_by(const char* variable, const config& values) {
  const char* value = std::getenv(variable);
  std::error_code error;
  if (value == nullptr || !std::filesystem::is_regular_file(value, error)) return {};
  const bool ours = std::filesystem::path(value).parent_path() == values.state_dir ||
                    std::filesystem::equivalent(value, values.mitm.bundle_file, error);
  return ours ? std::filesystem::path() : std::filesystem::path(value);
}

}  // namespace

config values_for_run(config values) {
  values.api.listen.clear();
  values.mitm.listen.clear();
  values.redirect.scope = redirect_scope::none;
  values.language_server.mode = server_mode::none;
  values.limits.drain = std::min(values.limits.drain, run_drain);
  values.log.level = std::max(values.log.level, log_level::warn);
  if (values.threads == 0) values.threads = usual_threads;
  const auto system = named_by("SSL_CERT_FILE", values);
  const auto extra = named_by("NODE_EXTRA_CA_CERTS", values);
  if (values.mitm.system_ca_file.empty() && !system.empty()) values.mitm.system_ca_file = system;
  if (values.mitm.upstream_ca_file.empty() && !extra.empty()) values.mitm.upstream_ca_file = extra;
  return values;
}

}  // namespace app::run
