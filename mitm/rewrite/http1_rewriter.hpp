#pragma once

// Changes requests of one HTTP/1.1 connection (RFC 9112). A request that the rules want is held until it is complete,
// decided about, and sent on with corrected framing; everything else passes at once. Exchanges are served one at a
// time: a pipelined request waits for the previous answer, so that local answers keep the order. Behind the upgrade to
// a WebSocket whose messages are requests, a websocket_rewriter goes on. Once the connection cannot be followed,
// everything passes unchanged.
//
//   downstream ─► head ─┬─ wanted ──► held ─► rules ─┬─ as it came, or changed ─► upstream
//                       │                            └─ answered ─────► downstream
//                       └─ not wanted, or held too long ──────────────► upstream

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "mitm/policy/limits.hpp"
#include "mitm/rewrite/connection_rewriter.hpp"
#include "mitm/rewrite/websocket_rewriter.hpp"
#include "mitm/tap/exchange_tracker.hpp"
#include "net/wire/body_decoder.hpp"
#include "net/wire/head_collector.hpp"

namespace mitm {

class http1_rewriter final : public connection_rewriter, websocket_rewriter::sink {
 public:
  struct limits {
    std::size_t head = ::mitm::limits{}.head_size;     // bytes of one head
    std::size_t body = ::mitm::limits{}.rewrite_body;  // bytes of one held body
    net::memory_budget* held = nullptr;                // for all held bodies; null: unlimited
  };

  /// Rules and observer outlive the rewriter.
  http1_rewriter(request_rewriter& rules, exchange_observer& observer, limits bounds, mask_source masks);

  void feed(side sender, std::string_view bytes) override;
  void feed_end(side sender, bool clean) override;
  std::string take(side receiver) override;
  bool full(side sender) const override;
  bool ended(side receiver) const override;
  void close(exchange_outcome outcome, std::string_view cause) override { tracker_.close(outcome, cause); }
  phase current() const override;
  bool may_answer() const override { return tracker_.may_answer(); }
  std::string answer(const local_answer& last) override;
  std::string_view detached_reason() const override { return tracker_.detached_reason(); }

 private:
  enum class reading : std::uint8_t { head, passing, holding };
  enum class answering : std::uint8_t { passing, head, body };

  void send(side sender, std::string_view bytes) override;
  void show(std::string_view frame) override { tracker_.observe(side::downstream, frame); }
  void note(const rewrite_note& about) override { tracker_.annotate(about); }

  std::string& out(side receiver) { return out_[static_cast<std::size_t>(receiver)]; }
  const std::string& out(side receiver) const { return out_[static_cast<std::size_t>(receiver)]; }
  bool transparent() const { return tracker_.current() == phase::tunnel; }
  void advance();
  bool step();
  bool read_head();
  bool read_body();
  void begin(std::string_view text);
  void hold_body(std::string_view bytes);
  void pass_over(std::string_view why);
  void decide();
  void answer_locally(local_answer answer);
  void pass(std::string_view bytes);
  void read_upgrade_answer(std::string_view bytes);
  void open_socket(const net::wire::response_head& head);
  void end_downstream();
  void filter(std::string_view bytes);
  std::size_t filter_head(std::string_view bytes);
  std::size_t filter_body(std::string_view bytes);
  void send_filtered(std::string_view body);
  void finish_filtered();

  request_rewriter& rules_;
  limits bounds_;
  exchange_tracker tracker_;
  std::array<std::string, 2> out_;
  std::array<bool, 2> closing_{};

  // The request that is arriving.
  std::string pending_;       // not looked at yet
  std::size_t searched_ = 0;  // how much of it was searched for the end of a head
  reading reading_ = reading::head;
  net::wire::body_decoder body_;
  std::string held_;                   // its head and body, unchanged
  std::size_t held_head_ = 0;          // bytes of the head
  net::memory_budget::share covered_;  // covers the held bytes until they are sent to the origin
  bool head_request_ = false;          // the open exchange has method HEAD
  bool closes_ = false;                // the request asked to close the connection
  bool downstream_ended_ = false;

  // A WebSocket whose messages are requests.
  mask_source masks_;
  std::optional<socket_request> upgrade_;       // asked for, and not answered yet
  std::unique_ptr<websocket_rewriter> socket_;  // opened

  // The answer, if something is removed from it.
  std::unique_ptr<response_rewriter> response_;
  answering answering_ = answering::head;
  net::wire::head_collector answer_head_;
  net::wire::body_decoder answer_body_;
  bool chunked_ = false;
};

}  // namespace mitm
