#include "app/turns/server_holder.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include <pwd.h>
#include <unistd.h>
#include <boost/asio/ip/address.hpp>

#include "app/linux/client_socket.hpp"
#include "app/linux/port_sockets.hpp"
#include "app/linux/processes.hpp"
#include "cascade/rpc/channel_trust.hpp"

namespace app {
namespace {

namespace fs = std::filesystem;
using boost::asio::ip::tcp;
using holder_kind = cascade::port_holder::who;

std::optional<tcp::endpoint> endpoint_in(const std::string& target) {
  const auto split = cascade::split_target(target);
  if (split.has_error()) return std::nullopt;
  boost::system::error_code malformed;
  const auto address = boost::asio::ip::make_address(cascade::numeric_host(split->host), malformed);
  if (malformed) return std::nullopt;
  return tcp::endpoint(address, static_cast<std::uint16_t>(std::stoul(split->port)));
}

std::string user_named(uid_t uid) {
  std::string strings(16 * 1024, '\0');
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(uid, &entry, strings.data(), strings.size(), &found);
  const std::string text = "uid " + std::to_string(uid);
  return found == nullptr ? text : text + " (" + entry.pw_name + ")";
}

std::string user_named(const std::vector<uid_t>& users) {
  std::string text;
  for (const uid_t each : users) text += (text.empty() ? "" : " or ") + user_named(each);
  return text;
}

/// nullopt: its descriptors are not visible, or it is hidden (hidepid).
std::optional<bool> has_open(pid_t process, const std::string& link) {
  std::error_code error;
  for (fs::directory_iterator entry("/proc/" + std::to_string(process) + "/fd", error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (fs::read_symlink(entry->path(), gone).native() == link) return true;
  }
  if (error) return std::nullopt;
  return false;
}

/// Whether `process` or a descendant has the socket open. nullopt: not all of them are visible.
std::optional<bool> belongs_to(pid_t process, std::uint32_t inode) {
  const std::string link = "socket:[" + std::to_string(inode) + "]";
  auto held = has_open(process, link);
  if (held == true) return true;
  for (const pid_t each : run::descendants_of(process)) {
    const auto open = has_open(each, link);
    if (open == true) return true;
    if (!open) held.reset();
  }
  return held;
}

constexpr const char* unsaid = "; nothing was sent to it";

std::string held_by_user(const cascade::server_address& address, uid_t uid) {
  const auto& owner = address.owner;
  std::string words = address.target + " is held by " + user_named(uid) + ", not by the language server of " +
                      user_named(owner.users) + unsaid;
  // A server that we did not start may belong to another user, if the configuration names that user.
  if (owner.process == 0) words += " (language_server.user says whose server it may be)";
  return words;
}

cascade::port_holder judge(const cascade::server_address& address, const std::vector<run::port_socket>& sockets) {
  const auto& owner = address.owner;
  if (std::ranges::none_of(sockets, &run::port_socket::listens)) {
    return {holder_kind::nobody, "nobody on this machine listens at " + address.target};
  }
  for (const auto& each : sockets) {
    if (std::ranges::find(owner.users, each.uid) == owner.users.end()) {
      return {holder_kind::stranger, held_by_user(address, each.uid)};
    }
    if (owner.process != 0 && belongs_to(owner.process, each.inode) == false) {
      return {holder_kind::stranger, address.target + " is held by another process of " + user_named(each.uid) +
                                         " than the language server, process " + std::to_string(owner.process) +
                                         unsaid};
    }
  }
  return {holder_kind::server, {}};
}

/// Listening sockets and peers of our connections matter. Anybody can connect to somewhere else from that port.
bool concerns_us(run::netlink_socket& kernel, const run::port_socket& socket, const tcp::endpoint& server) {
  if (socket.listens) return true;
  const auto other = run::find_client_socket(kernel, socket.peer, server);
  return other && other->inode != 0 && other->uid == ::geteuid();
}

}  // namespace

cascade::port_holder find_server_holder(const cascade::server_address& address) {
  const auto endpoint = endpoint_in(address.target);
  if (!endpoint) return {holder_kind::stranger, address.target + " is no address of this machine" + unsaid};
  auto kernel = run::netlink_socket::open(NETLINK_SOCK_DIAG);
  if (!kernel)
    return {holder_kind::stranger,
            "the kernel does not tell who holds " + address.target + ": " + kernel.error().message()};
  auto sockets = run::sockets_at(*kernel, *endpoint);
  if (!sockets)
    return {holder_kind::stranger,
            "the kernel does not tell who holds " + address.target + ": " + sockets.error().message()};
  std::erase_if(*sockets, [&](const run::port_socket& each) { return !concerns_us(*kernel, each, *endpoint); });
  return judge(address, *sockets);
}

}  // namespace app
