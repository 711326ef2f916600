#include "bench/api/stage.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <spdlog/fmt/fmt.h>

#include "bench/common/process_cost.hpp"
#include "bench/probe/client.hpp"
#include "bench/probe/sockets.hpp"
#include "proto/codeium_common.pb.h"

namespace bench::api {
namespace {

namespace fs = std::filesystem;

constexpr const char* token = "bench";

fs::path made(fs::path directory) {
  fs::create_directory(directory);
  return directory;
}

/// What an editor sends to its language server at the start.
std::string identity() {
  exa::codeium_common_pb::Metadata who;
  who.set_ide_name("zerogravity-bench");
  return who.SerializeAsString();
}

std::vector<std::string> command(const std::string& program, const fs::path& certificate, const std::string& switches) {
  return {program,
          "--csrf_token",
          token,
          "--random_port",
          "--sim",
          "certificate=" + certificate.string() + (switches.empty() ? "" : "," + switches),
          "--cloud_code_endpoint",
          "https://127.0.0.1:1"};  // nobody calls a model
}

fs::path write_config(const stage_options& options, const fs::path& work, const simulated& server) {
  const fs::path file = work / "config.toml";
  std::ofstream(file) << fmt::format(
      "state_dir = \"{0}/state\"\nthreads = {1}\n[api]\nlisten = [\"127.0.0.1:0\"]\n[mitm]\nlisten = "
      "[\"127.0.0.1:0\"]\n"
      "[limits]\napi_connections = {2}\napi_peer_connections = {2}\n"
      "[language_server]\nmode = \"attach\"\naddress = \"{3}\"\ncsrf_token = \"{4}\"\ncertificate_file = \"{5}\"\n"
      "turns = {2}\n[log]\nlevel = \"error\"\n",
      work.string(), options.threads, 2 * options.chats, server.address().target, token,
      server.certificate_file().string());
  return file;
}

/// The number after `before`.
std::uint16_t port_in(const std::string& text, std::string_view before) {
  const auto at = text.find(before);
  return at == text.npos ? std::uint16_t{0}
                         : static_cast<std::uint16_t>(std::strtoul(text.c_str() + at + before.size(), nullptr, 10));
}

bool lists_models(const sockaddr_in& service) {
  event_loop loop;
  bool well = false;
  bool over = false;
  client::listener told;
  told.on_open = [](client& at) { at.send("GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"); };
  told.on_answered = [&](client&) { well = over = true; };
  told.on_closed = [&](client&) { over = true; };
  probes opened;
  opened.add(client::open(loop, {service, 0, {}}, nullptr, told));
  loop.run(monotonic_ns() + 1'000'000'000, [&] { return over; });
  return well;
}

}  // namespace

simulated::simulated(const std::string& program, const fs::path& work, const std::string& switches)
    : certificate_(work / "certificate.pem"), process_(command(program, certificate_, switches), identity(), 2) {
  const auto line = process_.line_with("for HTTPS");
  if (!line) throw std::runtime_error(program + " did not start");
  std::ifstream file(certificate_);
  address_ = {fmt::format("127.0.0.1:{}", port_in(*line, "port at ")), token,
              std::string(std::istreambuf_iterator<char>(file), {})};
}

served::served(const stage_options& options, const fs::path& work, const simulated& server)
    : process_({options.zerogravity, "serve", "--config", write_config(options, work, server).string()}, {}, 1) {
  const auto line = process_.line_with("ready ");
  if (!line) throw std::runtime_error("the service did not become ready");
  api_ = loopback(1, port_in(*line, "api=http://127.0.0.1:"));
  for (int tries = 0; !lists_models(api_); ++tries) {
    if (tries == 100) throw std::runtime_error("the service does not find its language server");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

stage::stage(const stage_options& options)
    : pushing(options.simulator, made(work.path / "pushing"), {}),
      polled(options.simulator, made(work.path / "polled"), "reactive=unimplemented,agent=unimplemented"),
      by_push(options, work.path / "pushing", pushing),
      by_poll(options, work.path / "polled", polled) {}

}  // namespace bench::api
