#include "cascade/rpc/channel.hpp"

#include <utility>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/support/channel_arguments.h>

#include "cascade/rpc/channel_trust.hpp"

namespace cascade {
namespace {

int milliseconds(std::chrono::milliseconds time) {
  return static_cast<int>(time.count());
}

void limit_buffers(grpc::ChannelArguments& arguments, const channel_options& options) {
  arguments.SetMaxReceiveMessageSize(options.max_receive_bytes);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, options.stream_window_bytes);
  // The bandwidth probe widens windows to several megabytes per stream even if nobody reads.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
}

void keep_connected(grpc::ChannelArguments& arguments, const channel_options& options) {
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(options.keep_alive_every));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds(options.keep_alive_answer));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, milliseconds(options.reconnect_first));
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, milliseconds(options.connect_limit));
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, milliseconds(options.reconnect_most));
}

/// No proxy from the environment, no service configuration from DNS, no automatic retries, and no connection or
/// back-off state shared with a channel to the process that had this port before.
void keep_to_ourselves(grpc::ChannelArguments& arguments) {
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
}

namespace tls = grpc::experimental;

/// Decides on every connection, after its handshake and before its first call.
class server_verifier final : public tls::ExternalCertificateVerifier {
 public:
  server_verifier(server_address address, std::string name, holder_check holder)
      : address_(std::move(address)), name_(std::move(name)), holder_(std::move(holder)) {}

  bool Verify(tls::TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* status) override {
    const auto shown = request->peer_cert();
    *status = verdict({shown.data(), shown.size()});
    return true;
  }

  void Cancel(tls::TlsCustomVerificationCheckRequest*) override {}

 private:
  grpc::Status verdict(std::string_view shown) const {
    if (!is_named(shown, name_)) {
      return {grpc::StatusCode::UNAUTHENTICATED, "the certificate is not that of " + name_};
    }
    if (!holder_ || address_.owner.users.empty()) return grpc::Status::OK;
    auto found = holder_(address_);
    if (found.is == port_holder::who::server) return grpc::Status::OK;
    return {grpc::StatusCode::UNAUTHENTICATED, std::move(found.words)};
  }

  const server_address address_;
  const std::string name_;
  const holder_check holder_;
};

std::shared_ptr<grpc::ChannelCredentials> pinned(const server_address& address, const std::string& name,
                                                 const holder_check& holder) {
  tls::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<tls::StaticDataCertificateProvider>(address.certificate_pem));
  options.watch_root_certs();
  options.set_check_call_host(false);  // the verifier checks the one host
  options.set_certificate_verifier(tls::ExternalCertificateVerifier::Create<server_verifier>(address, name, holder));
  return tls::TlsCredentials(options);
}

}  // namespace

channel::channel(server_address address, std::shared_ptr<grpc::Channel> native)
    : address_(std::move(address)), native_(std::move(native)) {}

rpc_result<channel> channel::open(server_address address, const channel_options& options) {
  const auto target = split_target(address.target);
  if (target.has_error()) return target.error();
  // With an empty root, gRPC would use the system's authorities.
  const auto name = expected_name(address.certificate_pem, target->host);
  if (name.has_error()) return name.error();

  grpc::ChannelArguments arguments;
  limit_buffers(arguments, options);
  keep_connected(arguments, options);
  keep_to_ourselves(arguments);
  // A name may resolve to an address whose holder was not checked.
  const auto host = numeric_host(target->host);
  if (*name != host) arguments.SetSslTargetNameOverride(*name);
  const auto where = host == target->host ? address.target : host + ':' + target->port;
  auto native = grpc::CreateCustomChannel(where, pinned(address, *name, options.holder), arguments);
  return channel(std::move(address), std::move(native));
}

void channel::authorize(grpc::ClientContext& context) const {
  context.AddMetadata("x-codeium-csrf-token", address_.csrf_token);
}

}  // namespace cascade
