#include "mitm/rewrite/h2_rewriter.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "mitm/rewrite/h2_message.hpp"
#include "mitm/rewrite/http1_message.hpp"

namespace mitm {
namespace {

// How much the origin may send ahead of a slow client, and vice versa.
constexpr std::uint32_t stream_window = 1024 * 1024;
constexpr std::uint32_t connection_window = 4 * 1024 * 1024;

}  // namespace

/// What passes through the stream of a WebSocket.
class h2_rewriter::socket_legs final : public websocket_rewriter::sink {
 public:
  socket_legs(h2_rewriter& owner, stream& pair) : owner_(owner), pair_(pair) {}

  void send(side sender, std::string_view bytes) override;
  void show(std::string_view frame) override;
  void note(const rewrite_note& about) override;

 private:
  h2_rewriter& owner_;
  stream& pair_;
};

/// A stream of the client and the origin's stream that serves it.
struct h2_rewriter::stream {
  stream_id down = 0;
  stream_id up = 0;  // 0: not opened with the origin
  h2_fields request;
  std::string held;                   // its body
  net::memory_budget::share covered;  // covers the held bytes until they are sent to the origin
  h2_fields trailers;
  bool holding = false;
  bool head_request = false;
  bool connect = false;
  bool requested = false;  // seen whole
  bool answering = false;  // the final response head was seen
  bool answered = false;   // seen whole
  bool down_closed = false;
  bool up_closed = false;
  std::size_t owed_down = 0;  // bytes received and not yet acknowledged
  std::size_t owed_up = 0;
  std::unique_ptr<exchange_tap> tap;
  std::unique_ptr<tunnel_tap> tunnel;  // null: no tunnel, or of no interest
  std::unique_ptr<response_rewriter> response;
  std::optional<socket_request> asked;         // for a WebSocket whose messages are requests
  std::unique_ptr<socket_legs> legs;           // of the socket
  std::unique_ptr<websocket_rewriter> socket;  // null: it is not open

