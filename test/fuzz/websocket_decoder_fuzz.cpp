// One direction of a WebSocket; the first byte picks who sends and what was agreed. However it is cut, the decoder
// tells the same messages and control frames, and the same verdict. What it read whole, it reads again from the
// encoder.
//
//   first byte = 1 a client | 2 permessage-deflate | 4 … that keeps no context

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/wire/websocket_decoder.hpp"
#include "net/wire/websocket_encoder.hpp"
#include "test/fuzz/cut.hpp"

namespace {

using net::wire::errc;
using net::wire::websocket_decoder;
using net::wire::websocket_opcode;

// Dense input is bounded by size alone: how much of a budget was earned depends on how the bytes were cut.
constexpr net::wire::websocket_limits bounds{
    .message = 64 * 1024, .fragments = 8, .ratio = 1 << 20, .block = 1ull << 40};

struct setup {
  net::wire::websocket_sender who;
  net::wire::websocket_deflate deflate;
};

struct message {
  bool text;
  std::string content;

  bool operator==(const message&) const = default;
};

class recorder final : public websocket_decoder::sink {
 public:
  void on_message(bool text) override {
    fuzz::check(!open_, "one message at a time");
    open_ = true;
    begin_ = told.size();
    current_ = {text, {}};
    told += text ? "text{" : "binary{";
  }
  void on_content(std::string_view piece) override {
    fuzz::check(open_ && !piece.empty(), "content is of a message");
    current_.content += piece;
    fuzz::check(current_.content.size() <= bounds.message, "no message is larger than it may be");
    told += piece;
  }
  void on_message_end(std::uint64_t wire_bytes) override {
    fuzz::check(open_ && wire_bytes >= 2, "what ends has begun");
    open_ = false;
    told += "}" + std::to_string(wire_bytes) + "\n";
    messages.push_back(std::move(current_));
  }
  void on_control(websocket_opcode opcode, std::string_view payload) override {
    fuzz::check(is_control(opcode) && payload.size() <= net::wire::max_control_payload, "control frames are small");
    told += "<" + std::to_string(static_cast<int>(opcode)) + ":" + std::string(payload) + ">";
  }
  /// Of an inflated message that is too large, the pieces before the last one were told.
  void forget_open_message() {
    if (open_) told.resize(begin_);
  }

  std::string told;
  std::vector<message> messages;  // the whole ones

 private:
  message current_{};
  std::size_t begin_ = 0;  // of it, in what was told
  bool open_ = false;
};

recorder decode(std::string_view input, std::size_t cut, const setup& how) {
  recorder heard;
  websocket_decoder decoder(how.who, how.deflate, bounds);
  std::string verdict;
  fuzz::in_pieces(input, cut, [&](std::string_view piece) {
    const auto fed = decoder.feed(piece, heard);
    const std::string now = fed.has_value() ? "" : fed.error().message();
    fuzz::check(now.empty() || fed.error() == errc::malformed || fed.error() == errc::too_large, "an error of its own");
    fuzz::check(verdict.empty() || verdict == now, "an error is final");
    verdict = now;
    if (fed.has_error() && fed.error() == errc::too_large) heard.forget_open_message();
    decoder.release();
  });
  heard.told += verdict;
  return heard;
}

std::string encoded(const std::vector<message>& messages, const setup& how) {
  std::optional<net::wire::websocket_mask> mask;
  if (how.who == net::wire::websocket_sender::client) mask = {'m', 'a', 's', 'k'};
  net::wire::websocket_encoder encoder(how.deflate);
  std::string out;
  for (const message& each : messages) {
    encoder.encode(each.text ? websocket_opcode::text : websocket_opcode::binary, true, each.content, mask, out);
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const setup how{(bytes[0] & 1) != 0 ? net::wire::websocket_sender::client : net::wire::websocket_sender::server,
                  {.on = (bytes[0] & 2) != 0, .keep_context = (bytes[0] & 4) == 0}};
  const std::string_view input = fuzz::view(bytes, size).substr(1);
  const auto ways = fuzz::cuts(input);
  const recorder whole = decode(input, ways.front(), how);
  for (const std::size_t cut : ways) {
    fuzz::check(decode(input, cut, how).told == whole.told, "cutting changes nothing");
  }
  const std::string again = encoded(whole.messages, how);
  fuzz::check(decode(again, again.size() + 1, how).messages == whole.messages, "what was read can be said again");
  return 0;
}
