#include "mitm/tap/h2_streams.hpp"

#include <algorithm>
#include <utility>

namespace mitm {

h2_stream& h2_streams::open(std::uint32_t id) {
  (id % 2 == 1 ? last_asked_ : last_pushed_) = id;
  const auto place = std::ranges::upper_bound(open_, id, {}, &h2_stream::id);
  h2_stream opened;
  opened.id = id;
  return *open_.insert(place, std::move(opened));
}

h2_stream* h2_streams::find(std::uint32_t id) noexcept {
  const auto place = std::ranges::lower_bound(open_, id, {}, &h2_stream::id);
  return place != open_.end() && place->id == id ? &*place : nullptr;
}

void h2_streams::end_request(h2_stream& stream) {
  stream.ended = true;
  if (std::exchange(stream.requested, true)) return;
  if (stream.tap) stream.tap->on_request_end();
  if (stream.answered) end(stream, exchange_outcome::complete, {});
}

void h2_streams::end_response(h2_stream& stream) {
  if (!stream.answering) return end(stream, exchange_outcome::upstream_aborted, "a malformed response");
  stream.answered = true;
  if (stream.requested) end(stream, exchange_outcome::complete, {});
}

void h2_streams::enter_tunnel(h2_stream& stream) {
  stream.tunnel = true;
  // From here on the flags describe the two sides of the tunnel.
  stream.requested = stream.ended;
  if (const auto tap = std::move(stream.tap)) {
    stream.tunnel_tap = tap->on_tunnel();
    tap->on_end(exchange_outcome::complete, {});
  }
}

void h2_streams::end(h2_stream& stream, exchange_outcome outcome, std::string_view cause) {
  const h2_stream ended = std::move(stream);
  open_.erase(std::ranges::lower_bound(open_, ended.id, {}, &h2_stream::id));
  if (ended.tap) ended.tap->on_end(outcome, cause);
  if (ended.tunnel_tap) ended.tunnel_tap->on_end(outcome, cause);
}

void h2_streams::end_all(exchange_outcome outcome, std::string_view cause) {
  while (!open_.empty()) end(open_.front(), outcome, cause);
}

void h2_streams::end_refused(std::uint32_t last) {
  for (std::size_t i = 0; i < open_.size();) {
    if (open_[i].id % 2 == 0 || open_[i].id <= last) {
      ++i;
    } else {
      end(open_[i], exchange_outcome::upstream_aborted, "the origin went away before the request");
    }
  }
}

void h2_streams::end_downstream() {
  for (std::size_t i = 0; i < open_.size();) {
    if (open_[i].requested) {
      ++i;
    } else if (open_[i].answered) {
      // A client that stops sending after the answer has got the answer.
      end(open_[i], exchange_outcome::complete, {});
    } else {
      end(open_[i], exchange_outcome::downstream_aborted, "the client ended inside the request");
    }
  }
}

void h2_streams::end_upstream(bool client_left) {
  const auto outcome = client_left ? exchange_outcome::downstream_aborted : exchange_outcome::upstream_aborted;
  while (!open_.empty()) {
    h2_stream& oldest = open_.front();
    if (oldest.answered) {
      end(oldest, exchange_outcome::complete, {});
    } else if (client_left) {
      end(oldest, outcome, "the client ended before the response was whole");
    } else {
      end(oldest, outcome,
          oldest.answering ? "the origin ended inside the response" : "the origin ended before the response");
    }
  }
}

/// Both directions of a stream are active at once, so before its answer a silent stream may be waiting for the origin
/// even if its request is incomplete (as in gRPC).
h2_streams::phase h2_streams::current() const noexcept {
  // From the shortest limit to the longest.
  constexpr phase order[] = {phase::idle, phase::request, phase::response, phase::waiting, phase::tunnel};
  const auto rank = [&](phase which) { return std::ranges::find(order, which) - order; };
  phase found = phase::idle;
  for (const h2_stream& each : open_) {
    const phase now = each.tunnel       ? phase::tunnel
                      : !each.answering ? phase::waiting
                      : each.answered   ? phase::request
                                        : phase::response;
    if (rank(now) > rank(found)) found = now;
    if (found == phase::tunnel) break;
  }
  return found;
}

void h2_streams::release() {
  if (open_.empty()) std::vector<h2_stream>().swap(open_);
}

std::vector<std::uint32_t> h2_streams::ids() const {
  std::vector<std::uint32_t> found;
  for (const h2_stream& each : open_) {
    if (each.id % 2 == 1) found.push_back(each.id);
  }
  return found;
}

}  // namespace mitm
