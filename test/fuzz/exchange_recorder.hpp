#pragma once

// Hears what a tracker tells its taps, and checks that it tells them in their order and exactly one end each.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "mitm/tap/exchange_tap.hpp"
#include "test/fuzz/cut.hpp"

namespace fuzz {

class exchange_recorder final : public mitm::exchange_observer {
 public:
  explicit exchange_recorder(std::size_t bound) : bound_(bound) {}

  std::unique_ptr<mitm::exchange_tap> on_request(const net::wire::request_head& head) override {
    check(++open <= bound_, "open exchanges are bounded");
    const std::size_t exchange = ++exchanges_;
    tell(exchange, 'Q', head.method);
    tell(exchange, 'T', head.target);
    if (head.target == "/ignored") {
      --open;
      return nullptr;
    }
    return std::make_unique<tap>(*this, exchange);
  }

  /// Pieces of one body that follow each other are written as one.
  void tell(std::size_t exchange, char what, std::string_view text) {
    const std::string key = '\n' + std::to_string(exchange) + what;
    if (key != last_ || (what != 'b' && what != 'B')) told += key;
    told += text;
    last_ = key;
  }

  std::string told;
  std::size_t open = 0;

 private:
  class tap final : public mitm::exchange_tap {
   public:
    tap(exchange_recorder& owner, std::size_t exchange) : owner_(owner), exchange_(exchange) {}
    ~tap() override { check(ended_, "every exchange ends"); }

    void on_request_body(std::string_view piece) override {
      check(!requested_ && !ended_ && !piece.empty(), "a request body comes before its end");
      owner_.tell(exchange_, 'b', piece);
    }
    void on_request_end() override {
      check(!requested_ && !ended_, "a request ends once");
      requested_ = true;
      owner_.tell(exchange_, 'e', {});
    }
    void on_response(const net::wire::response_head& head) override {
      check(!answered_ && !ended_ && (head.status >= 200 || head.status == 101), "a response is final and one");
      answered_ = true;
      owner_.tell(exchange_, 'R', std::to_string(head.status));
    }
    void on_response_body(std::string_view piece) override {
      check(answered_ && !ended_ && !piece.empty(), "a response body comes behind its head");
      owner_.tell(exchange_, 'B', piece);
    }
    void on_end(mitm::exchange_outcome outcome, std::string_view cause) override {
      check(!ended_, "an exchange ends once");
      check(outcome != mitm::exchange_outcome::complete || answered_, "what is complete was answered");
      ended_ = true;
      --owner_.open;
      owner_.tell(exchange_, 'E', std::to_string(static_cast<int>(outcome)) + std::string(cause));
    }

   private:
    exchange_recorder& owner_;
    std::size_t exchange_;
    bool requested_ = false;
    bool answered_ = false;
    bool ended_ = false;
  };

  std::size_t bound_;
  std::size_t exchanges_ = 0;
  std::string last_;
};

}  // namespace fuzz
