#pragma once

// Clients of the service's API that do it no good, as processes of their own with the lowest priority: what is measured
// beside them is what the service makes of them, not the processors that they take themselves.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace bench {

struct api_load {
  std::string name;
  unsigned clients = 0;
  std::function<void(std::uint16_t port)> once;  // what each of them does again and again
};

/// Reports on usage, full of JSON, full of compressed zeros.
std::vector<api_load> api_loads();

/// `load` on the port, until it is destroyed.
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
