#include "app/doctor/doctor_probe.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ssl.h>
#include <boost/json/parse.hpp>

#include "app/base/json_members.hpp"
#include "app/base/program_place.hpp"
#include "app/client/service_client.hpp"
#include "app/config/watched_hosts.hpp"
#include "app/linux/processes.hpp"
#include "app/run/connect_proxy.hpp"
#include "mitm/ca/certificate_authority.hpp"
#include "mitm/ca/leaf_mint.hpp"
#include "mitm/ca/server_context.hpp"
#include "mitm/ca/server_identity.hpp"
#include "mitm/ca/trust_bundle.hpp"
#include "mitm/policy/intercept_policy.hpp"
#include "net/descriptor.hpp"
#include "net/openssl_ptr.hpp"

namespace app {
namespace {

namespace fs = std::filesystem;
using enum finding::state_of;
using net::descriptor;

constexpr int patience_s = 10;  // for each step of the exchange
constexpr std::string_view answer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

void limit(const net::descriptor& socket) {
  const timeval most{patience_s, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
}

/// A folder that is gone afterwards.
class scratch_folder {
 public:
  scratch_folder() {
    std::string name = (fs::temp_directory_path() / "zerogravity-doctor.XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~scratch_folder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// A host that a pattern of the configuration matches.
std::string watched_host(const config& values) {
  for (const auto& pattern : watched_hosts(values)) {
    if (pattern.starts_with("*.")) return "doctor" + pattern.substr(1);
    if (pattern.find('*') == std::string::npos) return pattern;
  }
  return "api.openai.com";
}

/// An origin for one request, on loopback.
class origin {
 public:
  origin(const fs::path& folder, const std::string& host) {
    auto ca = mitm::certificate_authority::open_or_create(mitm::ca_files::in(folder), std::array{host},
                                                          std::chrono::system_clock::now());
    if (!ca) return;
    const auto mint = mitm::leaf_mint::make(std::make_shared<const mitm::certificate_authority>(std::move(*ca)));
    if (!mint) return;
    auto leaf = mint->mint(std::array{host}, std::chrono::system_clock::now());
    if (!leaf) return;
    auto context = mitm::make_server_context();
    if (!context) return;
    auto identity = mitm::server_identity::make(std::move(*context), std::move(leaf->certificate), mint->key());
    if (!identity) return;
    identity_ = std::move(*identity);
    listen();
  }

  std::uint16_t port() const { return port_; }  // 0: it could not be started
  void serve_once() const {
    // An interceptor that does not know the port may first probe the connection and then connect again.
    while (!served()) {
    }
  }

 private:
  /// True: nothing remains to wait for.
  bool served() const {
    pollfd ready{listener_.get(), POLLIN, 0};
    if (::poll(&ready, 1, patience_s * 1000) != 1) return true;
    const net::descriptor peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    limit(peer);
    const net::ssl_ptr tls(SSL_new(identity_->context()));
    identity_->show_on(tls.get());
    SSL_set_fd(tls.get(), peer.get());
    std::array<char, 2048> request{};
    if (SSL_accept(tls.get()) != 1 || SSL_read(tls.get(), request.data(), request.size()) <= 0) return false;
    SSL_write(tls.get(), answer.data(), static_cast<int>(answer.size()));
    SSL_shutdown(tls.get());
    return true;
  }

  void listen() {
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in loopback{};
    loopback.sin_family = AF_INET;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof loopback;
    auto* address = reinterpret_cast<sockaddr*>(&loopback);
    if (::bind(listener_.get(), address, length) != 0 || ::listen(listener_.get(), 1) != 0) return;
    ::getsockname(listener_.get(), address, &length);
    port_ = ntohs(loopback.sin_port);
  }

  mitm::server_identity_ptr identity_;
  net::descriptor listener_;
  std::uint16_t port_ = 0;
};

using words = std::vector<std::string>;

bool become(const watched_client& who) {
  if (!who.cgroup.empty()) {
    const net::descriptor members(::open((who.cgroup / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (::write(members.get(), "0", 1) != 1) return false;
  }
  if (who.uid.empty()) return true;
  const auto id = static_cast<uid_t>(std::strtoul(who.uid.c_str(), nullptr, 10));
  return ::setgid(id) == 0 && ::setuid(id) == 0;
}

/// Runs a program with its output in `output`; returns its shell status.
int run_program(const words& arguments, const fs::path& output, const watched_client& who = {}) {
  std::vector<char*> pointers;
  for (const auto& each : arguments) pointers.push_back(const_cast<char*>(each.c_str()));
  pointers.push_back(nullptr);
  const net::descriptor file(::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(file.get(), STDOUT_FILENO);
    ::dup2(file.get(), STDERR_FILENO);
    if (!become(who)) ::_exit(125);
    ::execv(pointers.front(), pointers.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return run::shell_status(status);
}

std::string text_in(const fs::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  auto all = text.str();
  while (all.ends_with('\n')) all.pop_back();
  return all;
}

/// u.interception.exchanges_seen of a report or of the service.
std::int64_t exchanges_in(const std::string& text) {
  boost::system::error_code error;
  const auto document = boost::json::parse(text, error);
  if (error || !document.is_object()) return -1;
  const auto& interception = object_member(document.get_object(), "interception");
  return interception.contains("exchanges_seen") ? number_member(interception, "exchanges_seen") : -1;
}

std::string own_program() {
  return fs::read_symlink("/proc/self/exe").string();
}

net::descriptor connected(const std::string& address, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), port.c_str(), &hints, &found) != 0) return net::descriptor();
  net::descriptor socket;
  for (auto* each = found; each != nullptr && !socket.valid(); each = each->ai_next) {
    socket.reset(::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    limit(socket);
    if (::connect(socket.get(), each->ai_addr, each->ai_addrlen) != 0) socket.reset();
  }
  ::freeaddrinfo(found);
  return socket;
}

/// Through the proxy that the environment names: how a run without namespaces intercepts.
net::descriptor connected_by_proxy(const char* url, const std::string& address, const std::string& port) {
  const auto proxy = mitm::parse_upstream_proxy(url);
  if (proxy.has_error()) return net::descriptor();
  net::descriptor socket = connected(proxy->host, std::to_string(proxy->port));
  if (!socket.valid()) return socket;
  const std::string request =
      "CONNECT " + address + ":" + port + " HTTP/1.1\r\nProxy-Authorization: " + proxy->authorization + "\r\n\r\n";
  ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL);
  std::array<char, 512> head{};
  const auto got = ::recv(socket.get(), head.data(), head.size(), 0);
  if (got <= 0 || std::string_view(head.data()).find(" 200 ") == std::string_view::npos) socket.reset();
  return socket;
}

}  // namespace

int run_probe_client(const std::string& host, const std::string& address, const std::string& port) {
  const char* proxy = std::getenv("HTTPS_PROXY");
  const std::string peer_name = address.empty() ? host : address;
  // Do not use the user's own proxy for a server on this machine.
  const bool by_proxy = proxy != nullptr && run::is_proxy_of_run(proxy);
  const net::descriptor peer = by_proxy ? connected_by_proxy(proxy, peer_name, port) : connected(peer_name, port);
  if (!peer.valid())
    return std::printf("no connection to %s:%s: %s\n", peer_name.c_str(), port.c_str(), std::strerror(errno));
  const net::ssl_context_ptr context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_default_verify_paths(context.get());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const net::ssl_ptr tls(SSL_new(context.get()));
  SSL_set_fd(tls.get(), peer.get());
  SSL_set_tlsext_host_name(tls.get(), host.c_str());
  SSL_set1_host(tls.get(), host.c_str());
  if (SSL_connect(tls.get()) != 1) {
    return std::printf("TLS with %s failed: %s\n", host.c_str(),
                       X509_verify_cert_error_string(SSL_get_verify_result(tls.get())));
  }
  const std::string request = "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  SSL_write(tls.get(), request.data(), static_cast<int>(request.size()));
  std::array<char, 256> head{};
  if (SSL_read(tls.get(), head.data(), head.size() - 1) <= 0) return std::printf("%s did not answer\n", host.c_str());
  std::array<char, 256> issuer{};
  const net::x509_ptr certificate(SSL_get1_peer_certificate(tls.get()));
  X509_NAME_oneline(X509_get_issuer_name(certificate.get()), issuer.data(), issuer.size());
  std::printf("%.12s, signed by %s\n", head.data(), issuer.data());
  return 0;
}

finding probe_run(const loaded_config& loaded) {
  const config& values = loaded.values;
  const scratch_folder folder;
  const auto host = watched_host(values);
  const origin own(folder.path() / "origin", host);
  if (own.port() == 0) return {"exchange", broken, "no origin for it could be started on loopback", ""};
  std::jthread serving([&own] { own.serve_once(); });
  const auto report = folder.path() / "report.json";
  words arguments{own_program(), "run", "--quiet", "--json", report.string(), "--state-dir", values.state_dir.string()};
  for (const auto& pattern : watched_hosts(values)) arguments.insert(arguments.end(), {"--only-host", pattern});
  const auto set = [&](const std::string& key, const fs::path& value) {
    arguments.insert(arguments.end(), {"--set", key + "=" + value.string()});
  };
  // All of this is removed afterwards. The user's ledger and bundle are not touched.
  set("ledger.file", folder.path() / "usage.db");
  set("mitm.bundle_file", folder.path() / "bundle.pem");
  set("mitm.upstream_ca_file", mitm::ca_files::in(folder.path() / "origin").certificate);
  arguments.insert(arguments.end(), {"--", own_program(), "doctor", "--probe", host, "--probe", "127.0.0.1", "--probe",
                                     std::to_string(own.port())});
  const int status = run_program(arguments, folder.path() / "output");
  const auto said = text_in(folder.path() / "output");
  const auto seen = exchanges_in(text_in(report));
  if (status == 0 && seen == 1)
    return {"exchange", works, "one with " + host + " was intercepted just now: " + said, ""};
  return {"exchange", broken, "none was intercepted (status " + std::to_string(status) + "): " + said,
          "zerogravity run -- curl -v https://" + host + "/"};
}

finding probe_service(const config& values, const watched_client& who) {
  const auto count = [&values] {
    const auto told = fetch({.url = service_url(values), .target = "/v1/usage", .key = key_for(values)});
    return told ? exchanges_in(told->body) : -1;
  };
  const scratch_folder folder;
  const auto host = watched_host(values);
  const auto before = count();
  ::setenv("SSL_CERT_FILE", values.mitm.bundle_file.c_str(), 1);
  const int status = run_program({own_program(), "doctor", "--probe", host, "--probe", host, "--probe", "443"},
                                 folder.path() / "output", who);
  const auto said = text_in(folder.path() / "output");
  const auto name = who.uid.empty() ? "cgroup " + who.cgroup.string() : "user " + who.uid;
  if (status == 0 && count() > before) {
    return {"exchange", works, "one of " + name + " with " + host + " was intercepted just now: " + said, ""};
  }
  const auto script = script_to_type("mitm-redirect.sh");
  const auto whose = who.uid.empty() ? "--cgroup " + who.cgroup.string() : "--user " + who.uid;
  return {"exchange", broken, "one of " + name + " with " + host + " was not intercepted: " + said,
          script.empty() ? "sudo nft list ruleset" : script + " status " + whose};
}

}  // namespace app
