#include "app/linux/processes.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace app::run {
namespace {

namespace fs = std::filesystem;

// Each round kills at least one generation. If the tree forks faster than that, give up.
constexpr int max_rounds = 1000;

pid_t number_in(std::string_view text) {
  pid_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : 0;
}

/// proc(5), stat: the parent is the second field after the name, which is in parentheses and may contain some.
pid_t parent_of(const fs::path& process) {
  std::ifstream file(process / "stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos || name_end + 4 > line.size()) return 0;
  const auto begin = name_end + 4;
  return number_in(std::string_view(line).substr(begin, line.find(' ', begin) - begin));
}

std::multimap<pid_t, pid_t> children_by_parent() {
  std::multimap<pid_t, pid_t> all;
  std::error_code error;
  for (auto entry = fs::directory_iterator("/proc", error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (const pid_t id = number_in(entry->path().filename().string()); id != 0)
      all.emplace(parent_of(entry->path()), id);
  }
  return all;
}

}  // namespace

std::vector<pid_t> descendants_of(pid_t ancestor) {
  const auto children = children_by_parent();
  std::vector<pid_t> found{ancestor};
  for (std::size_t next = 0; next < found.size(); ++next) {
    const auto [first, last] = children.equal_range(found[next]);
    for (auto child = first; child != last; ++child) found.push_back(child->second);
  }
  found.erase(found.begin());
  return found;
}

void kill_descendants() {
  for (int round = 0; round < max_rounds; ++round) {
    const auto rest = descendants_of(::getpid());
    for (const pid_t each : rest) ::kill(each, SIGKILL);
    while (::waitpid(-1, nullptr, rest.empty() ? WNOHANG : 0) > 0) {
    }
    if (rest.empty()) return;
  }
}

int shell_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace app::run
