#include "app/linux/cgroup.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/linux/processes.hpp"

namespace app::scope {
namespace {

namespace fs = std::filesystem;

// The tree may fork while it is moved.
constexpr int max_rounds = 8;

constexpr const char* not_mounted = "no cgroup v2 hierarchy is mounted here";

scope_failure failed(std::string message) {
  return {std::move(message)};
}

bool move(pid_t process, const fs::path& cgroup) {
  std::ofstream file(cgroup / "cgroup.procs");
  file << process << std::flush;
  return file.good();
}

/// The process, its children and theirs.
std::vector<pid_t> tree_of(pid_t process) {
  auto all = run::descendants_of(process);
  all.insert(all.begin(), process);
  return all;
}

bool move_tree(pid_t process, const fs::path& root, const std::string& target) {
  for (int round = 0; round < max_rounds; ++round) {
    bool left = false;
    for (const pid_t each : tree_of(process)) {
      const auto now_in = cgroup_of(each);
      if (now_in == target || now_in.empty()) continue;
      left = true;
      move(each, root / target.substr(1));
    }
    if (!left) return true;
  }
  return false;
}

std::vector<pid_t> processes_in(const fs::path& cgroup) {
  std::vector<pid_t> all;
  std::ifstream file(cgroup / "cgroup.procs");
  for (pid_t each = 0; file >> each;) all.push_back(each);
  return all;
}

void dissolve(const fs::path& cgroup) {
  for (int round = 0; round < max_rounds; ++round) {
    for (const pid_t each : processes_in(cgroup)) move(each, cgroup.parent_path());
    if (::rmdir(cgroup.c_str()) == 0) return;
  }
}

scope_result<void> refuse_own(const std::string& cgroup) {
  if (!is_within(cgroup_of(::getpid()), cgroup)) return {};
  return failed("this service is in " + cgroup +
                " itself, and would catch its own connections: start it elsewhere, as with systemd-run");
}

}  // namespace

fs::path cgroup_root() {
  std::ifstream mounts("/proc/self/mounts");
  for (std::string source, place, type, rest; mounts >> source >> place >> type && std::getline(mounts, rest);) {
    if (type == "cgroup2") return place;
  }
  return {};
}

std::string cgroup_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return {};
}

bool is_within(std::string_view inner, std::string_view outer) {
  if (outer == "/") return true;
  return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
}

scope_result<watched_cgroup> watched_cgroup::named(const std::string& path) {
  const auto root = cgroup_root();
  if (root.empty()) return failed(not_mounted);
  std::string below = path;
  if (below.starts_with(root.native() + "/")) below.erase(0, root.native().size());
  while (below.starts_with('/')) below.erase(0, 1);
  while (below.ends_with('/')) below.pop_back();
  if (below.empty()) return failed("refusing the root cgroup: every process is in it (try --pid)");
  if (auto refused = refuse_own('/' + below); !refused) return refused.error();
  return open(root, '/' + below);
}

scope_result<watched_cgroup> watched_cgroup::around(pid_t process) {
  const auto root = cgroup_root();
  if (root.empty()) return failed(not_mounted);
  const auto place = cgroup_of(process);
  if (place.empty()) return failed("there is no process " + std::to_string(process));
  if (place.starts_with("/..")) return failed("the cgroup of process " + std::to_string(process) + " is not seen here");
  const auto tree = tree_of(process);
  if (std::ranges::find(tree, ::getpid()) != tree.end()) {
    return failed("this service was started by process " + std::to_string(process) +
                  " itself, and would catch its own connections: start it elsewhere");
  }
  const std::string name = "zerogravity-" + std::to_string(process);
  const bool there = place.ends_with('/' + name);
  const std::string own = there ? place : (place == "/" ? "" : place) + '/' + name;
  const auto directory = root / own.substr(1);
  if (!there && ::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) {
    return failed("no cgroup can be made below " + place + ": " + std::strerror(errno));
  }
  auto opened = open(root, own);
  if (!opened) return opened;
  opened->made_ = true;
  if (!move_tree(process, root, own)) {
    return failed("the processes below " + std::to_string(process) + " could not all be moved into " + own);
  }
  return opened;
}

scope_result<watched_cgroup> watched_cgroup::open(fs::path root, std::string path) {
  watched_cgroup made;
  made.directory_.reset(::open((root / path.substr(1)).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat found{};
  if (!made.directory_.valid() || ::fstat(made.native(), &found) != 0) {
    return failed("there is no cgroup " + path + " below " + root.string() + " (" + std::strerror(errno) + ")");
  }
  // Two redirects would pass connections to each other. The lock ends with the process.
  if (::flock(made.native(), LOCK_EX | LOCK_NB) != 0) return failed("another service redirects " + path + " already");
  made.id_ = found.st_ino;
  made.root_ = std::move(root);
  made.path_ = std::move(path);
  return made;
}

watched_cgroup::~watched_cgroup() {
  if (made_ && directory_.valid()) dissolve(root_ / path_.substr(1));
}

std::uint32_t watched_cgroup::level() const {
  return static_cast<std::uint32_t>(std::ranges::count(path_, '/'));
}

bool watched_cgroup::exists() const {
  struct stat found{};
  return ::stat((root_ / path_.substr(1)).c_str(), &found) == 0 && found.st_ino == id_;
}

}  // namespace app::scope
