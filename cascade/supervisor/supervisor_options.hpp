#pragma once

// The options of a supervisor: which language server, how it is run, the limits, and functions for what it does not
// know (gRPC, the log). Filled by the composition root.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "cascade/process/process_user.hpp"
#include "cascade/rpc/channel.hpp"
#include "cascade/supervisor/backoff.hpp"
#include "net/errc.hpp"
#include "net/executor.hpp"

namespace cascade {

/// No server. Requests for one are refused.
struct no_server {};

/// Launch a server. Placeholders: {csrf_token} {parent_pipe} {https_port} {state_dir} {cloud_code_endpoint} {home}, and
/// {language_server}, the program found in the usual places. Without {https_port} the port is taken from its log lines,
/// or from the sockets it listens on.
struct launch_server {
  std::vector<std::string> command;  // empty: the program found in the usual places, with the flags its builds take
  std::filesystem::path program;     // {language_server}; empty: found
  std::string cloud_code_endpoint;
  std::optional<process_user> user;         // none: ourselves
  std::filesystem::path home;               // its HOME, made if missing; empty: the user's own
  std::filesystem::path directory;          // it runs in; empty: HOME
  std::filesystem::path bundle;             // its SSL_CERT_FILE; empty: the system's
  std::filesystem::path pipe_dir = "/tmp";  // of the parent pipe's socket: `user` must be able to enter it
  std::vector<std::string> environment;  // NAME=value, added to HOME, PATH, USER and SSL_CERT_FILE or in their place;
                                         // the value may hold placeholders
  std::string metadata;                  // serialized exa.codeium_common_pb.Metadata, its standard input
};

/// Attach to a server at a known address. The certificate may be missing on loopback only.
struct attach_server {
  server_address address;
};

/// Use a server that runs on this machine as the same user (or as `user`), whichever answers first. It must hold its
/// port itself.
struct discover_server {
  std::string workspace_id;  // preferred
  std::optional<process_user> user;
};

struct supervisor_limits {
  std::chrono::milliseconds start{60'000};           // launch → first heartbeat answered; a first start reads 100 MB
  std::chrono::milliseconds heartbeat{5'000};        // one heartbeat
  std::chrono::milliseconds heartbeat_spacing{250};  // between heartbeats to a server that does not answer yet
  std::chrono::milliseconds terminate{10'000};       // SIGTERM → SIGKILL
  std::chrono::milliseconds last_output{1'000};      // exit → its pipes are closed even if somebody holds them open
  std::size_t log_line = 4096;                       // bytes of one line of its output that are looked at
  std::size_t log_lines_per_second = 50;             // passed on; further ones are counted
  unsigned suspect_heartbeats = 2;  // unanswered in a row, after a call failed, until a server is given up
};

struct supervisor_options {
  std::variant<no_server, launch_server, attach_server, discover_server> server;
  std::filesystem::path state_dir;
  std::filesystem::path proc = "/proc";  // a copy of it in tests
  supervisor_limits limits;
  backoff_limits restart;
};

/// The supervisor calls them on its strand.
struct supervisor_hooks {
  /// Who holds the port of a server on this machine. Called before each use of `trust` and `probe`.
  std::function<boost::asio::awaitable<port_holder>(server_address)> holder;
  /// Where /proc is read, which takes milliseconds on a machine with many processes. Null: on the strand.
  net::blocking_pool* blocking = nullptr;
  /// Sends one Heartbeat. Cancelled when its answer is no longer needed.
  std::function<boost::asio::awaitable<net::result<void>>(server_address)> probe;
  /// The certificate that a server on loopback shows, for addresses that come without one.
  std::function<boost::asio::awaitable<net::result<std::string>>(server_address)> trust;
  /// A line of the server's output, without secrets.
  std::function<void(std::string_view)> server_line;
  /// What the supervisor did and why, without secrets.
  std::function<void(std::string_view)> note;
  /// Numbers in [0, 1) for the back-off.
  std::function<double()> draw;
};

}  // namespace cascade
