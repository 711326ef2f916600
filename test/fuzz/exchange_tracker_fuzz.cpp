// A connection is a list of turns: a byte that says who acts and how, a byte of size, the bytes. However they are cut,
// the taps are told the same, in their order, and exactly one end each.
//
//   turn = 0 client sends | 1 origin sends | 2 client ends | 3 origin ends   (modulo 4)

#include <string>

#include "mitm/tap/exchange_tracker.hpp"
#include "test/fuzz/cut.hpp"
#include "test/fuzz/exchange_recorder.hpp"

namespace {

using mitm::exchange_tracker;

constexpr exchange_tracker::limits bounds{256, 4};

void act(exchange_tracker& tracker, unsigned turn, std::string_view bytes, std::size_t cut) {
  const mitm::side from = turn % 2 == 0 ? mitm::side::downstream : mitm::side::upstream;
  if (turn % 4 >= 2) return tracker.observe_end(from);
  fuzz::in_pieces(bytes, cut, [&](std::string_view piece) { tracker.observe(from, piece); });
}

std::string converse(std::string_view input, std::size_t cut) {
  fuzz::exchange_recorder heard(bounds.pipelined);
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
