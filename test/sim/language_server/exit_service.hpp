#pragma once

// Methods that are not in our subset of the service: Exit, which asks the process to stop, and all the others, which
// this build does not have.

#include <functional>
#include <string>
#include <utility>

#include <grpcpp/generic/async_generic_service.h>

namespace sim::ls {

class exit_service final : public grpc::CallbackGenericService {
 public:
  /// `on_exit` is called by an RPC thread when the answer to Exit is sent.
  exit_service(std::string csrf_token, std::function<void()> on_exit)
      : csrf_token_(std::move(csrf_token)), on_exit_(std::move(on_exit)) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* call) override;

 private:
  std::string csrf_token_;
  std::function<void()> on_exit_;
};

}  // namespace sim::ls
