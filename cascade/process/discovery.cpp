#include "cascade/process/discovery.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

namespace cascade {

namespace {

constexpr std::string_view listening = "0A";  // TCP_LISTEN

// The simulated language server of demonstrations.
constexpr std::string_view simulator = "zerogravity-sim-language-server";

std::string_view next_argument(std::string_view& arguments) {
  const auto end = arguments.find('\0');
  const auto argument = arguments.substr(0, end);
  arguments.remove_prefix(end == std::string_view::npos ? arguments.size() : end + 1);
  return argument;
}

std::string_view next_field(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const auto field = line.substr(0, line.find(' '));
  line.remove_prefix(field.size());
  return field;
}

template <class T>
std::optional<T> number(std::string_view text, int base) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_server_program(std::string_view program) {
  const auto name = program.substr(program.rfind('/') + 1);
  return name == "language_server" || name.starts_with("language_server_") || name == simulator;
}

bool is_antigravity(std::string_view arguments) {
  if (const auto folder = flag_value(arguments, "app_data_dir")) return *folder == "antigravity";
  const auto program = arguments.substr(0, arguments.find('\0'));
  return program.ends_with(simulator) || arguments.find("antigravity") != std::string_view::npos;
}

// Addresses are printed as words in memory order, so on a little-endian machine each group of four bytes is reversed.
bool is_reachable_here(std::string_view address) {
  static constexpr std::array<std::string_view, 5> known{
      "0100007F",                          // 127.0.0.1
      "00000000",                          // all
      "00000000000000000000000001000000",  // ::1
      "00000000000000000000000000000000",  // all
      "0000000000000000FFFF00000100007F",  // ::ffff:127.0.0.1
  };
  return std::ranges::find(known, address) != known.end();
}

//   sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt   uid  timeout inode …
void read_tcp_line(std::string_view line, listening_ports& into) {
  next_field(line);
  const auto local = next_field(line);
  next_field(line);
  if (next_field(line) != listening) return;
  for (int skipped = 0; skipped < 5; ++skipped) next_field(line);
  const auto inode = number<std::uint64_t>(next_field(line), 10);
  const auto colon = local.find(':');
  if (!inode || colon == std::string_view::npos || !is_reachable_here(local.substr(0, colon))) return;
  if (const auto port = number<std::uint16_t>(local.substr(colon + 1), 16)) into.emplace(*inode, *port);
}

}  // namespace

std::optional<std::string_view> flag_value(std::string_view arguments, std::string_view name) {
  std::optional<std::string_view> value;
  while (!arguments.empty()) {
    auto argument = next_argument(arguments);
    if (!argument.starts_with('-')) continue;
    argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
    if (!argument.starts_with(name)) continue;
    argument.remove_prefix(name.size());
    if (argument.empty())
      value = next_argument(arguments);
    else if (argument.front() == '=')
      value = argument.substr(1);
  }
  return value;
}

std::optional<found_server> read_command_line(std::string_view arguments) {
  auto rest = arguments;
  const auto program = next_argument(rest);
  if (!is_server_program(program) || !is_antigravity(arguments)) return std::nullopt;
  found_server server;
  server.program = program;
  server.csrf_token = flag_value(rest, "csrf_token").value_or("");
  server.token_is_shown = !server.csrf_token.empty();
  server.workspace_id = flag_value(rest, "workspace_id").value_or("");
  return server;
}

std::string_view environment_value(std::string_view environment, std::string_view name) {
  while (!environment.empty()) {
    const auto variable = next_argument(environment);
    if (variable.starts_with(name) && variable.substr(name.size()).starts_with('='))
      return variable.substr(name.size() + 1);
  }
  return {};
}

std::optional<std::uint64_t> socket_inode(std::string_view link) {
  constexpr std::string_view prefix = "socket:[";
  if (!link.starts_with(prefix) || !link.ends_with(']')) return std::nullopt;
  return number<std::uint64_t>(link.substr(prefix.size(), link.size() - prefix.size() - 1), 10);
}

void read_tcp_table(std::string_view table, listening_ports& into) {
  while (!table.empty()) {
    const auto line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(line.size() + 1, table.size()));
    read_tcp_line(line, into);
  }
}

void put_in_order(std::vector<found_server>& servers, std::string_view workspace) {
  const auto rank = [workspace](const found_server& server) {
    const int usable = !server.csrf_token.empty() && !server.ports.empty() ? 0 : 1;
    const int other = server.workspace_id.empty() ? 1 : server.workspace_id == workspace ? 0 : 2;
    return std::tuple(usable, other, -server.pid);
  };
  std::ranges::sort(servers, {}, rank);
}

}  // namespace cascade
