#pragma once

// What an exchange tracker tells its taps, written down as the lines of exchange_lines.hpp.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mitm/tap/exchange_tap.hpp"
#include "test/support/exchange_lines.hpp"
#include "test/support/line_diff.hpp"

namespace support {

/// Writes down what the taps are told. Pieces of one body that follow each other count as one.
class transcript final : public mitm::exchange_observer {
 public:
  /// Exchanges of that target get no tap.
  explicit transcript(std::string ignored_target = {}) : ignored_(std::move(ignored_target)) {}

  std::unique_ptr<mitm::exchange_tap> on_request(const net::wire::request_head& head) override {
    ++exchanges_;
    if (head.target == ignored_) return nullptr;
    add(request(std::string(head.method) + " " + std::string(head.target), exchanges_));
    return std::make_unique<tap>(*this, exchanges_);
  }

  void add(std::string line) {
    flush();
    written_.push_back(std::move(line));
  }

  lines take() {
    flush();
    return std::move(written_);
  }

 private:
  class tap final : public mitm::exchange_tap {
   public:
    tap(transcript& owner, std::size_t exchange) : owner_(owner), exchange_(exchange) {}
    void on_rewritten(const mitm::rewrite_note& note) override {
      owner_.add(told(exchange_, "rewritten " + note.rules + ": " + note.changes));
    }
    void on_request_body(std::string_view piece) override { owner_.add_body(body_of::request, exchange_, piece); }
    void on_request_end() override { owner_.add(request_end(exchange_)); }
    void on_response(const net::wire::response_head& head) override { owner_.add(response(head.status, exchange_)); }
    void on_response_body(std::string_view piece) override { owner_.add_body(body_of::response, exchange_, piece); }
    void on_end(mitm::exchange_outcome outcome, std::string_view cause) override {
      owner_.add(end(outcome, cause, exchange_));
    }
    std::unique_ptr<mitm::tunnel_tap> on_tunnel() override { return std::make_unique<tunnel>(owner_, exchange_); }

   private:
    transcript& owner_;
    std::size_t exchange_;
  };

  class tunnel final : public mitm::tunnel_tap {
   public:
    tunnel(transcript& owner, std::size_t exchange) : owner_(owner), exchange_(exchange) {}
    void on_rewritten(const mitm::rewrite_note& note) override {
      owner_.add(told(exchange_, "tunnel rewritten " + note.rules + ": " + note.changes));
    }
    void on_bytes(mitm::side sender, std::string_view bytes) override {
      owner_.add_body(sender == mitm::side::downstream ? body_of::tunnel_down : body_of::tunnel_up, exchange_, bytes);
    }
    void on_end(mitm::exchange_outcome outcome, std::string_view cause) override {
      owner_.add(tunnel_end(outcome, cause, exchange_));
    }

   private:
    transcript& owner_;
    std::size_t exchange_;
  };

  enum class body_of { request, response, tunnel_down, tunnel_up };

  void add_body(body_of which, std::size_t exchange, std::string_view piece) {
    if (piece.empty()) return add(told(exchange, "an empty body piece"));
    if (!pending_.empty() && (which != pending_of_ || exchange != pending_exchange_)) flush();
    pending_ += piece;
    pending_of_ = which;
    pending_exchange_ = exchange;
  }

  void flush() {
    if (pending_.empty()) return;
    written_.push_back(line_of(pending_of_, pending_, pending_exchange_));
    pending_.clear();
  }

  static std::string line_of(body_of which, std::string_view bytes, std::size_t exchange) {
    switch (which) {
      case body_of::request:
        return request_body(bytes, exchange);
      case body_of::response:
        return body(bytes, exchange);
      case body_of::tunnel_down:
        return tunnel_down(bytes, exchange);
      case body_of::tunnel_up:
        return tunnel_up(bytes, exchange);
    }
    return {};
  }

  std::string ignored_;
  std::size_t exchanges_ = 0;
  lines written_;
  std::string pending_;
  body_of pending_of_ = body_of::request;
  std::size_t pending_exchange_ = 0;
};

}  // namespace support
