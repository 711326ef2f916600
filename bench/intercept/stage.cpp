#include "bench/intercept/stage.hpp"

#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>
#include <stdexcept>
#include <thread>

#include <openssl/pem.h>
#include <spdlog/fmt/fmt.h>

#include "bench/intercept/far_line.hpp"
#include "bench/intercept/floor.hpp"
#include "bench/intercept/unaccounted.hpp"
#include "bench/probe/sockets.hpp"
#include "mitm/ca/leaf_mint.hpp"

namespace bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint8_t origin_address = 2;  // 127.0.0.2
constexpr std::uint16_t https = 443;
constexpr std::uint16_t zerogravity_port = 8742;
constexpr std::uint16_t to_api = 100;  // difference between this port and the port of the API

/// Sets a value in /proc/sys. If that is not permitted, the default is used.
void set_kernel(const char* file, const char* value) {
  std::ofstream(std::string("/proc/sys/") + file) << value;
}

void await_port(std::uint16_t port, const std::string& who, pid_t process) {
  for (int tries = 0; tries < 1000; ++tries) {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(1, port);
    const bool there = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(probe);
    if (there) return;
    if (::waitpid(process, nullptr, WNOHANG) == process) throw std::runtime_error(who + " ended at once");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  throw std::runtime_error(who + " does not listen");
}

void append(const fs::path& to, const fs::path& from) {
  std::ofstream(to, std::ios::app) << std::ifstream(from).rdbuf();
}

void write_pem(const fs::path& file, const std::function<int(FILE*)>& write) {
  FILE* out = std::fopen(file.c_str(), "w");
  if (out == nullptr || write(out) != 1) throw std::runtime_error("cannot write " + file.string());
  std::fclose(out);
}

}  // namespace

peer parse_peer(const std::string& text) {
  const auto first = text.find('=');
  const auto second = text.find('=', first + 1);
  if (first == text.npos || second == text.npos) throw std::runtime_error("a peer is NAME=PORT=COMMAND");
  const auto port = std::strtoul(text.c_str() + first + 1, nullptr, 10);
  return {text.substr(0, first), static_cast<std::uint16_t>(port), text.substr(second + 1)};
}

