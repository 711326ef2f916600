#include "app/config/key_kinds.hpp"

namespace app {
namespace {

using std::chrono::milliseconds;

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
  keys.push_back(size_key(
      "limits.held_bodies", {1 << 20, 1ull << 40}, [](config& c) -> auto& { return c.limits.held_bodies; },
      "all bodies together that are kept back for rules or that the API reads; beyond, a rule's request passes "
      "unmodified, and one to the API gets 503"));
  keys.push_back(count_key(
      "limits.rewrite_rules", {1, 10'000}, [](config& c) -> auto& { return c.rewrite.rules; }, "rules of the file"));
  keys.push_back(size_key(
      "limits.rewrite_mock", {1, 1 << 30}, [](config& c) -> auto& { return c.rewrite.mock_size; },
      "one file that a rule answers with"));
  keys.push_back(
      limit_count_key("kept_upstreams", {1, 4096}, &limits::kept_upstreams,
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
  keys.push_back(count_key(
      "limits.decoded_ratio", {1, 1'000'000}, [](config& c) -> auto& { return c.account.decoded_ratio; },
      "bytes that each byte of a body may decompress to, in the long run, before the tap gives up"));
  keys.push_back(size_key(
      "limits.decoded_block", {64 << 10, 1 << 30}, [](config& c) -> auto& { return c.account.decoded_block; },
      "bytes that a body may decompress to at once, whatever the ratio, before the tap gives up"));
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
      "body of one API request, decoded too"));
  keys.push_back(count_key(
      "limits.api_connections", {1, 100'000}, [](config& c) -> auto& { return c.api_limits.connections; },
      "API connections; for a further one the oldest idle one ends, or it waits in the backlog"));
  keys.push_back(count_key(
      "limits.api_peer_connections", {1, 100'000}, [](config& c) -> auto& { return c.api_limits.peer_connections; },
      "API connections of one client: a user of this machine, or an address"));
  keys.push_back(count_key(
      "limits.api_h2_streams", {1, 10'000}, [](config& c) -> auto& { return c.api_limits.h2_streams; },
      "requests at once of one HTTP/2 connection of the API"));
  keys.push_back(count_key(
      "limits.api_reports", {1, 100'000}, [](config& c) -> auto& { return c.api_limits.reports; },
      "reports on usage that wait for their turn; further ones get 503"));
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
  keys.push_back(count_key(
      "limits.process_lookups", {1, 1'000'000}, [](config& c) -> auto& { return c.processes.process_lookups; },
      "connections that wait for their process to be found; further ones are of no known process, and counted"));
  keys.push_back(duration_key(
      "limits.process_blind", [](config& c) -> auto& { return c.processes.process_blind; },
      "how long no new process is looked for of a user one of whose connections was nobody's"));
}

}  // namespace

void add_limits(key_list& keys) {
  add_phases(keys);
  add_counts(keys);
  add_api_limits(keys);
  add_run_limits(keys);
  add_process_limits(keys);
}

}  // namespace app
