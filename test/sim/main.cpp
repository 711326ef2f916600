// The provider simulator: answers as Google, OpenAI and Anthropic do, over TLS, without a model behind it.

#include <csignal>
#include <iostream>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "test/sim/server.hpp"

namespace {

namespace asio = boost::asio;

struct options {
  std::vector<std::string> listen;
  std::vector<std::string> mute;
  std::vector<std::string> hosts;
  std::filesystem::path make_ca, cert, key, journal;
  unsigned threads = 1;
  unsigned refuse_websockets = 0;
};

void describe(CLI::App& cli, options& chosen) {
  cli.add_option("--listen", chosen.listen, "ADDR:PORT to serve TLS on; may be repeated")->required();
  cli.add_option("--mute", chosen.mute, "ADDR:PORT where connections are taken and never answered");
  cli.add_option("--host", chosen.hosts, "Names of the server certificate that --make-ca writes");
  auto* make =
      cli.add_option("--make-ca", chosen.make_ca, "Folder for a new test CA: origin-ca.pem and the server's files");
  auto* cert = cli.add_option("--cert", chosen.cert, "Server certificate chain, PEM")->excludes(make);
  cli.add_option("--key", chosen.key, "Its key, PEM")->needs(cert);
  cli.add_option("--journal", chosen.journal, "File that gets one JSON line per model call");
  cli.add_option("--refuse-websockets", chosen.refuse_websockets, "HTTP status that answers every upgrade")
      ->check(CLI::Range(400, 599));
  cli.add_option("--threads", chosen.threads, "Threads that serve")->check(CLI::Range(1, 64));
}

sim::certificate_files certificates(const options& chosen) {
  if (!chosen.make_ca.empty()) return sim::make_certificates(chosen.make_ca, chosen.hosts);
  if (chosen.cert.empty() || chosen.key.empty()) throw std::runtime_error("give --make-ca, or --cert and --key");
  return {chosen.cert, chosen.key};
}

// The HTTP parser throws on what a header may not hold, past the connection's own handler; the others go on.
void run_until_stopped(asio::io_context& io) {
  while (!io.stopped()) {
    try {
      io.run();
    } catch (const std::exception& error) {
      std::cerr << "connection failed: " << error.what() << '\n';
    }
  }
}

void run(asio::io_context& io, unsigned threads) {
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < threads; ++i) others.emplace_back([&io] { run_until_stopped(io); });
  run_until_stopped(io);
}

void serve(const options& chosen) {
  auto tls = sim::make_tls_context(certificates(chosen));
  sim::journal calls(chosen.journal);
  sim::site shared{calls, chosen.refuse_websockets};
  asio::io_context io(static_cast<int>(chosen.threads));
  for (const auto& text : chosen.listen)
    asio::co_spawn(io, sim::accept_all(sim::listen_on(io, sim::parse_endpoint(text)), tls, shared), asio::detached);
  for (const auto& text : chosen.mute)
    asio::co_spawn(io, sim::accept_and_stay_mute(sim::listen_on(io, sim::parse_endpoint(text))), asio::detached);
  asio::signal_set stop(io, SIGINT, SIGTERM);
  stop.async_wait([&io](auto, auto) { io.stop(); });
  std::cout << "ready";
  for (const auto& text : chosen.listen) std::cout << ' ' << text;
  std::cout << std::endl;
  run(io, chosen.threads);
}

}  // namespace

int main(int count, char** arguments) {
  CLI::App cli("Simulates the providers' APIs over TLS.", "zerogravity-sim-origin");
  options chosen;
  describe(cli, chosen);
  CLI11_PARSE(cli, count, arguments);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    serve(chosen);
  } catch (const std::exception& error) {
    std::cerr << "zerogravity-sim-origin: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