  stream_id id(side peer) const { return peer == side::downstream ? down : up; }
  std::size_t& owed(side peer) { return peer == side::downstream ? owed_down : owed_up; }
};

void h2_rewriter::socket_legs::send(side sender, std::string_view bytes) {
  if (pair_.tunnel) pair_.tunnel->on_bytes(sender, bytes);
  const side receiver = sender == side::downstream ? side::upstream : side::downstream;
  owner_.endpoint(receiver).send(pair_.id(receiver), bytes);
}

void h2_rewriter::socket_legs::show(std::string_view frame) {
  if (pair_.tunnel) pair_.tunnel->on_bytes(side::downstream, frame);
}

void h2_rewriter::socket_legs::note(const rewrite_note& about) {
  if (pair_.tunnel && !about.empty()) pair_.tunnel->on_rewritten(about);
}

h2_rewriter::h2_rewriter(request_rewriter& rules, exchange_observer& observer, limits bounds, mask_source masks)
    : rules_(rules),
      observer_(observer),
      bounds_(bounds),
      masks_(std::move(masks)),
      downstream_(side::downstream, *this,
                  {bounds.head, static_cast<std::uint32_t>(bounds.open_streams), stream_window, connection_window}),
      upstream_(side::upstream, *this, {bounds.head, 0, stream_window, connection_window}) {}

h2_rewriter::~h2_rewriter() {
  close(exchange_outcome::detached, "the connection was given up");
}

void h2_rewriter::feed(side sender, std::string_view bytes) {
  bool& broken = sender == side::downstream ? downstream_broken_ : upstream_broken_;
  if (broken) return;
  broken = !endpoint(sender).feed(bytes);
  if (broken) feed_end(sender, false);
}

void h2_rewriter::feed_end(side sender, bool) {
  if (sender == side::downstream) {
    downstream_ended_ = true;
    for (auto& [id, each] : streams_) {
      if (each->requested) continue;
      end_exchange(*each, exchange_outcome::downstream_aborted, "the client ended inside the request");
      if (each->up != 0) upstream_.reset(each->up, NGHTTP2_CANCEL);
    }
    return;
  }
  upstream_ended_ = true;
  for (auto& [id, each] : streams_) {
    if (each->answered) continue;
    end_exchange(*each, downstream_ended_ ? exchange_outcome::downstream_aborted : exchange_outcome::upstream_aborted,
                 each->answering ? "the origin ended inside the response" : "the origin ended before the response");
    downstream_.reset_after(each->down, NGHTTP2_INTERNAL_ERROR);
  }
  downstream_.goaway(NGHTTP2_NO_ERROR, false);
}

std::string h2_rewriter::take(side receiver) {
  return endpoint(receiver).take(enough);
}

bool h2_rewriter::ended(side receiver) const {
  if (receiver == side::downstream) return downstream_broken_ || (upstream_ended_ && !downstream_.sending());
  // The client's end is passed on once nothing is in flight.
  return upstream_ended_ || (downstream_ended_ && streams_.empty());
}

void h2_rewriter::close(exchange_outcome outcome, std::string_view cause) {
  for (auto& [id, each] : streams_) {
    if (!each->answering) unanswered_.push_back(id);
    end_exchange(*each, outcome, cause);
    if (const auto tunnel = std::move(each->tunnel)) tunnel->on_end(outcome, cause);
  }
}

bool h2_rewriter::may_answer() const {
  return std::ranges::any_of(streams_, [](const auto& each) { return !each.second->answering; });
}

h2_rewriter::phase h2_rewriter::current() const {
  bool waiting = false;
  bool response = false;
  for (const auto& [id, each] : streams_) {
    if (each->connect && each->answering) return phase::tunnel;
    waiting = waiting || (!each->answering && !each->holding);
    response = response || (each->answering && !each->answered);
  }
  return waiting ? phase::waiting : response ? phase::response : streams_.empty() ? phase::idle : phase::request;
}

std::string h2_rewriter::answer(const local_answer& last) {
  for (const stream_id id : unanswered_) {
    downstream_.respond(id, answer_fields(last), false);
    downstream_.send(id, last.body);
    downstream_.finish(id);
  }
  downstream_.goaway(NGHTTP2_NO_ERROR, false);
  return downstream_.take(SIZE_MAX);
}

void h2_rewriter::on_fields(side peer, stream_id id, h2_fields fields, bool ends) {
  stream* const known = find(peer, id);
  if (peer == side::downstream) {
    if (known == nullptr) return begin(id, std::move(fields), ends);
    if (!known->requested && ends) end_request(*known, std::move(fields));
    return;
  }
  if (known != nullptr) take_answer(*known, std::move(fields), ends);
}

void h2_rewriter::begin(stream_id id, h2_fields fields, bool ends) {
  auto made = std::make_unique<stream>();
  stream& pair = *made;
  streams_.emplace(id, std::move(made));
  pair.down = id;
  pair.covered = net::memory_budget::share(bounds_.held);
  pair.request = std::move(fields);
  const h2_request_text text(pair.request);
  pair.connect = text.head().method == "CONNECT";
  pair.head_request = text.head().method == "HEAD";
  const bool socket = text.is_message() && form_of(text.head()) == request_form::upgrade;
  if (socket && rules_.reads_messages(text.head())) pair.asked.emplace(text.head());
  pair.holding = text.is_message() && (!pair.connect || socket) && rules_.wants(text.head());
  if (pair.holding && pair.connect) {
    decide(pair);  // there is no body to wait for
  } else if (!pair.holding) {
    if (text.is_message()) open_tap(pair, text.head());
    forward(pair, ends);
  }
  // While the head is held, only we can ask for the body (RFC 9110 §10.1.1).
  if (pair.holding && !ends && expects_continue(text.head().fields)) downstream_.interim(id, {{":status", "100"}});
  if (ends) end_request(pair);
}

void h2_rewriter::on_body(side peer, stream_id id, std::string_view piece) {
  stream* const pair = find(peer, id);
  if (pair == nullptr || (peer == side::upstream && !pair->answering)) return endpoint(peer).consumed(id, piece.size());
  if (peer == side::downstream && pair->holding) {
    pair->held += piece;
    downstream_.consumed(id, piece.size());  // to receive the rest
    if (pair->held.size() > bounds_.body) return pass_over(*pair, "the body is over limits.rewrite_body");
    if (!pair->covered.cover(pair->held.size()))
      pass_over(*pair, "the bodies that are held together are over limits.held_bodies");
    return;
  }
  pair->owed(peer) += piece.size();
  if (pair->socket) {
    peer == side::downstream ? pair->socket->client(piece) : pair->socket->server(piece);
    return acknowledge(*pair);
  }
  if (pair->tunnel) pair->tunnel->on_bytes(peer, piece);
  if (peer == side::downstream) {
    if (!pair->answering) pair->asked.reset();  // messages that have begun before the WebSocket was granted
    if (pair->tap && !pair->connect) pair->tap->on_request_body(piece);
    return upstream_.send(pair->up, piece);
  }
  if (pair->tap) pair->tap->on_response_body(piece);
  if (!pair->response) return downstream_.send(pair->down, piece);
  std::string kept;
  pair->response->feed(piece, kept);
  // Removed bytes will never be sent.
  if (kept.empty()) upstream_.consumed(id, std::exchange(pair->owed_up, 0));
  downstream_.send(pair->down, kept);
}

void h2_rewriter::on_body_end(side peer, stream_id id) {
  stream* const pair = find(peer, id);
  if (pair == nullptr) return;
  peer == side::downstream ? end_request(*pair) : end_answer(*pair);
}

void h2_rewriter::end_request(stream& pair, h2_fields trailers) {
  if (std::exchange(pair.requested, true)) return;
  pair.trailers = std::move(trailers);
  if (pair.socket) pair.socket->client_end();
  if (pair.holding) return decide(pair);
  if (pair.tap && !pair.connect) pair.tap->on_request_end();  // a CONNECT ended with its head
  upstream_.finish(pair.up, std::move(pair.trailers));
  end_if_complete(pair);
}

void h2_rewriter::decide(stream& pair) {
  held_request request = held_of(pair.request, std::exchange(pair.held, {}));
  rewritten result = rules_.rewrite(request);
  pair.holding = false;
  pair.response = std::move(result.response);
  if (result.what == rewritten::outcome::changed) pair.request = changed_fields(pair.request, request);
  const h2_request_text text(pair.request);
  open_tap(pair, text.head(), result.note);
  if (result.what != rewritten::outcome::answered) return forward_held(pair, std::move(request.body));
  if (pair.tap && !pair.connect) {
    pair.tap->on_request_body(request.body);
    pair.tap->on_request_end();
  }
  answer_locally(pair, result.answer);
}

void h2_rewriter::pass_over(stream& pair, std::string_view why) {
  pair.holding = false;
  const h2_request_text text(pair.request);
  open_tap(pair, text.head(), rules_.passed_over(text.head(), why));
  forward_held(pair, std::exchange(pair.held, {}));
}

/// Sends the held part of the body after its head. The tap already exists.
void h2_rewriter::forward_held(stream& pair, std::string body) {
  const bool ends = pair.requested && body.empty() && pair.trailers.empty();
  forward(pair, ends);
  if (pair.tap && !body.empty()) pair.tap->on_request_body(body);
  upstream_.send(pair.up, body);
  if (!pair.requested) return;
  if (pair.tap) pair.tap->on_request_end();
  if (!ends) upstream_.finish(pair.up, std::move(pair.trailers));
}

void h2_rewriter::open_tap(stream& pair, const net::wire::request_head& head, const rewrite_note& note) {
  pair.tap = observer_.on_request(head);
  if (pair.tap && !note.empty()) pair.tap->on_rewritten(note);
  if (pair.connect && pair.tap) pair.tap->on_request_end();
}

void h2_rewriter::forward(stream& pair, bool ends) {
  pair.up = upstream_.request(pair.request, ends);
  if (pair.up != 0) {
    upstream_ids_[pair.up] = &pair;
  } else {
    downstream_.reset(pair.down, NGHTTP2_REFUSED_STREAM);
  }
}

void h2_rewriter::answer_locally(stream& pair, const local_answer& answer) {
  pair.response.reset();
  const h2_fields fields = answer_fields(answer);
  const bool ends = pair.head_request || answer.body.empty();
  pair.answering = pair.answered = true;
  if (pair.connect) pair.requested = true;
  if (pair.tap) {
    const std::string lines = field_lines(fields);
    pair.tap->on_response({1, answer.status, {}, net::wire::header_fields(lines)});
    if (!ends) pair.tap->on_response_body(answer.body);
  }
  downstream_.respond(pair.down, fields, ends);
  downstream_.send(pair.down, ends ? std::string_view() : answer.body);
  downstream_.finish(pair.down);
  end_if_complete(pair);
}

void h2_rewriter::take_answer(stream& pair, h2_fields fields, bool ends) {
  if (pair.answering) {
    if (ends) end_answer(pair, std::move(fields));
    return;
  }
  const unsigned status = status_of(fields);
  if (status >= 100 && status < 200 && !ends) return downstream_.interim(pair.down, fields);
  pair.answering = true;
  // Pass it on and let the client decide.
  if (status < 200) end_exchange(pair, exchange_outcome::upstream_aborted, "a malformed response");
  const std::string lines = field_lines(fields);
  const net::wire::response_head head{1, status, {}, net::wire::header_fields(lines)};
  if (pair.tap) pair.tap->on_response(head);
  if (pair.response && !pair.response->wants(head)) pair.response.reset();
  if (pair.response) std::erase_if(fields, [](const net::wire::field& each) { return each.name == "content-length"; });
  if (pair.connect && status >= 200 && status < 300) {
    if (pair.tap) pair.tunnel = pair.tap->on_tunnel();
    open_socket(pair, head);
    end_exchange(pair, exchange_outcome::complete, {});
  }
  downstream_.respond(pair.down, fields, ends);
  if (ends) end_answer(pair);
}

void h2_rewriter::open_socket(stream& pair, const net::wire::response_head& head) {
  if (!pair.asked) return;
  const auto terms = net::wire::parse_websocket_terms(head.fields);
  pair.legs = std::make_unique<socket_legs>(*this, pair);
  if (terms && !terms->unknown_extension) {
    pair.socket =
        std::make_unique<websocket_rewriter>(rules_, std::move(*pair.asked), *terms, masks_,
                                             websocket_rewriter::limits{bounds_.body, bounds_.held}, *pair.legs);
  } else if (rules_.wants(pair.asked->head())) {
    pair.legs->note(rules_.passed_over(pair.asked->head(), unknown_extension));
  }
}

/// What the client sends on a WebSocket has come to rest: with the origin, held until the message is complete, or
/// answered. A client that does not read its answers must not send more either.
void h2_rewriter::acknowledge(stream& pair) {
  const bool rests = upstream_.unsent(pair.up) == 0;
  const bool reads = downstream_.unsent(pair.down) + pair.socket->waiting() < enough;
  if (rests && reads && pair.owed_down != 0) downstream_.consumed(pair.down, std::exchange(pair.owed_down, 0));
}

void h2_rewriter::end_answer(stream& pair, h2_fields trailers) {
  if (!pair.answering) return refuse_answer(pair);
  if (std::exchange(pair.answered, true)) return;
  if (pair.response) {
    std::string rest;
    pair.response->finish(rest);
    downstream_.send(pair.down, rest);
  }
  downstream_.finish(pair.down, std::move(trailers));
  end_if_complete(pair);
}

/// The answer ended before it began.
void h2_rewriter::refuse_answer(stream& pair) {
  end_exchange(pair, exchange_outcome::upstream_aborted, "a malformed response");
  downstream_.reset(pair.down, NGHTTP2_PROTOCOL_ERROR);
}

void h2_rewriter::on_sent(side peer, stream_id id, std::size_t bytes, std::size_t left) {
  stream* const pair = find(peer, id);
  if (pair == nullptr) return;
  const side source = peer == side::downstream ? side::upstream : side::downstream;
  if (peer == side::upstream && left == 0 && !pair->holding) pair->covered.shrink_to(0);
  const std::size_t done = left == 0 ? pair->owed(source) : std::min(bytes, pair->owed(source));
  if (pair->socket) acknowledge(*pair);
  if (pair->socket && source == side::downstream) return;
  pair->owed(source) -= done;
  if (done != 0) endpoint(source).consumed(pair->id(source), done);
}

void h2_rewriter::on_closed(side peer, stream_id id, std::uint32_t error) {
  stream* const pair = find(peer, id);
  if (pair == nullptr) return;
  const bool down = peer == side::downstream;
  (down ? pair->down_closed : pair->up_closed) = true;
  if (down) {
    if (error != 0) end_exchange(*pair, exchange_outcome::downstream_aborted, nghttp2_http2_strerror(error));
    if (pair->up != 0 && !pair->up_closed && error != 0) upstream_.reset(pair->up, error);
    if (pair->owed_up != 0) upstream_.consumed(pair->up, std::exchange(pair->owed_up, 0));
  } else {
    if (!pair->answered) end_exchange(*pair, exchange_outcome::upstream_aborted, nghttp2_http2_strerror(error));
    // A complete answer may be followed by a reset that stops the request (RFC 9113 §8.1).
    if (!pair->down_closed && (error != 0 || !pair->requested || !pair->answered))
      downstream_.reset_after(pair->down, error);
    if (pair->owed_down != 0) downstream_.consumed(pair->down, std::exchange(pair->owed_down, 0));
  }
  forget_if_closed(*pair);
}

void h2_rewriter::on_goaway(side peer, stream_id last, std::uint32_t error) {
  if (peer == side::upstream) downstream_.goaway(error, last == INT32_MAX);
}

void h2_rewriter::on_settings(side peer) {
  if (peer == side::downstream) return;
  const auto theirs = upstream_.peer_setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  downstream_.allow(std::min(theirs, static_cast<std::uint32_t>(bounds_.open_streams)),
                    upstream_.peer_setting(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1);
}

h2_rewriter::stream* h2_rewriter::find(side peer, stream_id id) {
  if (peer == side::downstream) {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : found->second.get();
  }
  const auto found = upstream_ids_.find(id);
  return found == upstream_ids_.end() ? nullptr : found->second;
}

void h2_rewriter::end_exchange(stream& pair, exchange_outcome outcome, std::string_view cause) {
  if (!pair.tap) return;
  const auto tap = std::move(pair.tap);
  const bool whole = pair.answered && outcome != exchange_outcome::detached;
  tap->on_end(whole ? exchange_outcome::complete : outcome, whole ? std::string_view() : cause);
}

void h2_rewriter::end_if_complete(stream& pair) {
  if (pair.requested && pair.answered) end_exchange(pair, exchange_outcome::complete, {});
}

void h2_rewriter::forget_if_closed(stream& pair) {
  if (!pair.down_closed || (pair.up != 0 && !pair.up_closed)) return;
  end_exchange(pair, exchange_outcome::upstream_aborted, "");
  if (const auto tunnel = std::move(pair.tunnel)) tunnel->on_end(exchange_outcome::upstream_aborted, "");
  if (pair.up != 0) upstream_ids_.erase(pair.up);
  streams_.erase(pair.down);
}

}  // namespace mitm
