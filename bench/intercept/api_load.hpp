#pragma once

// Clients that load the service's API. They are processes with the lowest priority, so that a measurement shows the
// work that they cause in the service, and not the CPU time that they use themselves.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace bench {

struct api_load {
  std::string name;
  unsigned clients = 0;
  std::function<void(std::uint16_t port)> once;  // what each client does in a loop
};

/// The kinds of load: usage reports, large JSON requests, and requests of compressed zeros.
std::vector<api_load> api_loads();

/// Runs `load` against the port until it is destroyed.
class api_clients {
 public:
  api_clients(const api_load& load, std::uint16_t port);
  ~api_clients();
  api_clients(const api_clients&) = delete;
  api_clients& operator=(const api_clients&) = delete;

 private:
  std::vector<pid_t> processes_;
};

}  // namespace bench
