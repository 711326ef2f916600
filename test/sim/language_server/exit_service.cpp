#include "test/sim/language_server/exit_service.hpp"

#include <string_view>

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

namespace sim::ls {
namespace {

constexpr std::string_view exit_method = "/exa.language_server_pb.LanguageServerService/Exit";

class exit_reactor final : public grpc::ServerGenericBidiReactor {
 public:
  explicit exit_reactor(const std::function<void()>& on_exit) : on_exit_(on_exit) { StartRead(&request_); }

  void OnReadDone(bool) override { StartWriteAndFinish(&response_, {}, grpc::Status::OK); }
  void OnDone() override {
    on_exit_();
    delete this;
  }

 private:
  const std::function<void()>& on_exit_;
  grpc::ByteBuffer request_;
  grpc::Slice nothing_;
  grpc::ByteBuffer response_{&nothing_, 1};
};

class refusing_reactor final : public grpc::ServerGenericBidiReactor {
 public:
  explicit refusing_reactor(const grpc::Status& why) { Finish(why); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerGenericBidiReactor* exit_service::CreateReactor(grpc::GenericCallbackServerContext* call) {
  const auto [first, last] = call->client_metadata().equal_range("x-codeium-csrf-token");
  if (first == last || std::string_view(first->second.data(), first->second.size()) != csrf_token_)
    return new refusing_reactor({grpc::StatusCode::UNAUTHENTICATED, "missing or invalid csrf token"});
  if (call->method() == exit_method) return new exit_reactor(on_exit_);
  return new refusing_reactor({grpc::StatusCode::UNIMPLEMENTED, "unimplemented"});
}

}  // namespace sim::ls
