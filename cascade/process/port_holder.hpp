#pragma once

// Who holds the port where a language server is expected. Anybody can bind a loopback port first, and a pinned
// certificate proves little if its key ships with the program. The kernel knows the owner of every socket, so it is
// asked before anything is sent. The composition root supplies the check.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace cascade {

struct server_address;

/// Who may hold it.
struct server_owner {
  std::vector<uid_t> users;  // empty: the server is on another machine, whose kernel cannot be asked
  pid_t process = 0;         // this process or its descendants; 0: any process of these users
};

struct port_holder {
  enum class who : std::uint8_t { nobody, server, stranger };

  who is = who::nobody;
  std::string words{};  // of nobody and stranger: a sentence for the log, without secrets
};

/// Looks at the sockets that listen at the address and at the connected ones there. May block for some milliseconds.
/// Used from any thread.
using holder_check = std::function<port_holder(const server_address&)>;

}  // namespace cascade
