#include "mitm/rewrite/h2_rewriter.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "mitm/rewrite/h2_message.hpp"
#include "mitm/rewrite/http1_message.hpp"

namespace mitm {
namespace {

// What the origin may send ahead of a client that reads slowly, and the other way round.
constexpr std::uint32_t stream_window = 1024 * 1024;
constexpr std::uint32_t connection_window = 4 * 1024 * 1024;

}  // namespace

/// A stream of the client and that of the origin which serves it.
struct h2_rewriter::stream {
  stream_id down = 0;
  stream_id up = 0;  // 0: the origin does not know of it
  h2_fields request;
  std::string held;                   // its body
  net::memory_budget::share covered;  // what is held, until it has left for the origin
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
  std::unique_ptr<response_rewriter> response;

  stream_id id(side peer) const { return peer == side::downstream ? down : up; }
  std::size_t& owed(side peer) { return peer == side::downstream ? owed_down : owed_up; }
};

h2_rewriter::h2_rewriter(request_rewriter& rules, exchange_observer& observer, limits bounds)
    : rules_(rules),
      observer_(observer),
      bounds_(bounds),
      downstream_(side::downstream, *this,
                  {bounds.head, static_cast<std::uint32_t>(bounds.open_streams), stream_window, connection_window}),
      upstream_(side::upstream, *this, {bounds.head, 0, stream_window, connection_window}) {}

h2_rewriter::~h2_rewriter() {
  close(exchange_outcome::detached, "the connection was given up");
}

void h2_rewriter::feed(side from, std::string_view bytes) {
  bool& broken = from == side::downstream ? downstream_broken_ : upstream_broken_;
  if (broken) return;
  broken = !at(from).feed(bytes);
  if (broken) feed_end(from, false);
}

void h2_rewriter::feed_end(side from, bool) {
  if (from == side::downstream) {
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

std::string h2_rewriter::take(side to) {
  return at(to).take(enough);
}

bool h2_rewriter::ended(side to) const {
  if (to == side::downstream) return downstream_broken_ || (upstream_ended_ && !downstream_.sending());
  // The client's end is passed on once nothing of it is on its way any more.
  return upstream_ended_ || (downstream_ended_ && streams_.empty());
}

void h2_rewriter::close(exchange_outcome outcome, std::string_view cause) {
  for (auto& [id, each] : streams_) {
    if (!each->answering) unanswered_.push_back(id);
    end_exchange(*each, outcome, cause);
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

void h2_rewriter::on_fields(side from, stream_id id, h2_fields fields, bool ends) {
  stream* const known = find(from, id);
  if (from == side::downstream) {
    if (known == nullptr) return begin(id, std::move(fields), ends);
    if (!known->requested && ends) end_request(*known, std::move(fields));
    return;
  }
  if (known != nullptr) take_answer(*known, std::move(fields), ends);
}

void h2_rewriter::begin(stream_id id, h2_fields fields, bool ends) {
  auto made = std::make_unique<stream>();
  stream& of = *made;
  streams_.emplace(id, std::move(made));
  of.down = id;
  of.covered = net::memory_budget::share(bounds_.held);
  of.request = std::move(fields);
  const h2_request_text text(of.request);
  of.connect = text.head().method == "CONNECT";
  of.head_request = text.head().method == "HEAD";
  of.holding = text.is_message() && !of.connect && rules_.wants(text.head());
  if (!of.holding) {
    if (text.is_message()) open_tap(of, text.head());
    forward(of, ends);
  }
  // Nobody else could ask for the body while its head is held (RFC 9110 §10.1.1).
  if (of.holding && !ends && expects_continue(text.head().fields)) downstream_.interim(id, {{":status", "100"}});
  if (ends) end_request(of);
}

void h2_rewriter::on_body(side from, stream_id id, std::string_view piece) {
  stream* const of = find(from, id);
  if (of == nullptr || (from == side::upstream && !of->answering)) return at(from).consumed(id, piece.size());
  if (from == side::downstream && of->holding) {
    of->held += piece;
    downstream_.consumed(id, piece.size());  // so that the rest comes
    if (of->held.size() > bounds_.body) return pass_over(*of, "the body is over limits.rewrite_body");
    if (!of->covered.cover(of->held.size()))
      pass_over(*of, "the bodies that are held together are over limits.held_bodies");
    return;
  }
  of->owed(from) += piece.size();
  if (from == side::downstream) {
    if (of->tap && !of->connect) of->tap->on_request_body(piece);
    return upstream_.send(of->up, piece);
  }
  if (of->tap) of->tap->on_response_body(piece);
  if (!of->response) return downstream_.send(of->down, piece);
  std::string kept;
  of->response->feed(piece, kept);
  // What was taken out will never be sent.
  if (kept.empty()) upstream_.consumed(id, std::exchange(of->owed_up, 0));
  downstream_.send(of->down, kept);
}

void h2_rewriter::on_body_end(side from, stream_id id) {
  stream* const of = find(from, id);
  if (of == nullptr) return;
  from == side::downstream ? end_request(*of) : end_answer(*of);
}

void h2_rewriter::end_request(stream& of, h2_fields trailers) {
  if (std::exchange(of.requested, true)) return;
  of.trailers = std::move(trailers);
  if (of.holding) return decide(of);
  if (of.tap && !of.connect) of.tap->on_request_end();  // a CONNECT ended with its head
  upstream_.finish(of.up, std::move(of.trailers));
  end_if_complete(of);
}

void h2_rewriter::decide(stream& of) {
  held_request request = held_of(of.request, std::exchange(of.held, {}));
  rewritten result = rules_.rewrite(request);
  of.holding = false;
  of.response = std::move(result.response);
  if (result.what == rewritten::outcome::changed) of.request = changed_fields(of.request, request);
  const h2_request_text text(of.request);
  open_tap(of, text.head(), result.note);
  if (result.what != rewritten::outcome::answered) return forward_held(of, std::move(request.body));
  if (of.tap) {
    of.tap->on_request_body(request.body);
    of.tap->on_request_end();
  }
  answer_locally(of, result.answer);
}

void h2_rewriter::pass_over(stream& of, std::string_view why) {
  of.holding = false;
  const h2_request_text text(of.request);
  open_tap(of, text.head(), rules_.passed_over(text.head(), why));
  forward_held(of, std::exchange(of.held, {}));
}

/// What was held of the body goes with its head; its tap is there already.
void h2_rewriter::forward_held(stream& of, std::string body) {
  const bool ends = of.requested && body.empty() && of.trailers.empty();
  forward(of, ends);
  if (of.tap && !body.empty()) of.tap->on_request_body(body);
  upstream_.send(of.up, body);
  if (!of.requested) return;
  if (of.tap) of.tap->on_request_end();
  if (!ends) upstream_.finish(of.up, std::move(of.trailers));
}

void h2_rewriter::open_tap(stream& of, const net::wire::request_head& head, const rewrite_note& note) {
  of.tap = observer_.on_request(head);
  if (of.tap && !note.empty()) of.tap->on_rewritten(note);
  if (of.connect && of.tap) of.tap->on_request_end();
}

void h2_rewriter::forward(stream& of, bool ends) {
  of.up = upstream_.request(of.request, ends);
  if (of.up != 0) {
    upstream_ids_[of.up] = &of;
  } else {
    downstream_.reset(of.down, NGHTTP2_REFUSED_STREAM);
  }
}

void h2_rewriter::answer_locally(stream& of, const local_answer& answer) {
  of.response.reset();
  const h2_fields fields = answer_fields(answer);
  const bool ends = of.head_request || answer.body.empty();
  of.answering = of.answered = true;
  if (of.tap) {
    const std::string lines = field_lines(fields);
    of.tap->on_response({1, answer.status, {}, net::wire::header_fields(lines)});
    if (!ends) of.tap->on_response_body(answer.body);
  }
  downstream_.respond(of.down, fields, ends);
  downstream_.send(of.down, ends ? std::string_view() : answer.body);
  downstream_.finish(of.down);
  end_if_complete(of);
}

void h2_rewriter::take_answer(stream& of, h2_fields fields, bool ends) {
  if (of.answering) {
    if (ends) end_answer(of, std::move(fields));
    return;
  }
  const unsigned status = status_of(fields);
  if (status >= 100 && status < 200 && !ends) return downstream_.interim(of.down, fields);
  of.answering = true;
  // It is passed on, for the client to judge.
  if (status < 200) end_exchange(of, exchange_outcome::upstream_aborted, "a malformed response");
  const std::string lines = field_lines(fields);
  const net::wire::response_head head{1, status, {}, net::wire::header_fields(lines)};
  if (of.tap) of.tap->on_response(head);
  if (of.response && !of.response->wants(head)) of.response.reset();
  if (of.response) std::erase_if(fields, [](const net::wire::field& each) { return each.name == "content-length"; });
  if (of.connect && status < 300) end_exchange(of, exchange_outcome::complete, {});
  downstream_.respond(of.down, fields, ends);
  if (ends) end_answer(of);
}

void h2_rewriter::end_answer(stream& of, h2_fields trailers) {
  if (!of.answering) return refuse_answer(of);
  if (std::exchange(of.answered, true)) return;
  if (of.response) {
    std::string rest;
    of.response->finish(rest);
    downstream_.send(of.down, rest);
  }
  downstream_.finish(of.down, std::move(trailers));
  end_if_complete(of);
}

/// It ended before it began.
void h2_rewriter::refuse_answer(stream& of) {
  end_exchange(of, exchange_outcome::upstream_aborted, "a malformed response");
  downstream_.reset(of.down, NGHTTP2_PROTOCOL_ERROR);
}

void h2_rewriter::on_sent(side to, stream_id id, std::size_t bytes, std::size_t left) {
  stream* const of = find(to, id);
  if (of == nullptr) return;
  const side source = to == side::downstream ? side::upstream : side::downstream;
  if (to == side::upstream && left == 0 && !of->holding) of->covered.shrink_to(0);
  const std::size_t done = left == 0 ? of->owed(source) : std::min(bytes, of->owed(source));
  of->owed(source) -= done;
  if (done != 0) at(source).consumed(of->id(source), done);
}

void h2_rewriter::on_closed(side from, stream_id id, std::uint32_t error) {
  stream* const of = find(from, id);
  if (of == nullptr) return;
  const bool down = from == side::downstream;
  (down ? of->down_closed : of->up_closed) = true;
  if (down) {
    if (error != 0) end_exchange(*of, exchange_outcome::downstream_aborted, nghttp2_http2_strerror(error));
    if (of->up != 0 && !of->up_closed && error != 0) upstream_.reset(of->up, error);
    if (of->owed_up != 0) upstream_.consumed(of->up, std::exchange(of->owed_up, 0));
  } else {
    if (!of->answered) end_exchange(*of, exchange_outcome::upstream_aborted, nghttp2_http2_strerror(error));
    // An answer that is whole may come with a request to send no more (RFC 9113 §8.1).
    if (!of->down_closed && (error != 0 || !of->requested || !of->answered)) downstream_.reset_after(of->down, error);
    if (of->owed_down != 0) downstream_.consumed(of->down, std::exchange(of->owed_down, 0));
  }
  forget_if_closed(*of);
}

void h2_rewriter::on_goaway(side from, stream_id last, std::uint32_t error) {
  if (from == side::upstream) downstream_.goaway(error, last == INT32_MAX);
}

void h2_rewriter::on_settings(side from) {
  if (from == side::downstream) return;
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

void h2_rewriter::end_exchange(stream& of, exchange_outcome outcome, std::string_view cause) {
  if (!of.tap) return;
  const auto tap = std::move(of.tap);
  const bool whole = of.answered && outcome != exchange_outcome::detached;
  tap->on_end(whole ? exchange_outcome::complete : outcome, whole ? std::string_view() : cause);
}

void h2_rewriter::end_if_complete(stream& of) {
  if (of.requested && of.answered) end_exchange(of, exchange_outcome::complete, {});
}

void h2_rewriter::forget_if_closed(stream& of) {
  if (!of.down_closed || (of.up != 0 && !of.up_closed)) return;
  end_exchange(of, exchange_outcome::upstream_aborted, "");
  if (of.up != 0) upstream_ids_.erase(of.up);
  streams_.erase(of.down);
}

}  // namespace mitm
