#include "cascade/process/discovery_proc.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include <sys/stat.h>

namespace cascade {

namespace fs = std::filesystem;

namespace {

std::string read_start(const fs::path& path, std::size_t limit) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  // Reads in pieces, because the kernel does not give the size beforehand and the limit is far above the usual size.
  char block[4096];
  while (file && text.size() < limit) {
    file.read(block, static_cast<std::streamsize>(std::min(sizeof block, limit - text.size())));
    text.append(block, static_cast<std::size_t>(file.gcount()));
  }
  return text;
}

uid_t owner_of(const fs::path& process) {
  struct stat seen{};
  // A process that has ended has no owner.
  return ::stat(process.c_str(), &seen) == 0 ? seen.st_uid : static_cast<uid_t>(-1);
}

template <class T>
std::optional<T> as_number(const fs::path& entry) {
  const std::string name = entry.filename().string();
  T value{};
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return value;
}

// Processes and descriptors come and go while they are listed, so errors are ignored.
template <class F>
void for_each_entry(const fs::path& folder, F visit) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (!visit(entry->path())) return;
  }
}

listening_ports read_listening(const fs::path& proc, const discovery_limits& limits) {
  listening_ports ports;
  for (const char* table : {"net/tcp", "net/tcp6"}) read_tcp_table(read_start(proc / table, limits.tcp_table), ports);
  return ports;
}

std::vector<std::uint16_t> ports_among(const fs::path& process, const listening_ports& ports,
                                       const discovery_limits& limits) {
  std::vector<std::pair<int, std::uint16_t>> open;
  std::size_t looked_at = 0;
  for_each_entry(process / "fd", [&](const fs::path& entry) {
    std::error_code error;
    const auto number = as_number<int>(entry);
    const auto inode = socket_inode(fs::read_symlink(entry, error).string());
    const auto port = inode ? ports.find(*inode) : ports.end();
    if (number && port != ports.end()) open.emplace_back(*number, port->second);
    return ++looked_at < limits.descriptors;
  });
  std::ranges::sort(open);
  std::vector<std::uint16_t> ordered;
  for (const auto& [number, port] : open) {
    if (std::ranges::find(ordered, port) == ordered.end()) ordered.push_back(port);
  }
  return ordered;
}

}  // namespace

std::vector<found_server> find_servers(const fs::path& proc, std::string_view workspace,
                                       const discovery_limits& limits) {
  std::vector<found_server> servers;
  for_each_entry(proc, [&](const fs::path& entry) {
    const auto pid = as_number<pid_t>(entry);
    if (!pid) return true;
    auto server = read_command_line(read_start(entry / "cmdline", limits.command_line));
    if (!server) return true;
    server->pid = *pid;
    server->owner = owner_of(entry);
    if (server->csrf_token.empty()) {
      server->csrf_token = environment_value(read_start(entry / "environ", limits.command_line), token_variable);
    }
    servers.push_back(std::move(*server));
    return servers.size() < limits.servers;
  });
  const auto open_ports = servers.empty() ? listening_ports{} : read_listening(proc, limits);
  for (auto& server : servers) server.ports = ports_among(proc / std::to_string(server.pid), open_ports, limits);
  put_in_order(servers, workspace);
  return servers;
}

std::vector<std::uint16_t> ports_of(const fs::path& proc, pid_t pid, const discovery_limits& limits) {
  return ports_among(proc / std::to_string(pid), read_listening(proc, limits), limits);
}

}  // namespace cascade
