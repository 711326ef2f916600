#pragma once

// Who holds the port where a language server is expected. A port of loopback belongs to whoever binds it first, and a
// pinned certificate proves little where its key ships with the program: the kernel knows the owner of every socket and
// is asked before anything is sent. The composition root says how.

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
  pid_t process = 0;         // it or what it has started; 0: any process of these users
};

struct port_holder {
  enum class who : std::uint8_t { nobody, server, stranger };

  who is = who::nobody;
  std::string words{};  // of nobody and stranger: a sentence for the log, without secrets
};

/// Looks at the sockets that listen at the address and at those that are connected from there. May block for some
/// milliseconds; from any thread.
using holder_check = std::function<port_holder(const server_address&)>;

}  // namespace cascade
