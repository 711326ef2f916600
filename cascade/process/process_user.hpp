#pragma once

// The user that a server process runs as. Resolved once, at start-up, because the name service may block and allocate,
// which must not happen between fork and exec.

#include <string>
#include <vector>

#include <sys/types.h>

#include "net/errc.hpp"

namespace cascade {

struct process_user {
  std::string name;
  std::string home;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // all of them, gid included
};

/// By name. May block. A user that does not exist is errc::invalid_argument.
net::result<process_user> find_user(const std::string& name);

/// How a process comes to run as somebody else.
enum class change_of_user : unsigned char { none, setuid, sudo };

/// setuid if we are root, sudo otherwise, none if we already run as that user.
change_of_user how_to_become(const process_user& user);

}  // namespace cascade
