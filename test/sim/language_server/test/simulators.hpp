#pragma once

// For tests: the provider simulator with the language-server simulator in front of it, and a client of the latter.

#include <fstream>
#include <iterator>
#include <memory>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include "proto/language_server.grpc.pb.h"
#include "test/sim/language_server/test/simulator_process.hpp"

namespace sim::ls {

namespace rpc = exa::language_server_pb;

inline constexpr std::string_view csrf_token = "a-token";

struct folder {
  std::filesystem::path path;
  folder() {
    std::string name = (std::filesystem::temp_directory_path() / "sim-language-server.XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path = name;
  }
  ~folder() { std::filesystem::remove_all(path); }
};

/// A port that was free a moment ago.
inline std::uint16_t free_port() {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(made, reinterpret_cast<sockaddr*>(&address), size) != 0) throw std::runtime_error("bind");
  ::getsockname(made, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(made);
  return ntohs(address.sin_port);
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string initial_metadata() {
  exa::codeium_common_pb::Metadata metadata;
  metadata.set_ide_name("test");
  return metadata.SerializeAsString();
}

inline std::vector<std::string> server_command(const std::string& switches, std::vector<std::string> more = {}) {
  std::vector<std::string> words{SIM_LANGUAGE_SERVER,
                                 "-csrf_token=" + std::string(csrf_token),
                                 "--enable_lsp",
                                 "--extension_server_port",
                                 "0",
                                 "--https_server_port=0",
                                 "--sim",
                                 switches};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

class origin {
 public:
  explicit origin(const std::filesystem::path& work)
      : journal_(work / "journal"),
        port_(free_port()),
        process_({SIM_ORIGIN, "--listen", "127.0.0.1:" + std::to_string(port_), "--make-ca", work.string(), "--host",
                  "daily-cloudcode-pa.googleapis.com", "--journal", journal_.string()},
                 {}, STDOUT_FILENO) {
    if (!process_.line_with("ready")) throw std::runtime_error("the provider simulator did not start");
  }
  std::string connect() const { return "connect=127.0.0.1:" + std::to_string(port_); }
  std::string journal() const { return read_file(journal_); }

 private:
  std::filesystem::path journal_;
  std::uint16_t port_;
  process process_;
};

class server {
 public:
  server(const std::filesystem::path& work, const std::string& switches, std::vector<std::string> more = {})
      : process_(server_command(switches + ",certificate=" + (work / "server.pem").string(), std::move(more)),
                 initial_metadata(), STDERR_FILENO, "SSL_CERT_FILE=" + (work / "origin-ca.pem").string()) {
    const auto line = process_.line_with(" for HTTPS");
    if (!line || !process_.line_with("initialized server successfully")) throw std::runtime_error("no start");
    const auto at = line->find("port at ") + std::string_view("port at ").size();
    grpc::SslCredentialsOptions pinned{
        .pem_root_certs = read_file(work / "server.pem"), .pem_private_key = {}, .pem_cert_chain = {}};
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    channel_ = grpc::CreateCustomChannel("127.0.0.1:" + line->substr(at, line->find(' ', at) - at),
                                         grpc::SslCredentials(pinned), arguments);
    stub = rpc::LanguageServerService::NewStub(channel_);
  }

  process& running() { return process_; }
  const std::shared_ptr<grpc::Channel>& channel() { return channel_; }
  std::unique_ptr<rpc::LanguageServerService::Stub> stub;

 private:
  process process_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace sim::ls
