#include "mitm/rewrite/http1_rewriter.hpp"

#include <algorithm>
#include <utility>

#include "mitm/rewrite/http1_message.hpp"
#include "mitm/rewrite/local_answer.hpp"
#include "net/wire/body_framing.hpp"

namespace mitm {

namespace wire = net::wire;

http1_rewriter::http1_rewriter(request_rewriter& rules, exchange_observer& observer, limits bounds, mask_source masks)
    : rules_(rules),
      bounds_(bounds),
      tracker_(observer, {bounds.head, 2}),
      covered_(bounds.held),
      masks_(std::move(masks)),
      answer_head_(bounds.head) {}

void http1_rewriter::feed(side sender, std::string_view bytes) {
  if (sender == side::downstream) {
    pending_ += bytes;
  } else if (response_) {
    filter(bytes);
  } else if (socket_) {
    socket_->server(bytes);
  } else if (upgrade_) {
    read_upgrade_answer(bytes);
  } else {
    send(side::upstream, bytes);
  }
  if (tracker_.open() == 0) response_.reset();
  advance();
}

void http1_rewriter::feed_end(side sender, bool clean) {
  if (sender == side::downstream) {
    downstream_ended_ = true;
    return advance();
  }
  if (clean) {
    tracker_.observe_end(side::upstream);
  } else {
    // RFC 9112 §9.8: a body that lasts until close is whole only if TLS was closed properly.
    tracker_.close(exchange_outcome::upstream_aborted, "the origin cut the connection");
  }
  if (response_ && answering_ == answering::body && answer_body_.lasts_until_close()) finish_filtered();
  closing_[static_cast<std::size_t>(side::downstream)] = true;
  advance();
}

std::string http1_rewriter::take(side receiver) {
  // By now the previously taken bytes are written.
  if (receiver == side::upstream && out(receiver).empty() && held_.empty()) covered_.shrink_to(0);
  return std::exchange(out(receiver), {});
}

bool http1_rewriter::full(side sender) const {
  if (sender == side::upstream) return out(side::downstream).size() >= enough;
  if (socket_ && out(side::downstream).size() + socket_->waiting() >= enough) return true;  // with our answers
  return out(side::upstream).size() >= enough || pending_.size() >= bounds_.head + enough;
}

bool http1_rewriter::ended(side receiver) const {
  return closing_[static_cast<std::size_t>(receiver)] && out(receiver).empty();
}

http1_rewriter::phase http1_rewriter::current() const {
  const bool arriving = reading_ == reading::holding || (reading_ == reading::head && !pending_.empty());
  const phase seen = tracker_.current();
  return arriving && seen == phase::idle ? phase::request : seen;
}

std::string http1_rewriter::answer(const local_answer& last) {
  return last_answer(last, !head_request_);
}

void http1_rewriter::advance() {
  while (!transparent() && step()) {
  }
  if (transparent()) {
    // The tap is detached or this is a tunnel, so nothing is held any longer.
    const std::string bytes = std::exchange(held_, {}) + std::exchange(pending_, {});
    socket_ ? socket_->client(bytes) : pass(bytes);
  }
  if (downstream_ended_ && (tracker_.open() == 0 || pending_.empty())) end_downstream();
}

/// False: more bytes are needed.
bool http1_rewriter::step() {
  if (pending_.empty()) return false;
  return reading_ == reading::head ? read_head() : read_body();
}

bool http1_rewriter::read_head() {
  if (tracker_.open() != 0) return false;  // one exchange after the other
  // RFC 9112 §2.2: empty lines before a request are ignored.
  if (const std::size_t blank = std::min(pending_.find_first_not_of("\r\n"), pending_.size()); blank > 0) {
    pass(std::string_view(pending_).substr(0, blank));
    pending_.erase(0, blank);
    searched_ = 0;
    return true;
  }
  const auto length = wire::head_length(pending_, searched_);
  searched_ = length ? 0 : pending_.size();
  if (length.value_or(pending_.size()) > bounds_.head) {
    pass(std::exchange(pending_, {}));  // by which the tracker lets go
    return false;
  }
  if (!length) return false;
  begin(std::string_view(pending_).substr(0, *length));
  pending_.erase(0, *length);
  return true;
}

void http1_rewriter::begin(std::string_view text) {
  const auto head = wire::parse_request_head(text);
  const auto framing = head ? wire::frame_request(*head) : wire::errc::malformed;
  if (!framing) return pass(text);  // by which the tracker lets go
  head_request_ = head->method == "HEAD";
  upgrade_.reset();
  if (rules_.reads_messages(*head)) upgrade_.emplace(*head);
  body_.begin(*framing);
  // An HTTP/1.0 client may not understand the answer to a changed request.
  if (head->minor_version == 0 || !rules_.wants(*head)) {
    pass(text);
    reading_ = body_.done() ? reading::head : reading::passing;
    return;
  }
  closes_ = wire::closes_connection(head->minor_version, head->fields);
  held_ = text;
  held_head_ = text.size();
  reading_ = reading::holding;
  // While the head is held, only we can ask for the body (RFC 9110 §10.1.1).
  if (expects_continue(head->fields)) out(side::downstream) += "HTTP/1.1 100 Continue\r\n\r\n";
  if (body_.done()) decide();
}

bool http1_rewriter::read_body() {
  const auto step = body_.feed(pending_);
  if (!step) {
    pass(std::exchange(held_, {}) + std::exchange(pending_, {}));  // by which the tracker lets go
    return false;
  }
  const auto bytes = std::string_view(pending_).substr(0, step->consumed);
  if (reading_ == reading::holding) {
    hold_body(bytes);
  } else {
    pass(bytes);
    if (body_.done()) reading_ = reading::head;
  }
  pending_.erase(0, bytes.size());
  return true;
}

void http1_rewriter::hold_body(std::string_view bytes) {
  held_ += bytes;
  if (held_.size() - held_head_ > bounds_.body) return pass_over("the body is over limits.rewrite_body");
  if (!covered_.cover(held_.size())) return pass_over("the bodies that are held together are over limits.held_bodies");
  if (body_.done()) decide();
}

/// Sends the held part and the rest of the request unchanged.
void http1_rewriter::pass_over(std::string_view why) {
  const std::string held = std::exchange(held_, {});
  if (const auto head = wire::parse_request_head(std::string_view(held).substr(0, held_head_))) {
    tracker_.annotate(rules_.passed_over(*head, why));
  }
  pass(held);
  reading_ = body_.done() ? reading::head : reading::passing;
}

void http1_rewriter::decide() {
  auto request = read_held(held_, held_head_);
  if (!request) return pass_over("a chunked body with trailers");
  reading_ = reading::head;
  rewritten result = rules_.rewrite(*request);
  const std::string held = std::exchange(held_, {});
  tracker_.annotate(std::move(result.note));
  response_ = std::move(result.response);
  answering_ = answering::head;
  switch (result.what) {
    case rewritten::outcome::unchanged:
      return pass(held);
    case rewritten::outcome::changed:
      return pass(write_request(*request));
    case rewritten::outcome::answered:
      tracker_.observe(side::downstream, held);
      return answer_locally(std::move(result.answer));
  }
}

void http1_rewriter::answer_locally(local_answer answer) {
  const std::string text = write_answer(answer, !head_request_);
  response_.reset();
  upgrade_.reset();
  tracker_.observe(side::upstream, text);
  out(side::downstream) += text;
  closing_[static_cast<std::size_t>(side::downstream)] = closes_;
}

/// Shows bytes to the tracker, then sends them to the origin.
void http1_rewriter::pass(std::string_view bytes) {
  if (!bytes.empty()) send(side::downstream, bytes);
}

void http1_rewriter::send(side sender, std::string_view bytes) {
  tracker_.observe(sender, bytes);
  out(sender == side::downstream ? side::upstream : side::downstream) += bytes;
}

/// The bytes behind a 101 are messages already.
void http1_rewriter::read_upgrade_answer(std::string_view bytes) {
  while (upgrade_ && !bytes.empty()) {
    const auto step = answer_head_.feed(bytes);
    if (!step) {
      upgrade_.reset();  // the tracker lets go, too
      break;
    }
    send(side::upstream, bytes.substr(0, step->consumed));
    bytes.remove_prefix(step->consumed);
    if (step->head.empty()) continue;
    const auto head = wire::parse_response_head(step->head);
    if (head && head->status == 101) open_socket(*head);
    if (!head || head->status == 101 || head->status >= 200) upgrade_.reset();
    answer_head_.release();
  }
  if (bytes.empty()) return;
  socket_ ? socket_->server(bytes) : send(side::upstream, bytes);
}

void http1_rewriter::open_socket(const wire::response_head& head) {
  const auto terms = wire::parse_websocket_terms(head.fields);
  if (!transparent() || tracker_.detached()) return;
  if (terms && !terms->unknown_extension) {
    websocket_rewriter::sink& legs = *this;
    socket_ = std::make_unique<websocket_rewriter>(rules_, std::move(*upgrade_), *terms, masks_,
                                                   websocket_rewriter::limits{bounds_.body, bounds_.held}, legs);
  } else if (rules_.wants(upgrade_->head())) {
    tracker_.annotate(rules_.passed_over(upgrade_->head(), unknown_extension));
  }
}

void http1_rewriter::end_downstream() {
  if (std::exchange(closing_[static_cast<std::size_t>(side::upstream)], true)) return;
  pass(std::exchange(held_, {}) + std::exchange(pending_, {}));  // a truncated request, unchanged
  if (socket_) socket_->client_end();
  tracker_.observe_end(side::downstream);
}

void http1_rewriter::filter(std::string_view bytes) {
  tracker_.observe(side::upstream, bytes);
  while (!bytes.empty() && answering_ != answering::passing) {
    bytes.remove_prefix(answering_ == answering::head ? filter_head(bytes) : filter_body(bytes));
  }
  out(side::downstream) += bytes;
}

/// Like filter_body, returns the number of consumed bytes.
std::size_t http1_rewriter::filter_head(std::string_view bytes) {
  const auto step = answer_head_.feed(bytes);
  if (!step) {
    answering_ = answering::passing;
    return 0;
  }
  if (step->head.empty()) return step->consumed;
  out(side::downstream) += step->head;
  const auto head = wire::parse_response_head(step->head);
  const bool interim = head && head->status < 200;
  if (!interim) {
    const std::string_view method = head_request_ ? "HEAD" : "";
    const auto framing = head ? wire::frame_response(*head, method) : wire::errc::malformed;
    // What readers could frame differently is not framed anew.
    const bool plain = head && wire::odd_framing(*head, method).empty();
    const bool open = framing && (framing->how == wire::body_framing::kind::chunked ||
                                  framing->how == wire::body_framing::kind::until_close);
    answering_ = open && plain && response_->wants(*head) ? answering::body : answering::passing;
    if (framing) answer_body_.begin(*framing);
    chunked_ = framing && framing->how == wire::body_framing::kind::chunked;
  }
  const std::size_t used = step->consumed;
  answer_head_.release();
  return used;
}

std::size_t http1_rewriter::filter_body(std::string_view bytes) {
  const auto step = answer_body_.feed(bytes);
  if (!step) {
    answering_ = answering::passing;
    return 0;
  }
  std::string body;
  if (!step->body.empty()) response_->feed(step->body, body);
  send_filtered(body);
  if (answer_body_.done()) finish_filtered();
  return step->consumed;
}

void http1_rewriter::send_filtered(std::string_view body) {
  if (body.empty()) return;
  std::string& bytes = out(side::downstream);
  chunked_ ? append_chunk(bytes, body) : void(bytes += body);
}

void http1_rewriter::finish_filtered() {
  std::string rest;
  response_->finish(rest);
  send_filtered(rest);
  if (chunked_) out(side::downstream) += "0\r\n\r\n";
  answering_ = answering::passing;
}

}  // namespace mitm
