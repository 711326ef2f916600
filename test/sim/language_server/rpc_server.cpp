#include "test/sim/language_server/rpc_server.hpp"

#include <chrono>
#include <stdexcept>

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

namespace sim::ls {

rpc_server::rpc_server(cascades& known, std::string csrf_token, std::function<void()> on_exit)
    : service_(known, csrf_token), others_(std::move(csrf_token), std::move(on_exit)) {}

rpc_server::~rpc_server() {
  // Streams without an end would keep it waiting.
  if (server_) server_->Shutdown(std::chrono::system_clock::now());
}

std::uint16_t rpc_server::listen(const certificate& own, std::uint16_t port) {
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({own.key_pem, own.chain_pem});
  grpc::ServerBuilder builder;
  int chosen = 0;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::SslServerCredentials(tls), &chosen);
  // Two servers must not share a port.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(-1);
  builder.RegisterService(&service_);
  builder.RegisterCallbackGenericService(&others_);
  server_ = builder.BuildAndStart();
  if (!server_ || chosen == 0) throw std::runtime_error("cannot listen on port " + std::to_string(port));
  return static_cast<std::uint16_t>(chosen);
}

}  // namespace sim::ls
