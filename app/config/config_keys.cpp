#include "app/config/config_keys.hpp"

#include <algorithm>

#include "app/config/key_kinds.hpp"
#include "mitm/upstream/upstream_proxy.hpp"

namespace app {
namespace {

read_result<std::vector<std::string>> read_hosts(const setting_value& value) {
  auto hosts = read_list(value);
  if (hosts.has_error()) return hosts;
  if (hosts->empty()) return refused("none", "nothing would be intercepted");
  for (const auto& host : *hosts) {
    const auto pattern = mitm::host_pattern::parse(host);
    if (pattern.has_error()) return refused(toml_text(host), pattern.error().message);
  }
  return hosts;
}

read_result<std::string> read_upstream_proxy(const setting_value& value) {
  auto url = read_text(value);
  if (url.has_error() || url->empty()) return url;
  // Its words are never repeated: a password may be among them.
  if (const auto proxy = mitm::parse_upstream_proxy(*url); proxy.has_error()) {
    return refused("something else", proxy.error().why);
  }
  return url;
}

config_key upstream_proxy_key() {
  auto key = any_key(
      "mitm.upstream_proxy", "a URL such as \"http://proxy.example:3128\", with user:password@ where it asks for them",
      "HTTP proxy that origins are reached through; empty: directly (run takes HTTPS_PROXY)",
      [](config& c) -> auto& { return c.mitm.upstream_proxy; }, read_upstream_proxy,
      [](const std::string& url) { return toml_text(url); });
  key.secret = true;
  return key;
}

void add_general(key_list& keys) {
  keys.push_back(path_key(
      "state_dir", [](config& c) -> auto& { return c.state_dir; }, "where the CA, the bundle and the ledger live"));
  keys.push_back(
      count_key("threads", {0, 1024}, [](config& c) -> auto& { return c.threads; }, "worker threads; 0: one per core"));
}

void add_mitm(key_list& keys) {
  keys.push_back(endpoints_key(
      "mitm.listen", [](config& c) -> auto& { return c.mitm.listen; }, "where redirected connections arrive"));
  keys.push_back(any_key(
      "mitm.hosts", "a list of host patterns such as \"api.openai.com\" or \"*.googleapis.com\"",
      "hosts whose TLS is intercepted; everything else is passed through untouched",
      [](config& c) -> auto& { return c.mitm.hosts; }, read_hosts, toml_list));
  keys.push_back(path_key(
      "mitm.upstream_ca_file", [](config& c) -> auto& { return c.mitm.upstream_ca_file; },
      "PEM file of CAs that are trusted for origins beside the system's; empty: none"));
  keys.push_back(path_key(
      "mitm.bundle_file", [](config& c) -> auto& { return c.mitm.bundle_file; },
      "combined CA bundle for clients; empty: combined-ca.pem in state_dir"));
  keys.push_back(path_key(
      "mitm.system_ca_file", [](config& c) -> auto& { return c.mitm.system_ca_file; },
      "PEM file of the system's CAs, copied into the bundle; empty: its usual place"));
  keys.push_back(upstream_proxy_key());
  keys.push_back(any_key(
      "mitm.no_proxy", "a list of names, addresses and networks such as \".corp.example\" or \"10.0.0.0/8\"",
      "destinations that are reached directly all the same; empty: those of the variable NO_PROXY",
      [](config& c) -> auto& { return c.mitm.no_proxy; }, read_list, toml_list));
  keys.push_back(switch_key(
      "mitm.reuse_upstream", [](config& c) -> auto& { return c.mitm.reuse_upstream; },
      "an HTTP/1.1 connection to an origin whose client has gone serves the same user's next one"));
}

void add_redirect(key_list& keys) {
  keys.push_back(any_key(
      "redirect.scope", "one of \"none\", \"cgroup\"",
      "whose connections the service redirects to itself while it runs; none: someone else does that",
      [](config& c) -> auto& { return c.redirect.scope; }, read_redirect_scope,
      [](redirect_scope scope) { return toml_text(to_string(scope)); }));
  keys.push_back(any_key(
      "redirect.cgroup", "the path of a cgroup", "scope cgroup: this cgroup (v2) and those below it",
      [](config& c) -> auto& { return c.redirect.cgroup; }, read_text,
      [](const std::string& text) { return toml_text(text); }));
  keys.push_back(count_key(
      "redirect.pid", {0, 1 << 22}, [](config& c) -> auto& { return c.redirect.pid; },
      "scope cgroup: this process and those below it, which get a cgroup of their own; 0: none"));
  keys.push_back(any_key(
      "redirect.backend", "one of \"auto\", \"nft\", \"ebpf\"", "auto: nft where it can match a cgroup, else ebpf",
      [](config& c) -> auto& { return c.redirect.backend; }, read_redirect_backend,
      [](redirect_backend backend) { return toml_text(to_string(backend)); }));
  keys.push_back(count_key(
      "redirect.pending", {64, 1'000'000}, [](config& c) -> auto& { return c.redirect.pending; },
      "ebpf: connections that wait to be accepted; the oldest of more are refused"));
}

void add_ledger(key_list& keys) {
  keys.push_back(path_key(
      "ledger.file", [](config& c) -> auto& { return c.ledger.file; }, "SQLite file; empty: usage.db in state_dir"));
  keys.push_back(count_key(
      "ledger.retention_days", {1, 36'500}, [](config& c) -> auto& { return c.ledger.retention_days; },
      "days that single rows are kept; totals stay"));
  keys.push_back(size_key(
      "ledger.max_size", {1 << 20, 1ull << 50}, [](config& c) -> auto& { return c.ledger.max_size; },
      "size of the file at which the oldest rows go"));
  keys.push_back(duration_key(
      "ledger.busy_timeout", [](config& c) -> auto& { return c.ledger.busy_timeout; },
      "how long a locked file is waited for"));
  keys.push_back(count_key(
      "ledger.queue", {1, 1'000'000}, [](config& c) -> auto& { return c.ledger.queue; },
      "rows that wait for the writer; further ones are dropped and counted"));
}

void add_attribution(key_list& keys) {
  keys.push_back(count_key(
      "attribution.rows", {1, 10'000'000}, [](config& c) -> auto& { return c.attribution.rows; },
      "rows whose evidence may still come; the oldest are forgotten, and counted"));
  keys.push_back(count_key(
      "attribution.ids", {1, 10'000'000}, [](config& c) -> auto& { return c.attribution.ids; },
      "ids of cascades, trajectories, answers and traces that are remembered"));
  keys.push_back(duration_key(
      "attribution.remember", [](config& c) -> auto& { return c.attribution.remember; },
      "how long rows and ids wait for each other"));
}

void add_rewrite(key_list& keys) {
  keys.push_back(switch_key(
      "rewrite.dry_run", [](config& c) -> auto& { return c.rewrite.dry_run; },
      "all rules only say what they would change"));
}

void add_log(key_list& keys) {
  keys.push_back(any_key(
      "log.level", "one of \"trace\", \"debug\", \"info\", \"warn\", \"error\"", "least severe line that is written",
      [](config& c) -> auto& { return c.log.level; }, read_log_level,
      [](log_level level) { return toml_text(to_string(level)); }));
  keys.push_back(any_key(
      "log.format", "one of \"auto\", \"text\", \"json\"", "auto: text on a terminal, JSON lines otherwise",
      [](config& c) -> auto& { return c.log.format; }, read_log_format,
      [](log_format format) { return toml_text(to_string(format)); }));
}

key_list all_keys() {
  key_list keys;
  add_general(keys);
  add_api(keys);
  add_mitm(keys);
  add_redirect(keys);
  add_limits(keys);
  add_ledger(keys);
  add_attribution(keys);
  add_language_server(keys);
  add_openai(keys);
  add_rewrite(keys);
  add_log(keys);
  return keys;
}

}  // namespace

std::span<const config_key> config_keys() {
  static const key_list keys = all_keys();
  return keys;
}

}  // namespace app
