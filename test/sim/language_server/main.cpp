// The language-server simulator: speaks the language server's gRPC protocol, and for every turn really calls the
// provider that --cloud_code_endpoint names. There is no model behind it.

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "net/openssl_exit.hpp"
#include "test/sim/language_server/flags.hpp"
#include "test/sim/language_server/log_line.hpp"
#include "test/sim/language_server/mute_port.hpp"
#include "test/sim/language_server/parent_pipe.hpp"
#include "test/sim/language_server/rpc_server.hpp"
#include "test/support/grpc_tsan.hpp"

namespace {

using namespace sim::ls;

constexpr int turn_threads = 2;

/// What is wrong with the command line. Exit code 2, as Go has it.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

flags read_flags(int count, char** arguments) {
  const std::vector<std::string_view> words(arguments + 1, arguments + count);
  auto chosen = parse_flags(words);
  if (!chosen) throw usage_error(chosen.error());
  // As later builds of its kind take it: what the command line holds all users can read.
  const char* hidden = std::getenv("WINDSURF_CSRF_TOKEN");
  if (chosen->csrf_token.empty() && hidden != nullptr) chosen->csrf_token = hidden;
  if (chosen->csrf_token.empty()) throw usage_error("csrf token is required");
  return *chosen;
}

switches read_process_switches(const flags& chosen) {
  auto asked = read_switches({}, chosen.switches);
  if (!asked.unknown.empty()) throw usage_error("the simulator does not know " + asked.unknown);
  return asked;
}

provider_address read_provider(const flags& chosen, const switches& asked) {
  auto address = parse_provider(chosen.cloud_code_endpoint, asked.connect);
  if (!address) throw usage_error(address.error());
  return *address;
}

void read_initial_metadata() {
  const std::string bytes{std::istreambuf_iterator<char>(std::cin), {}};
  exa::codeium_common_pb::Metadata metadata;
  if (bytes.empty() || !metadata.ParseFromString(bytes))
    throw std::runtime_error("failed to read initial metadata: proto: cannot parse invalid wire-format data");
}

bool must_exit_at_start(const switches& asked) {
  if (asked.exit0_at_start.empty() || asked.exit0_at_start == "0") return false;
  return asked.exit0_at_start == "1" || std::filesystem::remove(asked.exit0_at_start);
}

/// As Go does: a thousand conversations need more than a thousand descriptors.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void log_port(std::uint16_t port, bool was_chosen, std::string_view purpose) {
  std::string text = "Language server listening on ";
  text.append(was_chosen ? "fixed" : "random").append(" port at ").append(std::to_string(port));
  log_line("server.go:1157", text.append(" for ").append(purpose));
}

void open_mute_port(asio::io_context& io, std::uint16_t port, std::string_view purpose) {
  auto acceptor = open_port(io.get_executor(), port);
  log_port(acceptor.local_endpoint().port(), port != 0, purpose);
  asio::co_spawn(io, hang_up_on_all(std::move(acceptor)), asio::detached);
}

void end_with_parent(asio::io_context& io, const std::string& path) {
  if (path.empty()) return;
  asio::co_spawn(io, wait_for_parent_to_end(open_parent_pipe(io.get_executor(), path)), [&io](std::exception_ptr) {
    log_line("main.go:412", "Parent pipe closed, shutting down");
    io.stop();
  });
}

void write_certificate(const switches& asked, const certificate& own) {
  if (asked.certificate.empty()) return;
  if (!(std::ofstream(asked.certificate) << own.chain_pem))
    throw std::runtime_error("cannot write " + asked.certificate);
}

void run(asio::io_context& io) {
  std::vector<std::jthread> others;
  for (int i = 1; i < turn_threads; ++i) others.emplace_back([&io] { io.run(); });
  io.run();
}

void serve(const flags& chosen, const switches& asked) {
  const auto start = std::chrono::steady_clock::now();
  asio::io_context io(turn_threads);
  const auto work = asio::make_work_guard(io);
  asio::signal_set stop(io, SIGINT, SIGTERM);
  stop.async_wait([&io](auto, auto) { io.stop(); });
  end_with_parent(io, chosen.parent_pipe_path);

  provider upstream(io.get_executor(), read_provider(chosen, asked));
  cascades known(io.get_executor(), upstream, asked);
  rpc_server server(known, chosen.csrf_token, [&io] { io.stop(); });
  const auto own = make_certificate();
  write_certificate(asked, own);
  std::this_thread::sleep_for(std::chrono::milliseconds(asked.slow_start_ms));
  const auto port = chosen.random_port ? std::uint16_t{0} : chosen.https_server_port;
  log_port(server.listen(own, port), port != 0, "HTTPS");
  open_mute_port(io, chosen.http_server_port, "HTTP");
  open_mute_port(io, chosen.lsp_port, "LSP");

  const auto took = std::chrono::steady_clock::now() - start;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  log_line("server.go:408", "initialized server successfully in " + std::to_string(ms) + "ms");
  run(io);
}

int run_language_server(int count, char** arguments) {
  const auto chosen = read_flags(count, arguments);
  const auto asked = read_process_switches(chosen);
  log_line("main.go:205", "Starting language server process with pid " + std::to_string(::getpid()));
  if (must_exit_at_start(asked)) return 0;
  read_initial_metadata();
  raise_descriptor_limit();
  serve(chosen, asked);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  net::keep_openssl_until_exit();
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run_language_server(count, arguments);
  } catch (const usage_error& error) {
    std::cerr << "zerogravity-sim-language-server: " << error.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    sim::ls::log_line("main.go:231", error.what());
    return 1;
  }
}
