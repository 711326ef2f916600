#include "mitm/tap/exchange_tracker.hpp"

#include <algorithm>
#include <utility>

#include "net/wire/body_framing.hpp"
#include "net/wire/message_head.hpp"

namespace mitm {
namespace {

namespace wire = net::wire;

constexpr std::string_view head_method = "HEAD";
constexpr std::string_view connect_method = "CONNECT";

/// The method if it affects the framing of the response, as a view that outlives the request head.
std::string_view framing_method(std::string_view method) {
  if (method == head_method) return head_method;
  return method == connect_method ? connect_method : std::string_view();
}

bool is_interim(unsigned status) {
  return status < 200 && status != 101;
}

}  // namespace

void exchange_tracker::flow::reset() {
  head.release();
  in_body = false;
}

exchange_tracker::exchange_tracker(exchange_observer& observer, limits bounds)
    : observer_(observer),
      pipelined_(bounds.pipelined),
      request_{wire::head_collector(bounds.head), {}, false, false},
      response_{wire::head_collector(bounds.head), {}, false, false} {}

exchange_tracker::~exchange_tracker() {
  close(exchange_outcome::detached, "the connection was given up");
}

void exchange_tracker::annotate(rewrite_note note) {
  if (!tunnel_) {
    note_ = std::move(note);
  } else if (tunnel_tap_ && !note.empty()) {
    tunnel_tap_->on_rewritten(note);
  }
}

void exchange_tracker::observe(side sender, std::string_view bytes) {
  if ((sender == side::downstream ? request_ : response_).ended) return;
  while (!bytes.empty() && following()) {
    bytes.remove_prefix(sender == side::downstream ? read_request(bytes) : read_response(bytes));
  }
  if (tunnel_tap_ && !bytes.empty()) tunnel_tap_->on_bytes(sender, bytes);
}

void exchange_tracker::observe_end(side sender) {
  flow& ended = sender == side::downstream ? request_ : response_;
  if (ended.ended || !following()) return;
  ended.ended = true;
  if (sender == side::upstream || !request_.between_messages()) reuse_.spoil();
  sender == side::downstream ? end_downstream() : end_upstream();
  ended.reset();
}

void exchange_tracker::close(exchange_outcome outcome, std::string_view cause) {
  if (closed_) return;
  closed_ = true;
  request_.reset();
  response_.reset();
  end_all(outcome, cause);
  if (const auto tunnel = std::move(tunnel_tap_)) tunnel->on_end(outcome, cause);
}

exchange_tracker::phase exchange_tracker::current() const noexcept {
  if (tunnel_ || detached()) return phase::tunnel;
  if (open_.empty()) return request_.between_messages() ? phase::idle : phase::request;
  if (!response_.between_messages()) return phase::response;
  const exchange& oldest = open_.front();
  return oldest.requested || oldest.cut ? phase::waiting : phase::request;
}

std::size_t exchange_tracker::open() const noexcept {
  return open_.size();
}

bool exchange_tracker::may_answer() const noexcept {
  return !open_.empty() && !open_.front().answered && response_.between_messages();
}

std::chrono::milliseconds exchange_tracker::reusable_for(std::chrono::milliseconds most) const noexcept {
  if (!following() || current() != phase::idle) return {};
  return reuse_.wait(most);
}

bool exchange_tracker::following() const noexcept {
  return !closed_ && !tunnel_ && !detached();
}

/// The exchange whose request is arriving. Null if that exchange has ended but the rest of its request is still
/// arriving.
exchange_tracker::exchange* exchange_tracker::being_sent() noexcept {
  return open_.empty() || open_.back().requested ? nullptr : &open_.back();
}

/// Like all read functions, returns the number of consumed bytes.
std::size_t exchange_tracker::read_request(std::string_view bytes) {
  if (request_.in_body) return read_body(side::downstream, bytes);
  if (request_.head.empty()) {
    // RFC 9112 §2.2: empty lines before a request are ignored.
    const std::size_t blank = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
    if (blank > 0) {
      reuse_.spoil();  // the origin got them, too
      return blank;
    }
  }
  const auto step = request_.head.feed(bytes);
  if (!step) return detach("a request head over the limit");
  if (!step->head.empty()) {
    begin_request(step->head);
    request_.head.release();
  }
  return step->consumed;
}

std::size_t exchange_tracker::read_response(std::string_view bytes) {
  if (open_.empty() || open_.front().answered) return detach("a response without a request");
  if (response_.in_body) return read_body(side::upstream, bytes);
  const auto step = response_.head.feed(bytes);
  if (!step) return detach("a response head over the limit");
  if (!step->head.empty()) {
    begin_response(step->head);
    response_.head.release();
  }
  return step->consumed;
}

std::size_t exchange_tracker::read_body(side sender, std::string_view bytes) {
  const bool down = sender == side::downstream;
  flow& way = down ? request_ : response_;
  const auto step = way.body.feed(bytes);
  if (!step) return detach(down ? "a malformed chunk in a request" : "a malformed chunk in a response");
  exchange* const owner = down ? being_sent() : &open_.front();
  if (!step->body.empty() && owner && owner->tap) {
    down ? owner->tap->on_request_body(step->body) : owner->tap->on_response_body(step->body);
  }
  if (way.body.done()) down ? end_request() : end_response();
  return step->consumed;
}

void exchange_tracker::begin_request(std::string_view text) {
  const auto head = wire::parse_request_head(text);
  if (!head) return void(detach("a malformed request head"));
  const auto framing = wire::frame_request(*head);
  if (!framing) return void(detach("ambiguous framing of a request"));
  if (open_.size() >= pipelined_) return void(detach("too many pipelined requests"));

  reuse_.request(*head);
  open_.push_back({observer_.on_request(*head), framing_method(head->method)});
  const rewrite_note note = std::exchange(note_, {});
  if (open_.back().tap && !note.empty()) open_.back().tap->on_rewritten(note);
  last_is_head_ = head->method == head_method;
  request_.body.begin(*framing);
  request_.in_body = true;
  if (request_.body.done()) end_request();
}

void exchange_tracker::begin_response(std::string_view text) {
  const auto head = wire::parse_response_head(text);
  if (!head) return void(detach("a malformed response head"));
  exchange& oldest = open_.front();
  const auto framing = wire::frame_response(*head, oldest.method);
  if (!framing) return void(detach("ambiguous framing of a response"));
  if (is_interim(head->status)) return;

  reuse_.response(*head);
  // Others than this client may see its end elsewhere.
  if (!wire::odd_framing(*head, oldest.method).empty()) reuse_.spoil();
  if (oldest.tap) oldest.tap->on_response(*head);
  if (framing->how == wire::body_framing::kind::tunnel) return enter_tunnel();
  response_.body.begin(*framing);
  response_.in_body = true;
  if (response_.body.done()) end_response();
}

void exchange_tracker::end_request() {
  exchange* const sent = being_sent();
  request_.in_body = false;
  if (!sent) return;
  sent->requested = true;
  if (sent->tap) sent->tap->on_request_end();
  if (sent->answered) end_oldest(exchange_outcome::complete, {});  // nothing follows an incomplete request
}

void exchange_tracker::end_response() {
  response_.in_body = false;
  exchange& oldest = open_.front();
  oldest.answered = true;
  if (oldest.requested || oldest.cut) end_oldest(exchange_outcome::complete, {});
}

void exchange_tracker::end_downstream() {
  exchange* const sent = being_sent();
  if (!sent) return;
  // A client that stops sending after the answer has got the answer, as usual after an early 4xx.
  if (sent->answered) return end_oldest(exchange_outcome::complete, {});
  sent->cut = true;
}

void exchange_tracker::end_upstream() {
  if (response_.in_body && response_.body.lasts_until_close()) end_response();
  if (!open_.empty() && open_.front().answered) end_oldest(exchange_outcome::complete, {});
  if (open_.empty()) return;
  const bool inside = !response_.between_messages();
  end_oldest(exchange_outcome::upstream_aborted,
             inside ? "the origin ended inside the response" : "the origin ended before the response");
  end_all(exchange_outcome::upstream_aborted, "the origin ended before the response");
}

void exchange_tracker::enter_tunnel() {
  tunnel_ = true;
  request_.reset();
  response_.reset();
  if (const auto& tap = open_.front().tap) tunnel_tap_ = tap->on_tunnel();
  end_oldest(exchange_outcome::complete, {});
  end_all(exchange_outcome::detached, "the connection became a tunnel");
}

/// Returns 0: nothing is followed any more.
std::size_t exchange_tracker::detach(std::string_view reason) {
  detached_ = reason;
  request_.reset();
  response_.reset();
  end_all(exchange_outcome::detached, reason);
  return 0;
}

void exchange_tracker::end_oldest(exchange_outcome outcome, std::string_view cause) {
  const exchange ended = std::move(open_.front());
  open_.erase(open_.begin());
  outcome == exchange_outcome::complete && !ended.cut ? reuse_.exchange_complete() : reuse_.spoil();
  if (!ended.tap) return;
  const bool cut = ended.cut && outcome != exchange_outcome::detached;
  if (cut) cause = "the client ended inside the request";
  ended.tap->on_end(cut ? exchange_outcome::downstream_aborted : outcome, cause);
}

void exchange_tracker::end_all(exchange_outcome outcome, std::string_view cause) {
  while (!open_.empty()) end_oldest(outcome, cause);
}

}  // namespace mitm
