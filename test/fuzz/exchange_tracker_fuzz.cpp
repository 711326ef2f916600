// A connection is a list of turns: a byte that says who acts and how, a byte of size, the bytes. However they are cut,
// the taps are told the same, in their order, and exactly one end each.
//
//   turn = 0 client sends | 1 origin sends | 2 client ends | 3 origin ends   (modulo 4)

#include <memory>
#include <string>

#include "mitm/exchange_tracker.hpp"
#include "test/fuzz/cut.hpp"

namespace {

using mitm::exchange_tracker;

constexpr exchange_tracker::limits bounds{256, 4};

class recorder final : public mitm::exchange_observer {
 public:
  std::unique_ptr<mitm::exchange_tap> on_request(const net::wire::request_head& head) override {
    fuzz::check(++open <= bounds.pipelined, "open exchanges are bounded");
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
    tap(recorder& owner, std::size_t exchange) : owner_(owner), exchange_(exchange) {}
    ~tap() override { fuzz::check(ended_, "every exchange ends"); }

    void on_request_body(std::string_view piece) override {
      fuzz::check(!requested_ && !ended_ && !piece.empty(), "a request body comes before its end");
      owner_.tell(exchange_, 'b', piece);
    }
    void on_request_end() override {
      fuzz::check(!requested_ && !ended_, "a request ends once");
      requested_ = true;
      owner_.tell(exchange_, 'e', {});
    }
    void on_response(const net::wire::response_head& head) override {
      fuzz::check(!answered_ && !ended_ && (head.status >= 200 || head.status == 101), "a response is final and one");
      answered_ = true;
      owner_.tell(exchange_, 'R', std::to_string(head.status));
    }
    void on_response_body(std::string_view piece) override {
      fuzz::check(answered_ && !ended_ && !piece.empty(), "a response body comes behind its head");
      owner_.tell(exchange_, 'B', piece);
    }
    void on_end(mitm::exchange_outcome outcome, std::string_view cause) override {
      fuzz::check(!ended_, "an exchange ends once");
      fuzz::check(outcome != mitm::exchange_outcome::complete || answered_, "what is complete was answered");
      ended_ = true;
      --owner_.open;
      owner_.tell(exchange_, 'E', std::to_string(static_cast<int>(outcome)) + std::string(cause));
    }

   private:
    recorder& owner_;
    std::size_t exchange_;
    bool requested_ = false;
    bool answered_ = false;
    bool ended_ = false;
  };

  std::size_t exchanges_ = 0;
  std::string last_;
};

void act(exchange_tracker& tracker, unsigned turn, std::string_view bytes, std::size_t cut) {
  const mitm::side from = turn % 2 == 0 ? mitm::side::downstream : mitm::side::upstream;
  if (turn % 4 >= 2) return tracker.observe_end(from);
  fuzz::in_pieces(bytes, cut, [&](std::string_view piece) { tracker.observe(from, piece); });
}

std::string converse(std::string_view input, std::size_t cut) {
  recorder heard;
  std::string phases;
  {
    exchange_tracker tracker(heard, bounds);
    while (input.size() >= 2) {
      const auto turn = static_cast<unsigned char>(input[0]);
      const std::size_t size = turn % 4 >= 2 ? 0 : static_cast<unsigned char>(input[1]);
      input.remove_prefix(2);
      act(tracker, turn, input.substr(0, size), cut);
      input.remove_prefix(std::min(size, input.size()));

      fuzz::check(tracker.open() >= heard.open && tracker.open() <= bounds.pipelined, "open exchanges are counted");
      fuzz::check(!tracker.detached() || tracker.open() == 0, "a detached tap has let go of all");
      phases += static_cast<char>('0' + static_cast<int>(tracker.current()));
      phases += tracker.may_answer() ? '+' : '-';
    }
    tracker.close(mitm::exchange_outcome::timed_out, "over");
    fuzz::check(tracker.open() == 0 && heard.open == 0, "nothing is open behind a close");
  }
  return heard.told + '\n' + phases;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input = fuzz::view(bytes, size);
  const std::string whole = converse(input, 256);
  for (const std::size_t cut : {1, 2, 7}) fuzz::check(converse(input, cut) == whole, "cutting changes nothing");
  return 0;
}
