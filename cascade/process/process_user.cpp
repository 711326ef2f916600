#include "cascade/process/process_user.hpp"

#include <cerrno>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

namespace cascade {

namespace {

constexpr std::size_t longest_entry = 64 * 1024;  // bytes of one passwd entry
constexpr int most_groups = 65536;                // the kernel's NGROUPS_MAX

boost::system::error_code system_error(int code) {
  return {code, boost::system::system_category()};
}

std::vector<gid_t> groups_of(const passwd& entry) {
  std::vector<gid_t> groups(64);
  auto count = static_cast<int>(groups.size());
  while (::getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count) < 0 && count < most_groups) {
    groups.resize(static_cast<std::size_t>(count) + 1);
    count = static_cast<int>(groups.size());
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

}  // namespace

net::result<process_user> find_user(const std::string& name) {
  std::vector<char> strings(longest_entry);
  passwd entry{};
  passwd* found = nullptr;
  const int error = ::getpwnam_r(name.c_str(), &entry, strings.data(), strings.size(), &found);
  if (error != 0) return system_error(error);
  if (found == nullptr) return system_error(EINVAL);
  return process_user{entry.pw_name, entry.pw_dir, entry.pw_uid, entry.pw_gid, groups_of(entry)};
}

change_of_user how_to_become(const process_user& user) {
  if (::geteuid() == user.uid) return change_of_user::none;
  return ::geteuid() == 0 ? change_of_user::setuid : change_of_user::sudo;
}

}  // namespace cascade
