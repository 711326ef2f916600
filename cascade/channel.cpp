#include "cascade/channel.hpp"

#include <utility>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include "cascade/channel_trust.hpp"

namespace cascade {
namespace {

int milliseconds(std::chrono::milliseconds time) {
  return static_cast<int>(time.count());
}

void limit_buffers(grpc::ChannelArguments& arguments, const channel_options& options) {
  arguments.SetMaxReceiveMessageSize(options.max_receive_bytes);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, options.stream_window_bytes);
  // The probe widens windows to several megabytes per stream whether or not anybody reads.
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

/// No proxy of the environment, no service configuration from DNS, no call sent twice behind our back, and no
/// connection or back-off state shared with a channel to the process that had this port before.
void keep_to_ourselves(grpc::ChannelArguments& arguments) {
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
}

std::shared_ptr<grpc::ChannelCredentials> pinned(const std::string& certificate_pem) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = certificate_pem;
  return grpc::SslCredentials(tls);
}

}  // namespace

channel::channel(server_address address, std::shared_ptr<grpc::Channel> native)
    : address_(std::move(address)), native_(std::move(native)) {}

rpc_result<channel> channel::open(server_address address, const channel_options& options) {
  const auto target = split_target(address.target);
  if (target.has_error()) return target.error();
  // An empty root would make gRPC fall back on the system's authorities.
  const auto name = expected_name(address.certificate_pem, target->host);
  if (name.has_error()) return name.error();

  grpc::ChannelArguments arguments;
  limit_buffers(arguments, options);
  keep_connected(arguments, options);
  keep_to_ourselves(arguments);
  if (*name != target->host) arguments.SetSslTargetNameOverride(*name);
  auto native = grpc::CreateCustomChannel(address.target, pinned(address.certificate_pem), arguments);
  return channel(std::move(address), std::move(native));
}

void channel::authorize(grpc::ClientContext& context) const {
  context.AddMetadata("x-codeium-csrf-token", address_.csrf_token);
}

}  // namespace cascade
