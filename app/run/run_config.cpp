#include "app/run/run_config.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "app/config/watched_hosts.hpp"
#include "mitm/upstream/no_proxy.hpp"
#include "mitm/upstream/upstream_proxy.hpp"
#include "net/text/host_pattern.hpp"

namespace app::run {
namespace {

constexpr unsigned usual_threads = 2;                 // one command does not need a thread per core
constexpr std::chrono::milliseconds run_drain{2000};  // the command has ended, and its connections with it

bool is_below(const std::filesystem::path& file, const std::filesystem::path& folder) {
  const auto relative = file.lexically_normal().lexically_relative(folder.lexically_normal());
  return !relative.empty() && *relative.begin() != "..";
}

struct named_proxy {
  std::string variable;
  std::string url;
};

/// The one that HTTPS goes through, as most programs look for it.
std::optional<named_proxy> proxy_of_environment() {
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return named_proxy{name, value};
  }
  return std::nullopt;
}

/// A readable file that the user's environment names, unless it is ours: a run within a run.
std::filesystem::path named_by(const char* variable, const config& values) {
  const char* value = std::getenv(variable);
  std::error_code error;
  if (value == nullptr || !std::filesystem::is_regular_file(value, error)) return {};
  const bool ours =
      is_below(value, values.state_dir) || std::filesystem::equivalent(value, values.mitm.bundle_file, error);
  return ours ? std::filesystem::path() : std::filesystem::path(value);
}

/// The entry of a NO_PROXY stands for a watched host, or for all of them.
bool exempts_watched(const std::string& entry, const std::vector<std::string>& watched) {
  const mitm::no_proxy exempt(entry);
  const auto named = entry.substr(std::min(entry.find_first_not_of("*."), entry.size()));
  return std::ranges::any_of(watched, [&](const std::string& text) {
    const auto pattern = net::text::host_pattern::parse(text);
    return pattern.has_value() && (exempt.covers(pattern->constraint(), {}) || pattern->matches(named));
  });
}

/// What is left of a list; the same text if nothing was taken away.
std::string without_watched(const std::string& list, const std::vector<std::string>& watched) {
  constexpr const char* separators = ", \t";
  std::string kept;
  bool all = true;
  for (std::size_t at = 0; (at = list.find_first_not_of(separators, at)) != std::string::npos;) {
    const auto end = std::min(list.find_first_of(separators, at), list.size());
    const auto entry = list.substr(at, end - at);
    at = end;
    if (exempts_watched(entry, watched)) {
      all = false;
    } else {
      kept += (kept.empty() ? "" : ",") + entry;
    }
  }
  return all ? list : kept;
}

bool exempts_everything(const std::string& list) {
  return mitm::no_proxy(list).covers("any.invalid", {});
}

}  // namespace

boost::system::result<config, bad_host> with_hosts_of(const run_command& asked, config values) {
  if (asked.hosts.empty()) return values;
  for (const auto& host : asked.hosts) {
    if (const auto parsed = net::text::host_pattern::parse(host); !parsed) {
      return bad_host{(asked.only_hosts ? "--only-host " : "--host ") + host + ": " + parsed.error().message};
    }
    if (!asked.only_hosts) values.mitm.hosts.push_back(host);
  }
  if (asked.only_hosts) watch_only(values, asked.hosts);
  return values;
}

config values_for_run(config values) {
  values.api.listen = {};
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
  const auto proxy = proxy_of_environment();
  if (values.mitm.upstream_proxy.empty() && proxy && mitm::parse_upstream_proxy(proxy->url)) {
    values.mitm.upstream_proxy = proxy->url;
  }
  return values;
}

std::vector<std::uint16_t> ports_of_proxies() {
  std::vector<std::uint16_t> ports;
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"}) {
    const char* value = std::getenv(name);
    const auto proxy = mitm::parse_upstream_proxy(value == nullptr ? "" : value);
    if (proxy && std::ranges::find(ports, proxy->port) == ports.end()) ports.push_back(proxy->port);
  }
  return ports;
}

std::vector<command_variable> variables_behind_proxy(const config& values) {
  std::vector<command_variable> changed;
  bool no_proxies = false;
  for (const char* name : {"NO_PROXY", "no_proxy"}) {
    const char* value = std::getenv(name);
    if (value == nullptr) continue;
    const std::string list = value;
    no_proxies = no_proxies || exempts_everything(list);
    if (auto kept = without_watched(list, watched_hosts(values)); kept != list)
      changed.push_back({name, std::move(kept)});
  }
  if (!no_proxies) return changed;
  // "*" also kept other traffic away from these proxies.
  for (const char* name : {"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}) changed.push_back({name, ""});
  return changed;
}

std::string unseen_proxy() {
  const auto proxy = proxy_of_environment();
  if (!proxy || mitm::parse_upstream_proxy(proxy->url)) return {};
  return proxy->variable + " does not name an http:// proxy: what goes through it is not watched (env -u " +
         proxy->variable + " zerogravity …)";
}

}  // namespace app::run
