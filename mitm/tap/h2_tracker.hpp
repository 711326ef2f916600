#pragma once

// Finds the exchanges of one HTTP/2 connection (RFC 9113): frames → header blocks → streams as exchanges, reported like
// those of HTTP/1.1. Pure; the relay shows it every block after that block was sent. It keeps its own HPACK tables and
// follows SETTINGS that change them, CONTINUATION, padding, trailers, interim responses, RST_STREAM, GOAWAY, server
// push and (extended) CONNECT. It ignores flow control, PING and priorities.
//
//   one direction:  bytes ─► h2_frame_decoder ─┬─ header blocks ─► header_decoder ─┐
//                                              └─ DATA, resets, SETTINGS ──────────┴─► h2_streams ─► exchange_tap

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "mitm/policy/limits.hpp"
#include "mitm/tap/connection_tracker.hpp"
#include "mitm/tap/h2_streams.hpp"
#include "net/h2/header_decoder.hpp"
#include "net/wire/h2_frame_decoder.hpp"

namespace mitm {

class h2_tracker final : public connection_tracker {
 public:
  /// How many header lists of the largest size may come with one block of bytes. Beyond this, as beyond the other
  /// limits, the tap detaches.
  static constexpr std::size_t lists_per_block = 16;

  struct limits {
    std::size_t head = ::mitm::limits{}.head_size;                // bytes of one header list
    std::size_t open_streams = ::mitm::limits{}.h2_open_streams;  // open exchanges
    std::size_t header_table = ::mitm::limits{}.h2_header_table;
    std::size_t continuations = ::mitm::limits{}.h2_continuations;
    std::size_t resets = ::mitm::limits{}.h2_resets;
  };

  h2_tracker(exchange_observer& observer, limits bounds);
  ~h2_tracker() override;

  void observe(side sender, std::string_view bytes) override;
  /// A downstream end ends exchanges with an incomplete request, an upstream end all open exchanges.
  void observe_end(side sender) override;
  void close(exchange_outcome outcome, std::string_view cause) override;

  phase current() const noexcept override;
  std::size_t open() const noexcept override { return streams_.size(); }
  /// True while the origin has not sent a byte, so we could still act as the server.
  bool may_answer() const noexcept override;
  /// Never: the tables of HPACK are this client's.
  std::chrono::milliseconds reusable_for(std::chrono::milliseconds) const noexcept override { return {}; }
  std::string_view detached_reason() const noexcept override { return detached_; }

  /// The streams that a local answer must answer: the client's streams that were open at close(), if may_answer() was
  /// true then, oldest first.
  const std::vector<std::uint32_t>& unanswered() const noexcept { return unanswered_; }

 private:
  /// What one side sends.
  struct flow {
    flow(net::wire::h2_frame_decoder::sender who, const limits& bounds);

    net::wire::h2_frame_decoder frames;
    net::h2::header_decoder headers;
    net::wire::h2_frame block;  // the first frame of the current header block
    std::size_t unfolded = 0;   // decoded bytes of header lists in the current block
    bool touched = false;       // a byte was seen
    bool begun = false;         // a frame was seen
    bool ended = false;
  };

  flow& flow_of(side which) { return which == side::downstream ? request_ : response_; }
  bool following() const noexcept { return !closed_ && !detached(); }
  void take(side sender, const net::wire::h2_frame_decoder::step& step);
  void begin_frame(side sender);
  void take_content(side sender, std::string_view content, bool last);
  void take_data(side sender, std::string_view content);
  void take_setting(side sender);
  void end_frame(side sender);
  void end_block(side sender);
  void request_block(const net::h2::message_head& head, std::uint32_t id, bool ends);
  void response_block(const net::h2::message_head& head, std::uint32_t id, bool ends);
  void answer(h2_stream& stream, const net::h2::message_head& head);
  void open_stream(const net::h2::message_head& head, std::uint32_t id, bool ends);
  void reset(side sender);
  void detach(std::string_view reason);

  exchange_observer& observer_;
  limits bounds_;
  h2_streams streams_;
  flow request_;
  flow response_;
  std::vector<std::uint32_t> unanswered_;
  std::size_t resets_ = 0;
  bool closed_ = false;
  std::string_view detached_;  // a literal
};

}  // namespace mitm
