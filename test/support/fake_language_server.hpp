#pragma once

// A language server for tests: the generated service over gRPC and TLS on a loopback port, with a self-signed certificate
// of its own. Every method is a function that a test may set; unset ones are UNIMPLEMENTED, as on a build that lacks them.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "cascade/channel.hpp"
#include "proto/language_server.grpc.pb.h"

namespace test {

namespace ls = exa::language_server_pb;

struct key_and_certificate {
  std::string key_pem;
  std::string certificate_pem;
};

inline std::string bio_text(BIO* bio) {
  char* begin = nullptr;
  const long size = BIO_get_mem_data(bio, &begin);
  std::string text(begin, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

/// `names` in the form of OpenSSL's subjectAltName, e.g. "DNS:localhost,IP:127.0.0.1"; empty for none.
inline key_and_certificate self_signed(const std::string& names, const std::string& common_name = "") {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  static std::atomic<long> serial = 1;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto add = [&](const char* field, const std::string& value) {
    X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                               static_cast<int>(value.size()), -1, 0);
  };
  add("O", "test");
  if (!common_name.empty()) add("CN", common_name);
  X509_set_issuer_name(certificate, subject);
  if (!names.empty()) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, key, EVP_sha256());

  BIO* key_out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(key_out, key, nullptr, nullptr, 0, nullptr, nullptr);
  BIO* certificate_out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(certificate_out, certificate);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return {bio_text(key_out), bio_text(certificate_out)};
}

/// A value that one thread sets and others wait for.
class flag {
 public:
  void set() {
    std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  bool wait_for(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [this] { return set_; });
  }
  /// Fails a test, rather than hanging it, when something never happens.
  bool wait() { return wait_for(std::chrono::seconds(60)); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

class fake_language_server final : private ls::LanguageServerService::Service {
 public:
  template <class Request, class Response>
  using unary = std::function<grpc::Status(const Request&, Response&)>;
  template <class Request, class Response>
  using streamed = std::function<grpc::Status(grpc::ServerContext&, const Request&, grpc::ServerWriter<Response>&)>;
  using reactive_request = exa::reactive_component_pb::StreamReactiveUpdatesRequest;
  using reactive_response = exa::reactive_component_pb::StreamReactiveUpdatesResponse;
  using agent_request = exa::jetski_cortex_pb::StreamAgentStateUpdatesRequest;
  using agent_response = exa::jetski_cortex_pb::StreamAgentStateUpdatesResponse;

  explicit fake_language_server(key_and_certificate identity = self_signed("DNS:localhost,IP:127.0.0.1"))
      : identity_(std::move(identity)) {
    grpc::SslServerCredentialsOptions tls;
    tls.pem_key_cert_pairs.push_back({identity_.key_pem, identity_.certificate_pem});
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~fake_language_server() override { die(); }

  cascade::server_address address() const {
    return {"127.0.0.1:" + std::to_string(port_), token, identity_.certificate_pem};
  }
  /// Closes the port and every connection, calls under way included, as a crash does. The test's functions must return
  /// once their context is cancelled.
  void die() {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }

  std::string token = "token";
  unary<ls::StartCascadeRequest, ls::StartCascadeResponse> start_cascade;
  unary<ls::SendUserCascadeMessageRequest, ls::SendUserCascadeMessageResponse> send_message;
  unary<ls::CancelCascadeInvocationRequest, ls::CancelCascadeInvocationResponse> cancel;
  unary<ls::GetCascadeTrajectoryStepsRequest, ls::GetCascadeTrajectoryStepsResponse> steps;
  unary<ls::GetCascadeTrajectoryRequest, ls::GetCascadeTrajectoryResponse> trajectory;
  unary<ls::GetCascadeTrajectoryGeneratorMetadataRequest, ls::GetCascadeTrajectoryGeneratorMetadataResponse>
      generator_metadata;
  unary<ls::GetUserStatusRequest, ls::GetUserStatusResponse> user_status;
  std::function<grpc::Status(grpc::ServerContext&)> heartbeat;
  streamed<reactive_request, reactive_response> reactive;
  streamed<agent_request, agent_response> agent_state;

 private:
  template <class Function, class... Arguments>
  grpc::Status run(grpc::ServerContext& context, const Function& method, Arguments&&... arguments) {
    const auto& metadata = context.client_metadata();
    const auto sent = metadata.find("x-codeium-csrf-token");
    if (sent == metadata.end() || sent->second != token) return {grpc::StatusCode::UNAUTHENTICATED, "bad token"};
    if (!method) return {grpc::StatusCode::UNIMPLEMENTED, "unknown method"};
    return method(std::forward<Arguments>(arguments)...);
  }

  using context = grpc::ServerContext;
  grpc::Status StartCascade(context* at, const ls::StartCascadeRequest* request,
                            ls::StartCascadeResponse* response) override {
    return run(*at, start_cascade, *request, *response);
  }
  grpc::Status SendUserCascadeMessage(context* at, const ls::SendUserCascadeMessageRequest* request,
                                      ls::SendUserCascadeMessageResponse* response) override {
    return run(*at, send_message, *request, *response);
  }
  grpc::Status CancelCascadeInvocation(context* at, const ls::CancelCascadeInvocationRequest* request,
                                       ls::CancelCascadeInvocationResponse* response) override {
    return run(*at, cancel, *request, *response);
  }
  grpc::Status GetCascadeTrajectorySteps(context* at, const ls::GetCascadeTrajectoryStepsRequest* request,
                                         ls::GetCascadeTrajectoryStepsResponse* response) override {
    return run(*at, steps, *request, *response);
  }
  grpc::Status GetCascadeTrajectory(context* at, const ls::GetCascadeTrajectoryRequest* request,
                                    ls::GetCascadeTrajectoryResponse* response) override {
    return run(*at, trajectory, *request, *response);
  }
  grpc::Status GetCascadeTrajectoryGeneratorMetadata(
      context* at, const ls::GetCascadeTrajectoryGeneratorMetadataRequest* request,
      ls::GetCascadeTrajectoryGeneratorMetadataResponse* response) override {
    return run(*at, generator_metadata, *request, *response);
  }
  grpc::Status GetUserStatus(context* at, const ls::GetUserStatusRequest* request,
                             ls::GetUserStatusResponse* response) override {
    return run(*at, user_status, *request, *response);
  }
  grpc::Status Heartbeat(context* at, const ls::HeartbeatRequest*, ls::HeartbeatResponse*) override {
    return run(*at, heartbeat, *at);
  }
  grpc::Status StreamCascadeReactiveUpdates(context* at, const reactive_request* request,
                                            grpc::ServerWriter<reactive_response>* writer) override {
    return run(*at, reactive, *at, *request, *writer);
  }
  grpc::Status StreamAgentStateUpdates(context* at, const agent_request* request,
                                       grpc::ServerWriter<agent_response>* writer) override {
    return run(*at, agent_state, *at, *request, *writer);
  }

  key_and_certificate identity_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

/// Blocks a server's function until the client is gone; how a stream that stays open is scripted.
inline grpc::Status until_cancelled(grpc::ServerContext& context) {
  while (!context.IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  return grpc::Status::CANCELLED;
}

}  // namespace test
