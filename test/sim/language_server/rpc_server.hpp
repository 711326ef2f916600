#pragma once

// The gRPC end of the simulator: TLS with the certificate of this start, on loopback.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "test/sim/language_server/certificate.hpp"
#include "test/sim/language_server/exit_service.hpp"
#include "test/sim/language_server/service.hpp"

namespace sim::ls {

class rpc_server {
 public:
  /// `on_exit` is called when a client asks the process to stop.
  rpc_server(cascades&, std::string csrf_token, std::function<void()> on_exit);
  ~rpc_server();

  /// Serves on `port`, or on a free one for 0, and returns which. Throws std::runtime_error if it cannot.
  std::uint16_t listen(const certificate&, std::uint16_t port);

 private:
  service service_;
  exit_service others_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace sim::ls
