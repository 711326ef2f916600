#include "app/config_keys.hpp"

#include <algorithm>
#include <concepts>
#include <type_traits>
#include <utility>

namespace app {
namespace {

using std::chrono::milliseconds;

// The longest duration that still means something; it also keeps sums of time points far from overflow.
constexpr duration_range any_duration{milliseconds(1), std::chrono::hours(24 * 30)};
constexpr std::string_view a_duration = "a duration from 1ms to 30d, such as \"500ms\", \"10s\", \"5m\" or \"1h\"";
constexpr std::string_view a_path = "an absolute path";
constexpr std::string_view addresses =
    "addresses such as \"127.0.0.1:8741\", \"[::1]:8741\" or \":8741\" (all addresses)";

template <class Place, class Read, class Write>
config_key any_key(std::string name, std::string expected, std::string meaning, Place place, Read read, Write write) {
  config_key key{std::move(name), std::move(expected), std::move(meaning), false, {}, {}};
  key.read = [=](config& into, const setting_value& value) -> std::optional<refused> {
    auto got = read(value);
    if (got.has_error()) return got.error();
    using target = std::remove_reference_t<decltype(place(into))>;
    if constexpr (std::integral<target>) {
      place(into) = static_cast<target>(*got);
    } else {
      place(into) = std::move(*got);
    }
    return std::nullopt;
  };
  // The place is only read here; a second, const accessor per key would be one more thing to get wrong.
  key.write = [=](const config& from) { return write(place(const_cast<config&>(from))); };
  return key;
}

template <class Place>
config_key duration_key(std::string name, Place place, std::string meaning) {
  return any_key(
      std::move(name), std::string(a_duration), std::move(meaning), place,
      [](const setting_value& value) { return read_duration(value, any_duration); }, toml_duration);
}

template <class Place>
config_key size_key(std::string name, integer_range allowed, Place place, std::string meaning) {
  std::string expected =
      "a size from " + toml_size(allowed.min) + " to " + toml_size(allowed.max) + ", such as \"64KiB\"";
  return any_key(
      std::move(name), std::move(expected), std::move(meaning), place,
      [allowed](const setting_value& value) { return read_size(value, allowed); }, toml_size);
}

template <class Place>
config_key count_key(std::string name, integer_range allowed, Place place, std::string meaning) {
  std::string expected = "a whole number from " + std::to_string(allowed.min) + " to " + std::to_string(allowed.max);
  return any_key(
      std::move(name), std::move(expected), std::move(meaning), place,
      [allowed](const setting_value& value) { return read_integer(value, allowed); },
      [](std::uint64_t number) { return std::to_string(number); });
}

template <class Place>
config_key path_key(std::string name, Place place, std::string meaning) {
  return any_key(std::move(name), std::string(a_path), std::move(meaning), place, read_path,
                 [](const std::filesystem::path& path) { return toml_text(path.native()); });
}

template <class Place>
config_key endpoints_key(std::string name, Place place, std::string meaning) {
  return any_key(std::move(name), std::string(addresses), std::move(meaning), place, read_endpoints, toml_endpoints);
}

template <class Place>
config_key switch_key(std::string name, Place place, std::string meaning) {
  return any_key(std::move(name), "true or false", std::move(meaning), place, read_boolean,
                 [](bool value) { return std::string(value ? "true" : "false"); });
}

/// The members of mitm::limits are keys by the name they have there.
config_key phase_key(const std::string& name, milliseconds mitm::limits::* member, std::string meaning) {
  return duration_key("limits." + name, [member](config& c) -> auto& { return c.limits.*member; }, std::move(meaning));
}

config_key api_phase_key(const std::string& name, milliseconds api_limits::* member, std::string meaning) {
  return duration_key(
      "limits.api_" + name, [member](config& c) -> auto& { return c.api_limits.*member; }, std::move(meaning));
}

template <class Number>
config_key limit_count_key(const std::string& name, integer_range allowed, Number mitm::limits::* member,
                           std::string meaning) {
  return count_key(
      "limits." + name, allowed, [member](config& c) -> auto& { return c.limits.*member; }, std::move(meaning));
}

read_result<std::string> read_api_key(const setting_value& value) {
  auto text = read_text(value);
  if (text.has_error()) return refused("something else", {});  // the words of a key are never repeated
  const bool printable = std::ranges::all_of(*text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (!printable) return refused("a key with other characters", {});
  if (!text->empty() && text->size() < min_api_key) {
    return refused(std::to_string(text->size()) + " characters", {});
  }
  return text;
}

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

config_key api_key_key() {
  auto key = any_key(
      "api.key", "at least " + std::to_string(min_api_key) + " printable ASCII characters without spaces",
      "bearer key that API clients must send; empty: none, loopback only", [](config& c) -> auto& { return c.api.key; },
      read_api_key, [](const std::string& text) { return toml_text(text); });
  key.secret = true;
  return key;
}

read_result<std::chrono::seconds> read_seconds(const setting_value& value) {
  const auto read = read_duration(value, any_duration);
  if (read.has_error()) return read.error();
  return std::chrono::ceil<std::chrono::seconds>(*read);
}

using key_list = std::vector<config_key>;

void add_general(key_list& keys) {
  keys.push_back(path_key(
      "state_dir", [](config& c) -> auto& { return c.state_dir; }, "where the CA, the bundle and the ledger live"));
  keys.push_back(
      count_key("threads", {0, 1024}, [](config& c) -> auto& { return c.threads; }, "worker threads; 0: one per core"));
}

void add_api(key_list& keys) {
  keys.push_back(endpoints_key(
      "api.listen", [](config& c) -> auto& { return c.api.listen; },
      "where the HTTP API listens; other than loopback only with api.key"));
  keys.push_back(api_key_key());
  keys.push_back(any_key(
      "api.cors_origins", "a list of origins such as \"https://app.example\"",
      "web pages whose scripts may ask (CORS); empty: none", [](config& c) -> auto& { return c.api.cors_origins; },
      read_list, toml_list));
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

void add_phases(key_list& keys) {
  using mitm::limits;
  keys.push_back(phase_key("client_hello", &limits::client_hello, "accept to whole ClientHello"));
  keys.push_back(phase_key("upstream_connect", &limits::upstream_connect, "TCP connect to the origin"));
  keys.push_back(phase_key("upstream_handshake", &limits::upstream_handshake, "TLS handshake with the origin"));
  keys.push_back(phase_key("downstream_handshake", &limits::downstream_handshake, "TLS handshake with the client"));
  keys.push_back(phase_key("request_idle", &limits::request_idle, "intercepted connection without an open exchange"));
  keys.push_back(phase_key("request_stall", &limits::request_stall, "between two bytes of a request being sent"));
  keys.push_back(
      phase_key("first_response_byte", &limits::first_response_byte, "request sent to first byte of the answer"));
  keys.push_back(phase_key("stream_idle", &limits::stream_idle, "between two bytes of an answer"));
  keys.push_back(phase_key("tunnel_idle", &limits::tunnel_idle, "spliced or upgraded connection, either direction"));
  keys.push_back(phase_key("half_close", &limits::half_close, "one side has ended and nothing is in flight"));
  keys.push_back(phase_key("kept_upstream_idle", &limits::kept_upstream_idle,
                           "last byte of a client that has gone to the end of its connection to the origin"));
  keys.push_back(phase_key("drain", &limits::drain, "how long open streams may go on after SIGTERM"));
}

void add_counts(key_list& keys) {
  using mitm::limits;
  keys.push_back(limit_count_key("connections", {1, 1'000'000}, &limits::connections,
                                 "intercepted and spliced connections; further ones wait in the backlog"));
  keys.push_back(size_key(
      "limits.head_size", {1024, 1 << 20}, [](config& c) -> auto& { return c.limits.head_size; },
      "bytes of one HTTP head that the tap follows"));
  keys.push_back(limit_count_key("pipelined_requests", {1, 4096}, &limits::pipelined_requests,
                                 "open exchanges of one connection that the tap follows"));
  keys.push_back(limit_count_key("h2_open_streams", {1, 100'000}, &limits::h2_open_streams,
                                 "open exchanges of one HTTP/2 connection that the tap follows"));
  keys.push_back(size_key(
      "limits.h2_header_table", {4096, 1 << 24}, [](config& c) -> auto& { return c.limits.h2_header_table; },
      "one HPACK table that the tap keeps, two per HTTP/2 connection"));
  keys.push_back(limit_count_key("h2_continuations", {1, 10'000}, &limits::h2_continuations,
                                 "CONTINUATION frames of one HTTP/2 header block that the tap follows"));
  keys.push_back(limit_count_key("h2_resets", {1, 1'000'000}, &limits::h2_resets,
                                 "HTTP/2 streams of one connection reset in a row, with no answer between them"));
  keys.push_back(size_key(
      "limits.rewrite_body", {1024, 1 << 30}, [](config& c) -> auto& { return c.limits.rewrite_body; },
      "bytes of a request that rules may change, decoded too; a longer one passes unmodified"));
  keys.push_back(count_key(
      "limits.rewrite_rules", {1, 10'000}, [](config& c) -> auto& { return c.rewrite.rules; }, "rules of the file"));
  keys.push_back(size_key(
      "limits.rewrite_mock", {1, 1 << 30}, [](config& c) -> auto& { return c.rewrite.mock_size; },
      "one file that a rule answers with"));
  keys.push_back(limit_count_key("kept_upstreams", {1, 4096}, &limits::kept_upstreams,
                                 "idle connections to all origins that wait for a next client; the oldest of more end"));
  keys.push_back(limit_count_key("cached_leaves", {1, 1'000'000}, &limits::cached_leaves, "minted certificates kept"));
  keys.push_back(limit_count_key("bypass_after", {1, 1000}, &limits::bypass_after,
                                 "rejections of our certificate in a row after which a host is left alone"));
  keys.push_back(phase_key("bypass_for", &limits::bypass_for, "how long such a host is left alone"));
  keys.push_back(size_key(
      "limits.captured_value", {64, 16 << 20}, [](config& c) -> auto& { return c.account.captured_value; },
      "bytes kept of one selected JSON member"));
  keys.push_back(size_key(
      "limits.decoded_body", {1 << 20, 1ull << 50}, [](config& c) -> auto& { return c.account.decoded_body; },
      "bytes that one body may decompress to before the tap gives up"));
}

void add_api_limits(key_list& keys) {
  keys.push_back(api_phase_key("head", &api_limits::head, "first byte of an API request to its whole head"));
  keys.push_back(api_phase_key("body", &api_limits::body, "head of an API request to its whole body"));
  keys.push_back(api_phase_key("write", &api_limits::write, "one API answer taken by the client"));
  keys.push_back(api_phase_key("idle", &api_limits::idle, "API connection without a request"));
  keys.push_back(size_key(
      "limits.api_head_size", {1024, 1 << 20}, [](config& c) -> auto& { return c.api_limits.head_size; },
      "head of one API request"));
  keys.push_back(size_key(
      "limits.api_body_size", {1024, 1 << 30}, [](config& c) -> auto& { return c.api_limits.body_size; },
      "body of one API request"));
  keys.push_back(count_key(
      "limits.api_connections", {1, 100'000}, [](config& c) -> auto& { return c.api_limits.connections; },
      "API connections; further ones wait in the backlog"));
  keys.push_back(count_key(
      "limits.api_h2_streams", {1, 10'000}, [](config& c) -> auto& { return c.api_limits.h2_streams; },
      "requests at once of one HTTP/2 connection of the API"));
}

void add_run_limits(key_list& keys) {
  keys.push_back(duration_key(
      "limits.dns_answer", [](config& c) -> auto& { return c.run.dns_answer; },
      "run: a DNS query to the answer of its server"));
  keys.push_back(count_key(
      "limits.dns_queries", {1, 100'000}, [](config& c) -> auto& { return c.run.dns_queries; },
      "run: DNS queries under way; further ones wait"));
  keys.push_back(duration_key(
      "limits.proxy_head", [](config& c) -> auto& { return c.run.proxy_head; },
      "run, as a proxy: accept to a whole CONNECT request"));
  keys.push_back(size_key(
      "limits.proxy_head_size", {256, 1 << 20}, [](config& c) -> auto& { return c.run.proxy_head_size; },
      "run, as a proxy: one CONNECT request"));
  keys.push_back(count_key(
      "limits.proxy_requests", {1, 100'000}, [](config& c) -> auto& { return c.run.proxy_requests; },
      "run, as a proxy: CONNECT requests being answered; further ones wait in the backlog"));
  keys.push_back(duration_key(
      "limits.kill_grace", [](config& c) -> auto& { return c.run.kill_grace; },
      "run --max-tokens: asking the command to end to killing it"));
}

void add_process_limits(key_list& keys) {
  keys.push_back(count_key(
      "limits.known_processes", {1, 100'000}, [](config& c) -> auto& { return c.processes.known_processes; },
      "processes that made connections before, and are looked at first for the next one"));
  keys.push_back(count_key(
      "limits.process_descriptors", {1, 10'000'000}, [](config& c) -> auto& { return c.processes.process_descriptors; },
      "descriptors of one process that are looked at for a connection; it is nobody's if it is beyond"));
  keys.push_back(duration_key(
      "limits.process_blind", [](config& c) -> auto& { return c.processes.process_blind; },
      "how long no new process is looked for of a user one of whose connections was nobody's"));
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

template <class Place>
config_key text_key(std::string name, std::string expected, Place place, std::string meaning) {
  return any_key(std::move(name), std::move(expected), std::move(meaning), place, read_text,
                 [](const std::string& text) { return toml_text(text); });
}

void add_language_server(key_list& keys) {
  keys.push_back(any_key(
      "language_server.mode", "one of \"none\", \"launch\", \"attach\", \"discover\"",
      "launch one, attach to a known address, discover one that runs, or none",
      [](config& c) -> auto& { return c.language_server.mode; }, read_server_mode,
      [](server_mode mode) { return toml_text(to_string(mode)); }));
  keys.push_back(any_key(
      "language_server.command", "a list of words, with placeholders such as {csrf_token} and {https_port}",
      "launch: the command line; empty: the program with the flags that its builds usually take",
      [](config& c) -> auto& { return c.language_server.command; }, read_list, toml_list));
  keys.push_back(path_key(
      "language_server.program", [](config& c) -> auto& { return c.language_server.program; },
      "launch: the program; empty: found in the usual places"));
  keys.push_back(text_key(
      "language_server.user", "the name of a user", [](config& c) -> auto& { return c.language_server.user; },
      "launch: who the language server runs as, by setuid or sudo; empty: who runs the service"));
  keys.push_back(text_key(
      "language_server.cloud_code_endpoint", "a URL",
      [](config& c) -> auto& { return c.language_server.cloud_code_endpoint; },
      "launch: the provider that it talks to"));
  keys.push_back(text_key(
      "language_server.address", "host:port", [](config& c) -> auto& { return c.language_server.address; },
      "attach: where its gRPC port is"));
  auto token = text_key(
      "language_server.csrf_token", "text", [](config& c) -> auto& { return c.language_server.csrf_token; },
      "attach: the token of its --csrf_token");
  token.secret = true;
  keys.push_back(std::move(token));
  keys.push_back(path_key(
      "language_server.certificate_file", [](config& c) -> auto& { return c.language_server.certificate_file; },
      "attach: PEM of its certificate; empty: trusted on first use, on loopback only"));
  keys.push_back(text_key(
      "language_server.workspace_id", "text", [](config& c) -> auto& { return c.language_server.workspace_id; },
      "discover: the workspace whose server is preferred"));
}

template <class Place>
config_key permission_key(const std::string& kind, Place place, std::string meaning) {
  return any_key("language_server.permission_" + kind, "one of \"deny\", \"allow\", \"report\"", std::move(meaning),
                 place, read_permission, [](cascade::permission verdict) { return toml_text(to_string(verdict)); });
}

void add_turns(key_list& keys) {
  keys.push_back(count_key(
      "language_server.turns", {1, 100'000}, [](config& c) -> auto& { return c.language_server.turns.turns; },
      "turns that run at once; further ones wait"));
  keys.push_back(count_key(
      "language_server.turns_waiting", {0, 100'000}, [](config& c) -> auto& { return c.language_server.turns.waiting; },
      "turns that wait; further ones get 429"));
  keys.push_back(duration_key(
      "language_server.turn_wait", [](config& c) -> auto& { return c.language_server.turns.wait; },
      "how long a turn waits for its place"));
  keys.push_back(duration_key(
      "language_server.turn_quiet", [](config& c) -> auto& { return c.language_server.turn.quiet; },
      "a turn without an event until the server is asked whether it lives"));
  keys.push_back(duration_key(
      "language_server.turn_quiet_most", [](config& c) -> auto& { return c.language_server.turn.quiet_most; },
      "a turn without an event until it is given up"));
  keys.push_back(size_key(
      "language_server.receive_limit", {1 << 16, 2047ull << 20},
      [](config& c) -> auto& { return c.language_server.receive_limit; },
      "one message of the language server; a snapshot holds a whole transcript"));
  keys.push_back(permission_key(
      "command", [](config& c) -> auto& { return c.language_server.permissions.run_command; },
      "commands that ask to run: deny, allow, or report to the client, who must answer"));
  keys.push_back(permission_key(
      "file", [](config& c) -> auto& { return c.language_server.permissions.file; }, "files that are asked for"));
  keys.push_back(permission_key(
      "other", [](config& c) -> auto& { return c.language_server.permissions.other; },
      "pages, MCP tools and all other questions"));
}

std::string toml_aliases(const std::map<std::string, std::string>& aliases) {
  std::vector<std::string> pairs;
  for (const auto& [name, model] : aliases) pairs.push_back(name + '=' + model);
  return toml_list(pairs);
}

void add_openai(key_list& keys) {
  keys.push_back(any_key(
      "openai.aliases", "a list of name=model", "further names of models, such as \"gpt-4o=gemini-3-pro-high\"",
      [](config& c) -> auto& { return c.openai.aliases; }, read_aliases, toml_aliases));
  keys.push_back(switch_key(
      "openai.reasoning", [](config& c) -> auto& { return c.openai.reasoning; }, "send the model's reasoning"));
  keys.push_back(duration_key(
      "openai.keep_alive", [](config& c) -> auto& { return c.openai.keep_alive; },
      "quiet in a stream until a comment is sent"));
  keys.push_back(count_key(
      "openai.responses", {0, 1'000'000}, [](config& c) -> auto& { return c.openai.responses.count; },
      "responses that can be asked for again"));
  keys.push_back(size_key(
      "openai.responses_size", {0, 16ull << 30}, [](config& c) -> auto& { return c.openai.responses.bytes; },
      "all of them together"));
  keys.push_back(any_key(
      "openai.responses_ttl", std::string(a_duration), "how long a response can be asked for",
      [](config& c) -> auto& { return c.openai.responses.ttl; }, read_seconds, toml_duration));
  keys.push_back(count_key(
      "openai.conversations", {0, 1'000'000}, [](config& c) -> auto& { return c.openai.conversations.count; },
      "conversations that are recognised by their transcript"));
  keys.push_back(any_key(
      "openai.conversations_ttl", std::string(a_duration), "how long after their last turn",
      [](config& c) -> auto& { return c.openai.conversations.ttl; }, read_seconds, toml_duration));
  keys.push_back(count_key(
      "openai.images", {0, 4096}, [](config& c) -> auto& { return c.openai.requests.images; },
      "images in the messages of one request"));
  keys.push_back(size_key(
      "openai.image_size", {1024, 1ull << 30}, [](config& c) -> auto& { return c.openai.requests.image_bytes; },
      "one image, decoded"));
}

key_list all_keys() {
  key_list keys;
  add_general(keys);
  add_api(keys);
  add_mitm(keys);
  add_redirect(keys);
  add_phases(keys);
  add_counts(keys);
  add_api_limits(keys);
  add_run_limits(keys);
  add_process_limits(keys);
  add_ledger(keys);
  add_attribution(keys);
  add_language_server(keys);
  add_turns(keys);
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
