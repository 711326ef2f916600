#pragma once

// The processes of the API bench: one simulator of the language server that pushes, one that must be polled, and a
// service for each. They end with the bench.

#include <memory>
#include <string>
#include <vector>

#include <netinet/in.h>

#include "bench/common/scratch_directory.hpp"
#include "cascade/rpc/channel.hpp"
#include "test/sim/language_server/test/simulator_process.hpp"

namespace bench::api {

struct stage_options {
  std::string zerogravity;  // the programs
  std::string simulator;
  unsigned chats = 1000;  // at once
  unsigned threads = 0;   // of the service; 0: its default
};

/// A language server's simulator.
class simulated {
 public:
  /// `switches` select unusual behaviour. Throws std::runtime_error, like the other one.
  simulated(const std::string& program, const std::filesystem::path& work, const std::string& switches);

  cascade::server_address address() const { return address_; }
  std::filesystem::path certificate_file() const { return certificate_; }

 private:
  std::filesystem::path certificate_;
  sim::ls::process process_;
  cascade::server_address address_;
};

/// The service, attached to a simulator.
class served {
 public:
  served(const stage_options& options, const std::filesystem::path& work, const simulated& server);

  const sockaddr_in& api() const { return api_; }
  pid_t pid() const { return process_.id(); }

 private:
  sim::ls::process process_;
  sockaddr_in api_{};
};

struct stage {
  explicit stage(const stage_options& options);

  scratch_directory work;
  simulated pushing;
  simulated polled;
  served by_push;
  served by_poll;
};

}  // namespace bench::api
