#include "app/accounting/process_search.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/linux/cgroup.hpp"

namespace app {
namespace {

namespace fs = std::filesystem;
using net::asio::ip::tcp;
using steady = std::chrono::steady_clock;

pid_t number_of(const char* name) {
  pid_t number = 0;
  const auto* end = name + std::strlen(name);
  const auto parsed = std::from_chars(name, end, number);
  return parsed.ec == std::errc{} && parsed.ptr == end ? number : 0;
}

/// Calls `each` with the names in a directory until it says true. Not std::filesystem: this is walked often.
template <class Each>
void for_each_name(const std::string& directory, Each each) {
  DIR* open = ::opendir(directory.c_str());
  if (open == nullptr) return;
  while (const dirent* entry = ::readdir(open)) {
    if (entry->d_name[0] != '.' && each(::dirfd(open), entry->d_name)) break;
  }
  ::closedir(open);
}

/// What the link in /proc/PID/fd says.
bool leads_to(int directory, const char* name, std::string_view link) {
  std::array<char, 64> target{};
  const auto length = ::readlinkat(directory, name, target.data(), target.size());
  return length > 0 && std::string_view(target.data(), static_cast<std::size_t>(length)) == link;
}

std::string directory_of(pid_t process) {
  return "/proc/" + std::to_string(process) + "/fd";
}

/// The 22nd field of /proc/PID/stat. The second, the program's name, ends with the last parenthesis.
std::optional<std::int64_t> start_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  if (name_end == line.npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  std::int64_t started = 0;
  return fields >> started ? std::optional(started) : std::nullopt;
}

/// The user's own processes, then those of others, who may have been given the socket; of both the youngest first.
std::vector<pid_t> likeliest_first(std::uint32_t uid) {
  std::vector<pid_t> all;
  std::vector<pid_t> others;
  for_each_name("/proc", [&](int proc, const char* name) {
    struct stat seen{};
    const pid_t process = number_of(name);
    if (process == 0 || ::fstatat(proc, name, &seen, 0) != 0) return false;
    (seen.st_uid == uid ? all : others).push_back(process);
    return false;
  });
  std::ranges::reverse(all);
  std::ranges::reverse(others);
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

}  // namespace

bool known_process::has_near(std::string_view link) {
  constexpr int reach = 8;
  const net::descriptor opened(::open(directory_of(process).c_str(), O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid()) return false;
  for (int distance = 0; distance <= reach; ++distance) {
    for (const int each : {descriptor + distance, descriptor - distance}) {
      if (each < 0 || !leads_to(opened.get(), std::to_string(each).c_str(), link)) continue;
      descriptor = each;
      return true;
    }
  }
  return false;
}

bool known_process::has(std::string_view link, std::size_t most) {
  std::size_t looked_at = 0;
  bool found = false;
  for_each_name(directory_of(process), [&](int opened, const char* name) {
    found = leads_to(opened, name, link);
    if (found) descriptor = number_of(name);
    return found || ++looked_at >= most;
  });
  return found;
}

process_search::process_search(const process_limits& limits, net::descriptor sockets) : limits_(limits) {
  if (sockets.valid()) {
    kernel_.emplace(run::netlink_socket::adopt(std::move(sockets)));
  } else if (auto opened = run::netlink_socket::open(NETLINK_SOCK_DIAG)) {
    kernel_.emplace(std::move(*opened));
  }
}

std::optional<run::client_socket> process_search::socket_of(const mitm::connection_facts& connection,
                                                            const std::vector<tcp::endpoint>& listeners) {
  if (!kernel_) return std::nullopt;
  const auto ask = [&](const tcp::endpoint& peer) {
    return peer.protocol() == connection.client.protocol() ? run::find_client_socket(*kernel_, connection.client, peer)
                                                           : std::nullopt;
  };
  auto found = ask(connection.destination);
  for (auto each = listeners.begin(); !found && each != listeners.end(); ++each) found = ask(*each);
  // Once its process has closed it, a socket has no inode, and root's uid whoever it was.
  if (found && found->inode == 0) found.reset();
  return found;
}

connection_process process_search::process_of(const run::client_socket& socket) {
  connection_process found;
  found.uid = socket.uid;
  const pid_t process = owner_of(socket);
  if (process == 0) return found;
  found.pid = process;
  found.started = start_of(process);
  std::error_code ignored;
  found.executable = fs::read_symlink("/proc/" + std::to_string(process) + "/exe", ignored).string();
  found.cgroup = scope::cgroup_of(process);
  return found;
}

pid_t process_search::owner_of(const run::client_socket& socket) {
  const std::string link = "socket:[" + std::to_string(socket.inode) + "]";
  const auto near = [&](known_process& each) { return each.has_near(link); };
  const auto anywhere = [&](known_process& each) { return each.has(link, limits_.process_descriptors); };
  auto found = std::find_if(recent_.begin(), recent_.end(), near);
  if (found == recent_.end()) found = std::find_if(recent_.begin(), recent_.end(), anywhere);
  if (found != recent_.end()) {
    std::rotate(recent_.begin(), found, found + 1);
    return recent_.front().process;
  }
  const auto walked = walk(socket.uid, link);
  if (!walked) return 0;
  recent_.push_front(*walked);
  if (recent_.size() > limits_.known_processes) recent_.pop_back();
  return walked->process;
}

std::optional<known_process> process_search::walk(std::uint32_t uid, const std::string& link) {
  const auto now = steady::now();
  if (const auto blind_until = unseen_.find(uid); blind_until != unseen_.end() && now < blind_until->second) {
    return std::nullopt;
  }
  for (const pid_t process : likeliest_first(uid)) {
    known_process looked_at{process};
    if (looked_at.has(link, limits_.process_descriptors)) return looked_at;
  }
  if (unseen_.size() >= limits_.known_processes) unseen_.clear();
  unseen_[uid] = now + limits_.process_blind;
  return std::nullopt;
}

}  // namespace app
