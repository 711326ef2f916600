#pragma once

// The gRPC part of pushing_server.hpp, and the schedule of its writes. Runs only in the child.

#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

#include "bench/push/pushing_server.hpp"
#include "bench/push/write_schedule.hpp"
#include "proto/language_server.grpc.pb.h"
#include "test/sim/language_server/certificate.hpp"

namespace bench {

class push_service final : private exa::language_server_pb::LanguageServerService::CallbackService {
 public:
  push_service(pushing_server::counters& written, std::string token);
  ~push_service() override;

  int port() const { return port_; }
  const std::string& certificate_pem() const { return identity_.chain_pem; }

 private:
  using request = exa::reactive_component_pb::StreamReactiveUpdatesRequest;
  using update = exa::reactive_component_pb::StreamReactiveUpdatesResponse;

  grpc::ServerWriteReactor<update>* StreamCascadeReactiveUpdates(grpc::CallbackServerContext*, const request*) override;

  pushing_server::counters& written_;
  std::string token_;
  sim::ls::certificate identity_;
  int port_ = 0;
  write_schedule schedule_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace bench
