#include "app/doctor/doctor_language_server.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include "app/commands/attach_command.hpp"
#include "cascade/process/discovery_proc.hpp"

namespace app {
namespace {

using enum finding::state_of;

/// The word up to the next space, which is taken off.
std::string_view take_word(std::string_view& line) {
  const auto word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

std::string mounts_here() {
  std::ifstream file("/proc/self/mounts");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

bool hides_processes(std::string_view mounts) {
  bool hidden = false;
  while (!mounts.empty()) {
    auto line = mounts.substr(0, mounts.find('\n'));
    mounts.remove_prefix(std::min(mounts.size(), line.size() + 1));
    take_word(line);
    const auto place = take_word(line);
    const auto kind = take_word(line);
    if (place != "/proc" || kind != "proc") continue;
    const auto option = line.find("hidepid=");
    const auto value = option == std::string_view::npos ? std::string_view("off") : line.substr(option + 8);
    // The last mount is the visible one. "noaccess" and "ptraceable" hide the command line, too.
    hidden = !value.starts_with("off") && !value.starts_with("0");
  }
  return hidden;
}

finding look_at_tokens(std::span<const cascade::found_server> servers, bool processes_hidden) {
  std::string shown;
  for (const auto& each : servers) {
    if (!each.token_is_shown) continue;
    shown += (shown.empty() ? "process " : ", ") + std::to_string(each.pid) + " of uid " + std::to_string(each.owner);
  }
  if (shown.empty()) return {"language server token", works, "in no command line", ""};
  if (processes_hidden) {
    return {"language server token", works,
            "in a command line, which /proc shows to its owner and root only (" + shown + ")", ""};
  }
  return {"language server token", absent,
          "any user of this machine can read it in the command line (" + shown +
              "), and with it have the agent run commands as that uid",
          "sudo mount -o remount,hidepid=invisible /proc"};
}

std::vector<finding> look_at_language_servers(const config& values) {
  const auto found = cascade::find_servers("/proc", values.language_server.workspace_id);
  if (found.empty()) return {{"language server", absent, "none runs, as far as this user can see", ""}};
  std::string detail;
  for (const auto& each : found) {
    detail += (detail.empty() ? "" : "; ") + each.program + " (process " + std::to_string(each.pid) + ", " +
              std::to_string(each.ports.size()) + " ports" + (each.csrf_token.empty() ? ", no token" : "") + ")";
  }
  return {{"language server", works, detail, "zerogravity attach"},
          look_at_tokens(found, hides_processes(mounts_here()))};
}

}  // namespace app
