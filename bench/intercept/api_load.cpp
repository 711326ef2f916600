#include "bench/intercept/api_load.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <memory>

#include <spdlog/fmt/fmt.h>
#include <zlib.h>

#include "bench/probe/sockets.hpp"

namespace bench {
namespace {

/// Sends a request and reads until the connection ends. If it is cut off, the client starts again.
void ask(std::uint16_t port, const std::string& request) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(1, port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    std::size_t sent = 0;
    while (sent < request.size()) {
      const ssize_t written = ::send(socket, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (written <= 0) break;
      sent += static_cast<std::size_t>(written);
    }
    std::array<char, 65536> block;
    while (::recv(socket, block.data(), block.size(), 0) > 0) {
    }
  }
  ::close(socket);
}

std::string post(const std::string& more, const std::string& body) {
  return fmt::format(
             "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: "
             "close\r\n{}Content-Length: {}\r\n\r\n",
             more, body.size()) +
         body;
}

std::string full_of_objects(std::size_t size) {
  std::string body = R"({"model":"x","messages":[)";
  while (body.size() < size) body += "{},";
  return body + "{}]}";
}

/// 4 MB that decompress to 4 GB.
std::string full_of_zeros() {
  const std::string zeros(16 << 20, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string member(deflateBound(&stream, zeros.size()), ' ');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zeros.data()));
  stream.avail_in = static_cast<uInt>(zeros.size());
  stream.next_out = reinterpret_cast<Bytef*>(member.data());
  stream.avail_out = static_cast<uInt>(member.size());
  deflate(&stream, Z_FINISH);
  member.resize(stream.total_out);
  deflateEnd(&stream);
  std::string all;
  for (int i = 0; i < 256; ++i) all += member;
  return all;
}

api_load sending(std::string name, unsigned clients, std::string request) {
  const auto shared = std::make_shared<const std::string>(std::move(request));
  return {std::move(name), clients, [shared](std::uint16_t port) { ask(port, *shared); }};
}

}  // namespace

std::vector<api_load> api_loads() {
  const auto get = [](const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  };
  std::vector<api_load> all;
  all.push_back(sending("reports", 8, get("/v1/usage")));
  // Less than all of the time, so that hours must be summed.
  all.push_back(sending("reports on part of the time", 8,
                        get(fmt::format("/v1/usage?group_by=conversation&end_time={}", std::time(nullptr) - 86'400))));
  all.push_back(sending("large JSON", 2, post("", full_of_objects(15'000'000))));
  all.push_back(sending("compressed zeros", 4, post("Content-Encoding: gzip\r\n", full_of_zeros())));
  return all;
}

api_clients::api_clients(const api_load& load, std::uint16_t port) {
  for (unsigned i = 0; i < load.clients; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::setpriority(PRIO_PROCESS, 0, 19);
      for (;;) load.once(port);
    }
    if (child > 0) processes_.push_back(child);
  }
}

api_clients::~api_clients() {
  for (const pid_t each : processes_) {
    ::kill(each, SIGKILL);
    ::waitpid(each, nullptr, 0);
  }
}

}  // namespace bench