stage::stage(const stage_options& options) : work_(options.work) {
  if (::geteuid() != 0) throw std::runtime_error("needs root, for a network namespace of its own");
  raise_file_limit();
  ::prctl(PR_SET_TIMERSLACK, 1);
  ::signal(SIGPIPE, SIG_IGN);
  if (work_.empty()) work_ = scratch_.emplace().path;
  void* shared = ::mmap(nullptr, sizeof(origin_counters), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::runtime_error("no shared memory");
  origin_ = new (shared) origin_counters{};
  make_network();
  make_certificates();

  const std::string chain = work_ / "origin.pem";
  const std::string key = work_ / "origin-key.pem";
  const std::string ca = work_ / "ca.pem";
  const int at = listen_at(loopback(origin_address, https));
  start([&] { run_origin(at, chain, key, *origin_); });
  start_far_origin();
  targets_.push_back({"direct", 0, 0});
  const int floor = listen_at(loopback(1, 0));
  add_target("floor", port_of(floor), start([&] { run_floor(floor, {chain, key, ca, api_host}); }));
  start_zerogravity(options, "zerogravity", zerogravity_port, "");
  if (options.rules) start_with_rules(options);
  const pid_t unaccounted = start([&] { run_unaccounted(zerogravity_port + 1, work_ / "ca", options.threads); });
  await_port(zerogravity_port + 1, "the interceptor without accounting", unaccounted);
  add_target("no accounting", zerogravity_port + 1, unaccounted);
  for (const peer& each : options.peers) {
    std::string command = each.command;
    for (auto where = command.find("{work}"); where != command.npos; where = command.find("{work}")) {
      command.replace(where, 6, work_.string());
    }
    const pid_t process = start_program(command, each.name + ".log");
    await_port(each.port, each.name, process);
    add_target(each.name, each.port, process);
  }
}

stage::~stage() {
  for (const pid_t child : children_) ::kill(-child, SIGTERM);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  for (const pid_t child : children_) {
    ::kill(-child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  ::munmap(origin_, sizeof(origin_counters));
}

route stage::to(const target& of, std::string host) const {
  return {loopback(origin_address, https), of.mark, std::move(host)};
}

std::uint16_t stage::api_port() const {
  return zerogravity_port + to_api;
}

std::filesystem::path stage::state() const {
  return work_ / fmt::format("state-{}", zerogravity_port);
}

route stage::to_far(const target& of) const {
  if (!no_far_origin_.empty()) throw std::runtime_error(no_far_origin_);
  return {far_line::origin(), of.mark, far_host};
}

void stage::start_far_origin() {
  try {
    far_line line;
    start([&] {
      line.serve_at_far_end(far_round_trip / 2, [&](int listener) {
        run_origin(listener, work_ / "origin.pem", work_ / "origin-key.pem", *origin_);
      });
    });
  } catch (const std::runtime_error& error) {
    no_far_origin_ = error.what();
  }
}

void stage::make_network() {
  if (::unshare(CLONE_NEWNET) != 0) throw std::runtime_error("cannot make a network namespace");
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (::ioctl(socket, SIOCSIFFLAGS, &request) != 0) throw std::runtime_error("cannot bring up the loopback interface");
  // Without any other address, getaddrinfo() of some programs does not even return loopback (AI_ADDRCONFIG).
  ifreq alias{};
  std::strcpy(alias.ifr_name, "lo:1");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(0xc6336401u);  // 198.51.100.1, for documentation (RFC 5737)
  std::memcpy(&alias.ifr_addr, &address, sizeof address);
  ::ioctl(socket, SIOCSIFADDR, &alias);
  ::close(socket);
  set_kernel("net/ipv4/ip_local_port_range", "2000 65000");
  set_kernel("net/core/somaxconn", "4096");
}

void stage::make_certificates() {
  const auto files = mitm::ca_files::in(work_ / "ca");
  const std::vector<std::string> subtrees{api_host, other_hosts};
  const auto now = std::chrono::system_clock::now();
  auto authority = mitm::certificate_authority::open_or_create(files, subtrees, now);
  if (authority.has_error()) throw std::runtime_error(authority.error().message);
  const auto mint = mitm::leaf_mint::make(std::make_shared<const mitm::certificate_authority>(std::move(*authority)));
  if (mint.has_error()) throw std::runtime_error(mint.error().message);
  const std::vector<std::string> names{api_host, "*." + other_hosts};
  const auto leaf = mint->mint(names, now);
  if (leaf.has_error()) throw std::runtime_error(leaf.error().message);
  write_pem(work_ / "origin.pem", [&](FILE* out) { return PEM_write_X509(out, leaf->certificate.get()); });
  write_pem(work_ / "origin-key.pem",
            [&](FILE* out) { return PEM_write_PrivateKey(out, mint->key(), nullptr, nullptr, 0, nullptr, nullptr); });
  fs::copy_file(files.certificate, work_ / "ca.pem", fs::copy_options::overwrite_existing);
  fs::copy_file(files.key, work_ / "ca-key.pem", fs::copy_options::overwrite_existing);
  append(work_ / "trust.pem", work_ / "ca.pem");
}

template <class Run>
pid_t stage::start(Run run) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    ::setpgid(0, 0);
    warden_.forget();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    run();
    ::_exit(1);
  }
  ::setpgid(child, child);
  children_.push_back(child);
  warden_.watch(child);
  return child;
}

pid_t stage::start_program(const std::string& command, const std::string& log) {
  return start([&] {
    FILE* out = std::freopen((work_ / log).c_str(), "w", stdout);
    if (out != nullptr) ::dup2(::fileno(out), STDERR_FILENO);
    ::execl("/bin/sh", "sh", "-c", ("exec " + command).c_str(), nullptr);
  });
}

void stage::start_zerogravity(const stage_options& options, std::string name, std::uint16_t port,
                              std::string_view rules) {
  const std::string config = fmt::format("{}/{}.toml", work_.string(), port);
  std::ofstream(config) << fmt::format(
      "state_dir = \"{0}/state-{1}\"\nthreads = {3}\n[api]\nlisten = [\"127.0.0.1:{6}\"]\n[mitm]\nlisten = "
      "[\"127.0.0.1:{1}\"]\n"
      "hosts = [\"{2}\", \"*.{4}\"]\nupstream_ca_file = \"{0}/ca.pem\"\nsystem_ca_file = \"{0}/ca.pem\"\n"
      "bundle_file = \"{0}/trust-{1}.pem\"\n[log]\nlevel = \"warn\"\n{5}",
      work_.string(), port, api_host, options.threads, other_hosts, rules, port + to_api);
  // Clients trust a single CA for all interceptors.
  fs::create_directory(work_ / fmt::format("state-{}", port));
  for (const auto& file : {"ca.pem", "ca-key.pem"}) {
    fs::copy_file(work_ / "ca" / file, work_ / fmt::format("state-{}", port) / file);
  }
  if (options.prepare_state && port == zerogravity_port) options.prepare_state(state());
  const pid_t process = start_program(fmt::format("{} serve --config {}", options.zerogravity, config), name + ".log");
  await_port(port, name, process);
  add_target(std::move(name), port, process);
}

void stage::start_with_rules(const stage_options& options) {
  constexpr std::string_view rule =
      "[[rules]]\nname = \"bench\"\nmatch = {{ host = \"{}\", header = {{ x-bench = \"never\" }} }}\n"
      "act = [ {{ set_header = \"x-a\", value = \"b\" }} ]\n";
  start_zerogravity(options, "rules for others", zerogravity_port + 2, fmt::format(fmt::runtime(rule), far_host));
  start_zerogravity(options, "rules, no match", zerogravity_port + 3, fmt::format(fmt::runtime(rule), api_host));
}

void stage::add_target(std::string name, std::uint16_t port, pid_t process) {
  const int mark = static_cast<int>(targets_.size());
  FILE* nft = ::popen("nft -f -", "w");
  if (nft == nullptr) throw std::runtime_error("no nft");
  fmt::print(nft,
             "table ip bench {{\n chain marked {{\n  type nat hook output priority -100; policy accept;\n"
             "  meta mark {} tcp dport {} redirect to :{}\n }}\n}}\n",
             mark, https, port);
  if (::pclose(nft) != 0) throw std::runtime_error("nft cannot redirect here");
  targets_.push_back({std::move(name), mark, process});
}

}  // namespace bench
