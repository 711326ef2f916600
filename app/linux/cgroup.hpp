#pragma once

// The cgroup (version 2) whose connections are redirected: a given one, or a new one below a running process's own,
// into which that process and its descendants are moved. The destructor undoes the move.

#include <cstdint>
#include <filesystem>
#include <string>

#include <sys/types.h>

#include <boost/system/result.hpp>

#include "net/descriptor.hpp"

namespace app::scope {

/// Why it failed, for the user.
struct scope_failure {
  std::string message;
};
template <class T>
using scope_result = boost::system::result<T, scope_failure>;

/// Where the cgroup v2 hierarchy is mounted; empty if nowhere.
std::filesystem::path cgroup_root();

/// The path of a process's cgroup below the root, at least "/"; empty if there is no such process.
std::string cgroup_of(pid_t process);

/// True if `inner` is `outer` or below it.
bool is_within(std::string_view inner, std::string_view outer);

class watched_cgroup {
 public:
  /// `path` with or without the root in front.
  static scope_result<watched_cgroup> named(const std::string& path);
  /// Moves the process and its descendants. Takes over a cgroup that an earlier service left.
  static scope_result<watched_cgroup> around(pid_t process);

  watched_cgroup(watched_cgroup&&) = default;
  watched_cgroup& operator=(watched_cgroup&&) = delete;
  /// Moves the processes back if they were moved.
  ~watched_cgroup();

  const std::string& path() const { return path_; }  // below the root
  std::uint32_t level() const;                       // levels below the root
  std::uint64_t id() const { return id_; }           // the kernel's
  int native() const { return directory_.get(); }

  /// False once it is removed, even if another cgroup has its path by now.
  bool exists() const;

 private:
  static scope_result<watched_cgroup> open(std::filesystem::path root, std::string path);
  watched_cgroup() = default;

  std::filesystem::path root_;
  std::string path_;
  net::descriptor directory_;
  std::uint64_t id_ = 0;
  bool made_ = false;
};

}  // namespace app::scope
