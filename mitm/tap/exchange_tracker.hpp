#pragma once

// Finds the exchanges of one HTTP/1.1 connection. Pure; the relay shows it every block after that block was sent. It
// follows keep-alive, pipelining (a bounded queue of open exchanges), interim responses, HEAD, 204/304, chunked with
// trailers, bodies until close, and Upgrade/CONNECT (the rest goes to a tunnel_tap).
//
//   downstream bytes ─► head ─► framing ─► body   ┐
//                                                 ├─► exchange_tap (one per exchange)
//   upstream bytes   ─► head ─► framing ─► body   ┘

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "mitm/tap/connection_tracker.hpp"
#include "mitm/tap/reuse_terms.hpp"
#include "net/wire/body_decoder.hpp"
#include "net/wire/head_collector.hpp"

namespace mitm {

class exchange_tracker final : public connection_tracker {
 public:
  struct limits {
    std::size_t head = 64 * 1024;  // bytes of one head (limits.head_size)
    std::size_t pipelined = 64;    // open exchanges
  };

  exchange_tracker(exchange_observer& observer, limits bounds);
  ~exchange_tracker() override;

  /// Sets the rules' note about the next request, for its tap; in a tunnel, about the next message of the client.
  void annotate(rewrite_note note);

  void observe(side sender, std::string_view bytes) override;
  /// An upstream end completes a body that lasts until close, and ends all other exchanges. A downstream end after
  /// complete requests has no effect; inside a request, that exchange will end as downstream_aborted.
  void observe_end(side sender) override;
  void close(exchange_outcome outcome, std::string_view cause) override;

  phase current() const noexcept override;
  std::size_t open() const noexcept override;
  /// True while the oldest exchange has had only complete interim responses.
  bool may_answer() const noexcept override;
  /// Only if at least one exchange was seen, all were complete, and neither side wants to close the connection or has
  /// bound it to a user (NTLM, Negotiate).
  std::chrono::milliseconds reusable_for(std::chrono::milliseconds most) const noexcept override;
  std::string_view detached_reason() const noexcept override { return detached_; }

 private:
  struct exchange {
    std::unique_ptr<exchange_tap> tap;
    std::string_view method;  // HEAD or CONNECT, which change the framing of the response; else empty
    bool requested = false;   // the request was seen whole
    bool cut = false;         // the client ended inside the request
    bool answered = false;    // the response was seen whole
  };

  /// One direction. Between two messages it holds no memory.
  struct flow {
    net::wire::head_collector head;
    net::wire::body_decoder body;
    bool in_body = false;
    bool ended = false;

    bool between_messages() const noexcept { return !in_body && head.empty(); }
    void reset();
  };

  bool following() const noexcept;
  exchange* being_sent() noexcept;
  std::size_t read_request(std::string_view bytes);
  std::size_t read_response(std::string_view bytes);
  std::size_t read_body(side sender, std::string_view bytes);
  void begin_request(std::string_view text);
  void begin_response(std::string_view text);
  void end_request();
  void end_response();
  void end_downstream();
  void end_upstream();
  void enter_tunnel();
  std::size_t detach(std::string_view reason);
  void end_oldest(exchange_outcome outcome, std::string_view cause);
  void end_all(exchange_outcome outcome, std::string_view cause);

  exchange_observer& observer_;
  std::size_t pipelined_;
  std::vector<exchange> open_;  // oldest first; only the last one's request may be incomplete
  flow request_;
  flow response_;
  reuse_terms reuse_;
  rewrite_note note_;
  bool tunnel_ = false;
  std::unique_ptr<tunnel_tap> tunnel_tap_;  // null: no tunnel, or of no interest
  bool closed_ = false;
  std::string_view detached_;  // a literal
};

}  // namespace mitm
