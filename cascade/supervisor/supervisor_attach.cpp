#include "cascade/supervisor/supervisor_attach.hpp"

#include <algorithm>
#include <utility>

#include <unistd.h>
#include <boost/asio/ip/address.hpp>

#include "cascade/process/discovery_proc.hpp"
#include "cascade/process/process.hpp"

namespace cascade {

namespace {

std::string target_of(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

}  // namespace

bool is_loopback_target(std::string_view target) {
  const auto colon = target.rfind(':');
  if (colon == std::string_view::npos) return false;
  auto host = target.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code malformed;
  const auto address = asio::ip::make_address(std::string(host), malformed);
  return host == "localhost" || (!malformed && address.is_loopback());
}

asio::awaitable<void> attached_source::begin() {
  if (address_.certificate_pem.empty() && !is_loopback_target(address_.target)) {
    ended_ = "the language server at " + address_.target + " is on another machine and its certificate is not given";
  }
  co_return;
}

discovered_source::discovered_source(asio::any_io_executor strand, const discover_server& wanted,
                                     std::filesystem::path proc, supervisor_condition& changed,
                                     net::blocking_pool* blocking)
    : strand_(strand),
      wanted_(wanted),
      proc_(std::move(proc)),
      changed_(changed),
      blocking_(blocking),
      tasks_(strand, [](const std::string&) {}) {}

asio::awaitable<void> discovered_source::begin() {
  servers_ = co_await net::offload(blocking_, [this] { return find_servers(proc_, wanted_.workspace_id); });
  // Anybody can give a process that name, and would get every conversation.
  const uid_t owner = wanted_.user ? wanted_.user->uid : ::geteuid();
  std::erase_if(servers_,
                [owner](const found_server& server) { return server.owner != owner || server.ports.empty(); });
  if (servers_.empty()) ended_ = "no language server of user " + std::to_string(owner) + " is running here";
  co_return;
}

asio::awaitable<std::vector<server_address>> attached_source::candidates() {
  co_return std::vector<server_address>{address_};
}

asio::awaitable<std::vector<server_address>> discovered_source::candidates() {
  std::vector<server_address> all;
  for (const auto& server : servers_) {
    for (const auto port : server.ports) {
      all.push_back({target_of(port), server.csrf_token, {}, {{server.owner}, server.pid}});
    }
  }
  co_return all;
}

void discovered_source::chosen(const server_address& address) {
  for (const auto& server : servers_) {
    const auto is_it = [&](std::uint16_t port) { return target_of(port) == address.target; };
    if (std::ranges::any_of(server.ports, is_it)) pid_ = server.pid;
  }
  tasks_.spawn(strand_, watch(pid_));
}

asio::awaitable<void> discovered_source::watch(pid_t pid) {
  if (const auto gone = co_await process_gone(pid); !gone) co_return;
  ended_ = "the language server, process " + std::to_string(pid) + ", has ended";
  changed_.notify();
}

asio::awaitable<void> discovered_source::end() {
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace cascade
