#include "mitm/rewrite/websocket_rewriter.hpp"

#include <utility>

namespace mitm {

namespace wire = net::wire;
using wire::websocket_opcode;

namespace {

// RFC 6455 §7.4.1: a message is too big to be processed.
constexpr std::string_view too_big("\x03\xf1", 2);
// The heads of a held message's frames, and what its compression adds.
constexpr std::size_t most_overhead = 1024 * 1024;
constexpr std::string_view over_body = "the message is over limits.rewrite_body";

}  // namespace

socket_request::socket_request(const wire::request_head& upgrade) : target_(upgrade.target) {
  for (const auto& each : upgrade.fields) lines_.append(each.name).append(": ").append(each.value).append("\r\n");
}

wire::request_head socket_request::head() const {
  return {"POST", target_, 1, wire::header_fields(lines_), 1, "websocket"};
}

held_request socket_request::message(std::string text) const {
  held_request request{"POST", target_, {}, std::move(text), request_form::message};
  for (const auto& each : wire::header_fields(lines_)) {
    request.fields.push_back({std::string(each.name), std::string(each.value)});
  }
  return request;
}

websocket_rewriter::websocket_rewriter(request_rewriter& rules, socket_request asked,
                                       const wire::websocket_terms& terms, mask_source masks, limits bounds, sink& out)
    : rules_(rules),
      asked_(std::move(asked)),
      masks_(std::move(masks)),
      bounds_(bounds),
      out_(out),
      decoder_(wire::websocket_sender::client, terms.client),
      encoder_(terms.client),
      shares_context_(terms.client.on && terms.client.keep_context),
      covered_(bounds.held) {}

void websocket_rewriter::client(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto piece = frames_.next(bytes);
    if (course_ == course::dropped) continue;
    const bool control = wire::is_control(piece.opcode);
    if (control || lost_) out_.send(side::downstream, piece.bytes);
    if (lost_) continue;
    if (!control) {
      take_data(piece);
    } else if (decoder_.feed(piece.bytes, *this).has_error()) {
      give_up();
    }
  }
}

void websocket_rewriter::take_data(const websocket_cutter::piece& piece) {
  if (piece.begins && piece.opcode != websocket_opcode::continuation) begin_message(piece.opcode);
  if (course_ == course::passing) {
    holding_ ? void(raw_ += piece.bytes) : out_.send(side::downstream, piece.bytes);
  }
  if (decoder_.feed(piece.bytes, *this).has_error()) return give_up();
  if (holding_ && raw_.size() > bounds_.message + most_overhead) pass_over(over_body);
  if (holding_ && !covered_.cover(raw_.size() + text_.size())) {
    pass_over("the bodies that are held together are over limits.held_bodies");
  }
  if (!piece.ends || !piece.fin) return;
  end_message();
  decoder_.release();  // a socket is quiet for most of its hour
}

void websocket_rewriter::begin_message(websocket_opcode opcode) {
  next_ = opcode;
  holding_ = opcode == websocket_opcode::text && rules_.wants(asked_.head());
}

void websocket_rewriter::on_content(std::string_view piece) {
  if (holding_ && piece.size() > bounds_.message - text_.size()) {
    pass_over(over_body);
  }
  if (holding_) {
    text_ += piece;
  } else if (course_ == course::remade) {
    if (!text_.empty()) make(std::exchange(text_, {}), false);
    text_ = piece;
  }
}

void websocket_rewriter::end_message() {
  if (holding_) {
    decide();
  } else if (course_ == course::remade) {
    make(std::exchange(text_, {}), true);
  }
}

void websocket_rewriter::decide() {
  holding_ = false;
  held_request request = asked_.message(std::exchange(text_, {}));
  const rewritten result = rules_.rewrite(request);
  if (!result.note.empty()) out_.note(result.note);
  if (result.what != rewritten::outcome::unchanged) part_ways();
  if (result.what == rewritten::outcome::answered) {
    // One frame that touches no context.
    std::string frame;
    wire::websocket_encoder().encode(websocket_opcode::text, true, request.body, masks_(), frame);
    out_.show(frame);
    answer(result.events);
  } else if (result.what == rewritten::outcome::changed || course_ == course::remade) {
    make(request.body, true);
  } else {
    out_.send(side::downstream, raw_);
  }
  drop_held();
}

/// Messages that are not compressed, which every client takes (RFC 7692 §6).
void websocket_rewriter::answer(const std::vector<std::string>& events) {
  for (const auto& event : events) {
    wire::websocket_encoder().encode(websocket_opcode::text, true, event, std::nullopt, answers_);
  }
  if (server_frames_.between_messages()) insert_answers();
}

/// Sends the held part and the rest of the message unchanged.
void websocket_rewriter::pass_over(std::string_view why) {
  out_.note(rules_.passed_over(asked_.head(), why));
  holding_ = false;
  if (course_ == course::remade) {
    covered_.shrink_to(0);
    return;  // the text is the part that is made next
  }
  out_.send(side::downstream, raw_);
  drop_held();
}

/// The client breaks the protocol, or its messages cost too much to decode.
void websocket_rewriter::give_up() {
  lost_ = true;
  const auto head = asked_.head();
  if (rules_.wants(head)) out_.note(rules_.passed_over(head, "the client's messages cannot be followed any longer"));
  if (course_ == course::passing) {
    if (holding_) out_.send(side::downstream, raw_);
  } else {
    // What follows refers to messages that the origin has not got.
    course_ = course::dropped;
    std::string frame;
    encoder_.encode(websocket_opcode::close, true, too_big, masks_(), frame);
    out_.send(side::downstream, frame);
  }
  holding_ = false;
  drop_held();
}

void websocket_rewriter::client_end() {
  if (holding_ && course_ == course::passing) out_.send(side::downstream, raw_);
  holding_ = false;
  drop_held();
}

void websocket_rewriter::drop_held() {
  raw_ = {};
  text_ = {};
  covered_.shrink_to(0);
}

/// The origin does not get this message as the client sent it.
void websocket_rewriter::part_ways() {
  if (!shares_context_ || course_ != course::passing) return;
  course_ = course::remade;
  raw_ = {};
}

void websocket_rewriter::make(std::string_view part, bool fin) {
  std::string frame;
  encoder_.encode(std::exchange(next_, websocket_opcode::continuation), fin, part, masks_(), frame);
  out_.send(side::downstream, frame);
}

void websocket_rewriter::server(std::string_view bytes) {
  std::string_view passing = bytes;
  while (!bytes.empty()) {
    const auto piece = server_frames_.next(bytes);
    if (piece.opcode == websocket_opcode::close) server_closed_ = true;
    if (answers_.empty() || !server_frames_.between_messages()) continue;
    out_.send(side::upstream, passing.substr(0, passing.size() - bytes.size()));
    passing = bytes;
    insert_answers();
  }
  if (!passing.empty()) out_.send(side::upstream, passing);
}

void websocket_rewriter::insert_answers() {
  // Behind a close frame, a client reads nothing.
  const std::string answers = std::exchange(answers_, {});
  if (!server_closed_ && !answers.empty()) out_.send(side::upstream, answers);
}

}  // namespace mitm
