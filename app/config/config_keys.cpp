#include "app/config/config_keys.hpp"

#include <array>

#include "app/config/key_kinds.hpp"
#include "app/http/key_file.hpp"

#define MEMBER(path) [](auto& values) -> auto& { return values.path; }

namespace app::keys {
namespace {

using text = value_kind<read_text, toml_text>;
using list = value_kind<read_list, toml_list>;

std::string toml_boolean(bool value) {
  return value ? "true" : "false";
}

std::string toml_path(const std::filesystem::path& path) {
  return toml_text(path.native());
}

constexpr value_kind<read_boolean, toml_boolean> boolean{"true or false"};
constexpr value_kind<read_path, toml_path> path{"an absolute path"};
constexpr duration_kind duration{"a duration from 1ms to 30d, such as \"500ms\", \"10s\", \"5m\" or \"1h\""};
static_assert(min_api_key == 16);  // as api.key says

constexpr std::array table{
    key("state_dir", path, MEMBER(state_dir), "directory of the CA, the CA bundle, the ledger and the API key"),
    key("threads", count(0, 1024), MEMBER(threads), "number of event loop threads; 0: one per core"),
    key("api.listen",
        value_kind<read_api_addresses, toml_addresses>{
            "addresses such as \"127.0.0.1:8741\", \"[::1]:8741\" or \":8741\" (all addresses), or \"unix:/path\""},
        MEMBER(api.listen), "addresses on which the HTTP API listens: TCP ports and Unix sockets"),
    key("api.key",
        value_kind<read_api_key, toml_text>{"at least 16 printable ASCII characters without spaces", {}, true},
        MEMBER(api.key),
        "API key that other users, machines and containers must send; empty: the first start generates one in "
        "state_dir"),
    key("api.require_key", boolean, MEMBER(api.require_key),
        "also require the key from root and from the service's own user on loopback"),
    key("api.permissions", word<permission_source::client>{}, MEMBER(api.permissions),
        "who may allow a step that language_server.permission_* does not allow; service: nobody; client: a client that "
        "sends the key"),
    key("api.cors_origins", value_kind<read_origins, toml_list>{"a list of origins such as \"https://app.example\""},
        MEMBER(api.cors_origins), "web origins whose scripts may call the API (CORS); empty: none"),
    key("mitm.listen",
        value_kind<read_endpoints, toml_endpoints>{
            "addresses such as \"127.0.0.1:8741\", \"[::1]:8741\" or \":8741\" (all addresses)"},
        MEMBER(mitm.listen), "addresses that receive the redirected connections"),
    key("mitm.providers", list{"a list of names of providers such as \"openai\""}, MEMBER(mitm.providers),
        "providers whose hosts are intercepted; none if only mitm.hosts is set. All other connections pass through "
        "untouched"),
    key("mitm.hosts",
        value_kind<read_hosts, toml_list>{"a list of host patterns such as \"api.openai.com\" or \"*.googleapis.com\""},
        MEMBER(mitm.hosts), "further hosts whose TLS is intercepted"),
    key("mitm.upstream_ca_file", path, MEMBER(mitm.upstream_ca_file),
        "PEM file of CAs to trust for origins, in addition to the system's; empty: none"),
    key("mitm.bundle_file", path, MEMBER(mitm.bundle_file),
        "path of the combined CA bundle for clients; empty: combined-ca.pem in state_dir"),
    key("mitm.system_ca_file", path, MEMBER(mitm.system_ca_file),
        "PEM file of the system's CAs, which the bundle includes; empty: the system's usual file"),
    key("mitm.upstream_proxy",
        value_kind<read_upstream_proxy, toml_text>{
            "a URL such as \"http://proxy.example:3128\", with user:password@ where it asks for them", {}, true},
        MEMBER(mitm.upstream_proxy),
        "HTTP proxy through which the service connects to origins; empty: it connects directly, and run uses "
        "HTTPS_PROXY"),
    key("mitm.no_proxy", list{"a list of names, addresses and networks such as \".corp.example\" or \"10.0.0.0/8\""},
        MEMBER(mitm.no_proxy),
        "destinations to which the service connects directly even with a proxy; empty: the value of NO_PROXY"),
    key("mitm.reuse_upstream", boolean, MEMBER(mitm.reuse_upstream),
        "reuse an idle HTTP/1.1 connection to an origin for the next client of the same program"),
    key("redirect.scope", word<redirect_scope::cgroup>{}, MEMBER(redirect.scope),
        "whose connections the service redirects to itself while it runs; none: something else redirects them"),
    key("redirect.cgroup", text{"the path of a cgroup"}, MEMBER(redirect.cgroup),
        "with scope cgroup: the cgroup (v2) to redirect, including those below it"),
    key("redirect.pid", count(0, 1 << 22), MEMBER(redirect.pid),
        "with scope cgroup: the process to redirect, including its descendants, which move to a cgroup of their own; "
        "0: none"),
    key("redirect.backend", word<redirect_backend::ebpf>{}, MEMBER(redirect.backend),
        "how connections are redirected; auto: nft if it can match a cgroup here, else ebpf"),
    key("redirect.pending", count(64, 1'000'000), MEMBER(redirect.pending),
        "with ebpf: how many connections may wait to be accepted; beyond it, the oldest are refused"),
    key("limits.client_hello", duration, MEMBER(limits.client_hello),
        "longest time from accepting a connection to its whole ClientHello"),
    key("limits.upstream_connect", duration, MEMBER(limits.upstream_connect),
        "longest time for the TCP connection to the origin"),
    key("limits.upstream_handshake", duration, MEMBER(limits.upstream_handshake),
        "longest time for the TLS handshake with the origin"),
    key("limits.downstream_handshake", duration, MEMBER(limits.downstream_handshake),
        "longest time for the TLS handshake with the client"),
    key("limits.request_idle", duration, MEMBER(limits.request_idle),
        "how long an intercepted connection may stay open without an exchange"),
    key("limits.request_stall", duration, MEMBER(limits.request_stall), "longest pause between two bytes of a request"),
    key("limits.first_response_byte", duration, MEMBER(limits.first_response_byte),
        "longest time from the end of a request to the first byte of its response"),
    key("limits.stream_idle", duration, MEMBER(limits.stream_idle), "longest pause between two bytes of a response"),
    key("limits.tunnel_idle", duration, MEMBER(limits.tunnel_idle),
        "how long a spliced or upgraded connection may stay open without a byte in either direction"),
    key("limits.half_close", duration, MEMBER(limits.half_close),
        "how long an intercepted connection stays open after one side has closed and nothing is in flight"),
    key("limits.kept_upstream_idle", duration, MEMBER(limits.kept_upstream_idle),
        "how long an idle connection to an origin is kept for the next client"),
    key("limits.drain", duration, MEMBER(limits.drain), "how long open streams may continue after SIGTERM"),
    key("limits.connections", count(1, 1'000'000), MEMBER(limits.connections),
        "number of intercepted and spliced connections; beyond it, new ones wait in the backlog"),
    key("limits.head_size", size(1024, 1 << 20), MEMBER(limits.head_size),
        "largest HTTP head that is followed; after a larger one, the rest of the connection is not accounted for"),
    key("limits.h2_open_streams", count(1, 100'000), MEMBER(limits.h2_open_streams),
        "open exchanges of one HTTP/2 connection that are followed; beyond it, the rest of the connection is not "
        "accounted for"),
    key("limits.rewrite_body", size(1024, 1 << 30), MEMBER(limits.rewrite_body),
        "largest request body that rules may change, encoded and decoded; a larger one passes unmodified"),
    key("limits.held_bodies", size(1 << 20, 1ull << 40), MEMBER(limits.held_bodies),
        "total size of the bodies that are held for rules or read by the API; beyond it, requests pass unmodified, and "
        "API requests get 503"),
    key("limits.rewrite_rules", count(1, 10'000), MEMBER(rewrite.rules), "number of rules in the configuration file"),
    key("limits.rewrite_mock", size(1, 1 << 30), MEMBER(rewrite.mock_size), "largest file that a rule may answer with"),
    key("limits.own_providers", count(1, 10'000), MEMBER(mitm.provider.providers), "number of [[mitm.provider]]"),
    key("limits.provider_hosts", count(1, 10'000), MEMBER(mitm.provider.hosts),
        "number of hosts of one [[mitm.provider]], and of its paths"),
    key("limits.kept_upstreams", count(1, 4096), MEMBER(limits.kept_upstreams),
        "number of idle connections kept for the next client, to all origins together; beyond it, the oldest are "
        "closed"),
    key("limits.cached_leaves", count(1, 1'000'000), MEMBER(limits.cached_leaves),
        "number of leaf certificates kept in memory"),
    key("limits.bypass_after", count(1, 1000), MEMBER(limits.bypass_after),
        "number of consecutive rejections of the service's certificate after which a host is no longer intercepted"),
    key("limits.bypass_for", duration, MEMBER(limits.bypass_for), "how long such a host is not intercepted"),
    key("limits.captured_value", size(64, 16 << 20), MEMBER(account.captured_value),
        "how much of one JSON value that accounting needs is kept"),
    key("limits.decoded_body", size(1 << 20, 1ull << 50), MEMBER(account.decoded_body),
        "largest size that one body may decompress to; a larger one is not read further"),
    key("limits.decoded_ratio", count(1, 1'000'000), MEMBER(account.decoded_ratio),
        "largest average ratio of decompressed to compressed size; a body beyond it is not read further"),
    key("limits.api_head", duration, MEMBER(api_limits.head),
        "longest time from the first byte of an API request to the end of its head"),
    key("limits.api_body", duration, MEMBER(api_limits.body),
        "longest time from the head of an API request to the end of its body"),
    key("limits.api_write", duration, MEMBER(api_limits.write),
        "longest time for the client to accept one part of a response"),
    key("limits.api_idle", duration, MEMBER(api_limits.idle),
        "how long an API connection may stay open without a request"),
    key("limits.api_head_size", size(1024, 1 << 20), MEMBER(api_limits.head_size), "largest head of an API request"),
    key("limits.api_body_size", size(1024, 1 << 30), MEMBER(api_limits.body_size),
        "largest body of an API request, encoded and decoded"),
    key("limits.api_connections", count(1, 100'000), MEMBER(api_limits.connections),
        "number of API connections; beyond it, the oldest idle one is closed, or the new one waits in the backlog"),
    key("limits.api_peer_connections", count(1, 100'000), MEMBER(api_limits.peer_connections),
        "number of API connections of one client, which is a local user or a remote address"),
    key("limits.api_h2_streams", count(1, 10'000), MEMBER(api_limits.h2_streams),
        "number of simultaneous requests on one HTTP/2 connection of the API"),
    key("limits.api_reports", count(1, 100'000), MEMBER(api_limits.reports),
        "number of usage reports that may wait to be made; beyond it, requests get 503"),
    key("limits.dns_answer", duration, MEMBER(run.dns_answer),
        "run: longest time from a DNS query to the server's answer"),
    key("limits.proxy_head", duration, MEMBER(run.proxy_head),
        "run as a proxy: longest time from accepting a connection to its whole CONNECT request"),
    key("limits.proxy_head_size", size(256, 1 << 20), MEMBER(run.proxy_head_size),
        "run as a proxy: largest CONNECT request"),
    key("limits.kill_grace", duration, MEMBER(run.kill_grace),
        "run --max-tokens: how long the command may take to end before it is killed"),
    key("limits.process_blind", duration, MEMBER(processes.process_blind),
        "after a connection could not be matched to a process: how long new processes of that user are not searched"),
    key("ledger.file", path, MEMBER(ledger.file), "path of the ledger, a SQLite file; empty: usage.db in state_dir"),
    key("ledger.retention_days", count(1, 36'500), MEMBER(ledger.retention_days),
        "days for which individual rows are kept; totals are kept for ever"),
    key("ledger.max_size", size(1 << 20, 1ull << 50), MEMBER(ledger.max_size),
        "size of the ledger file above which the oldest rows are deleted"),
    key("ledger.busy_timeout", duration, MEMBER(ledger.busy_timeout),
        "how long a write waits while another program locks the file"),
    key("ledger.queue", count(1, 1'000'000), MEMBER(ledger.queue),
        "number of rows that may wait to be written; beyond it, rows are dropped and counted"),
    key("attribution.rows", count(1, 10'000'000), MEMBER(attribution.rows),
        "number of rows that may wait for evidence of their conversation; beyond it, the oldest are given up and "
        "counted"),
    key("attribution.ids", count(1, 10'000'000), MEMBER(attribution.ids),
        "number of ids of cascades, trajectories, answers and traces that are remembered"),
    key("attribution.transcripts", count(1, 10'000'000), MEMBER(attribution.transcripts),
        "number of transcripts whose continuation is recognised, where requests name no conversation"),
    key("attribution.remember", duration, MEMBER(attribution.remember),
        "how long rows and ids are remembered while they wait for each other"),
    key("language_server.mode", word<server_mode::discover>{}, MEMBER(language_server.mode),
        "none; launch: start a server; attach: use the server at a given address; discover: find a running server"),
    key("language_server.command", list{"a list of words, with placeholders such as {csrf_token} and {https_port}"},
        MEMBER(language_server.command), "launch: the command line; empty: the program with the usual flags"),
    key("language_server.environment", list{"a list of NAME=value, with the placeholders of the command"},
        MEMBER(language_server.environment),
        "launch: variables in addition to HOME, PATH and SSL_CERT_FILE; a token that is passed in a variable, as in "
        "[\"WINDSURF_CSRF_TOKEN={csrf_token}\"], is hidden from other users"),
    key("language_server.program", path, MEMBER(language_server.program),
        "launch: path of the program; empty: found in the usual places"),
    key("language_server.user", text{"the name of a user"}, MEMBER(language_server.user),
        "user of the language server. launch: it is started as this user, by setuid or sudo; attach and discover: this "
        "user must own its port. empty: the service's user"),
    key("language_server.cloud_code_endpoint", text{"a URL"}, MEMBER(language_server.cloud_code_endpoint),
        "launch: the provider that the server connects to"),
    key("language_server.address", text{"host:port"}, MEMBER(language_server.address),
        "attach: address of the server's gRPC port"),
    key("language_server.csrf_token", text{"text", {}, true}, MEMBER(language_server.csrf_token),
        "attach: the value of the server's --csrf_token"),
    key("language_server.certificate_file", path, MEMBER(language_server.certificate_file),
        "attach: PEM file of the server's certificate; empty: the first certificate seen is trusted, on loopback only"),
    key("language_server.workspace_id", text{"text"}, MEMBER(language_server.workspace_id),
        "discover: prefer the server of this workspace"),
    key("language_server.turns", count(1, 100'000), MEMBER(language_server.turns.turns),
        "number of turns that run at the same time; beyond it, turns wait"),
    key("language_server.turns_waiting", count(0, 100'000), MEMBER(language_server.turns.waiting),
        "number of turns that may wait; beyond it, requests get 429"),
    key("language_server.turn_wait", duration, MEMBER(language_server.turns.wait), "how long a turn may wait to start"),
    key("language_server.turn_quiet", duration, MEMBER(language_server.turn.quiet),
        "how long a turn may be without an event before the service asks the server whether it still runs"),
    key("language_server.turn_quiet_most", duration, MEMBER(language_server.turn.quiet_most),
        "how long a turn may be without an event before the service gives it up"),
    key("language_server.receive_limit", size(1 << 16, 2047ull << 20), MEMBER(language_server.receive_limit),
        "largest message from the language server; a snapshot contains a whole transcript"),
    key("language_server.permission_command", word<cascade::permission::report>{},
        MEMBER(language_server.permissions.run_command),
        "what to do when a command asks to run; report: the client is asked and must answer"),
    key("language_server.permission_file", word<cascade::permission::report>{},
        MEMBER(language_server.permissions.file), "the same for access to files"),
    key("language_server.permission_other", word<cascade::permission::report>{},
        MEMBER(language_server.permissions.other), "the same for web pages, MCP tools and all other questions"),
    key("openai.aliases", value_kind<read_aliases, toml_aliases>{"a list of name=model"}, MEMBER(openai.aliases),
        "further names of models, such as \"gpt-4o=gemini-3-pro-high\""),
    key("openai.reasoning", boolean, MEMBER(openai.reasoning), "send the model's reasoning to the client"),
    key("openai.keep_alive", duration, MEMBER(openai.keep_alive),
        "how long a stream may be silent before a comment is sent"),
    key("openai.socket_turns", count(1, 1000), MEMBER(openai.socket_turns),
        "how many turns may run at the same time on one WebSocket"),
    key("openai.responses", count(0, 1'000'000), MEMBER(openai.responses.count),
        "number of responses that are stored for later requests"),
    key("openai.responses_size", size(0, 16ull << 30), MEMBER(openai.responses.bytes),
        "total size of the stored responses"),
    key("openai.responses_ttl", duration, MEMBER(openai.responses.ttl),
        "how long a response is stored after its last use"),
    key("openai.conversations", count(0, 1'000'000), MEMBER(openai.conversations.count),
        "number of conversations that are recognised by their transcript"),
    key("openai.conversations_ttl", duration, MEMBER(openai.conversations.ttl),
        "how long a conversation is recognised after its last turn"),
    key("openai.images", count(0, 4096), MEMBER(openai.requests.images),
        "number of images in the messages of one request"),
    key("openai.image_size", size(1024, 1ull << 30), MEMBER(openai.requests.image_bytes), "largest image, decoded"),
    key("rewrite.dry_run", boolean, MEMBER(rewrite.dry_run),
        "rules change nothing, and only report what they would change"),
    key("log.level", word<log_level::error>{}, MEMBER(log.level), "least severe level that is logged"),
    key("log.format", word<log_format::json>{}, MEMBER(log.format),
        "format of the log; auto: text on a terminal, otherwise JSON lines"),
};

}  // namespace
}  // namespace app::keys

std::span<const app::config_key> app::config_keys() {
  return keys::table;
}
