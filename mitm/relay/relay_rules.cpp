#include "mitm/relay/relay_rules.hpp"

#include <utility>

#include <boost/asio/error.hpp>

namespace mitm {

void end_direction(net::plain_stream& stream, boost::system::error_code) {
  stream.shutdown_send();
}

void end_direction(net::tls_stream& stream, boost::system::error_code how) {
  if (how == asio::error::eof) {
    stream.shutdown_send();
  } else {
    stream.truncate();
  }
}

bool is_end(boost::system::error_code error) {
  return error == asio::error::eof || error == net::errc::truncated;
}

std::chrono::milliseconds limit_of(const limits& bounds, connection_tracker::phase now) {
  switch (now) {
    case connection_tracker::phase::idle:
      return bounds.request_idle;
    case connection_tracker::phase::request:
      return bounds.request_stall;
    case connection_tracker::phase::waiting:
      return bounds.first_response_byte;
    case connection_tracker::phase::response:
      return bounds.stream_idle;
    case connection_tracker::phase::tunnel:
      return bounds.tunnel_idle;
  }
  return bounds.tunnel_idle;
}

std::optional<side> silent_side(connection_tracker::phase now, bool downstream_ended, bool upstream_ended) {
  using enum connection_tracker::phase;
  if (now != request && now != waiting && now != response) return std::nullopt;
  if (downstream_ended || upstream_ended) return upstream_ended ? side::downstream : side::upstream;
  return now == request ? side::downstream : side::upstream;
}

net::failure failure_of(side where, connection_tracker::phase now, boost::system::error_code code, std::string words) {
  using enum connection_tracker::phase;
  net::failure failure;
  failure.side = where == side::downstream ? net::failure::side_of::downstream : net::failure::side_of::upstream;
  failure.phase = now == tunnel                   ? net::failure::phase_of::tunnel
                  : now == idle || now == request ? net::failure::phase_of::request
                                                  : net::failure::phase_of::response;
  failure.code = code;
  failure.detail = std::move(words);
  if (code == asio::error::operation_aborted) failure.side = net::failure::side_of::internal;
  return failure;
}

exchange_end end_after(const std::optional<net::failure>& failure) {
  if (!failure) return {exchange_outcome::upstream_aborted, ""};
  const bool ours = failure->side != net::failure::side_of::upstream;
  if (failure->code == asio::error::timed_out) {
    return {exchange_outcome::timed_out, ours ? "downstream_timeout" : "upstream_timeout"};
  }
  return {ours ? exchange_outcome::downstream_aborted : exchange_outcome::upstream_aborted, failure->code.message()};
}

}  // namespace mitm
