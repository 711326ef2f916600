// An HTTP/2 connection is a list of turns: a byte that says who acts and how, a byte of size, the bytes. Both prefaces
// are there already. However they are cut, the taps are told the same, in their order, and exactly one end each.
//
//   turn = 0 client sends | 1 origin sends | 2 client ends | 3 origin ends   (modulo 4)
//          + 4: the bytes are a payload behind type, flags and stream, and the frame's length is made to fit

#include <string>

#include "mitm/tap/h2_tracker.hpp"
#include "test/fuzz/cut.hpp"
#include "test/fuzz/exchange_recorder.hpp"
#include "test/fuzz/h2_input.hpp"

namespace {

using mitm::h2_tracker;

constexpr h2_tracker::limits bounds{
    .head = 256, .open_streams = 4, .header_table = 8192, .continuations = 3, .resets = 3};

void act(h2_tracker& tracker, unsigned turn, std::string_view bytes, std::size_t cut) {
  const mitm::side from = turn % 2 == 0 ? mitm::side::downstream : mitm::side::upstream;
  if (turn % 4 >= 2) return tracker.observe_end(from);
  const std::string sent = turn % 8 >= 4 ? fuzz::framed(bytes) : std::string(bytes);
  fuzz::in_pieces(sent, cut, [&](std::string_view piece) { tracker.observe(from, piece); });
}

std::string converse(std::string_view input, std::size_t cut) {
  fuzz::exchange_recorder heard(bounds.open_streams);
  std::string phases;
  {
    h2_tracker tracker(heard, bounds);
    act(tracker, 0, fuzz::h2_preface + fuzz::empty_settings, cut);
    if (!input.empty() && input.front() % 2 == 0) act(tracker, 1, fuzz::empty_settings, cut);
    while (input.size() >= 2) {
      const auto turn = static_cast<unsigned char>(input[0]);
      const std::size_t size = turn % 4 >= 2 ? 0 : static_cast<unsigned char>(input[1]);
      input.remove_prefix(2);
      act(tracker, turn, input.substr(0, size), cut);
      input.remove_prefix(std::min(size, input.size()));

      fuzz::check(tracker.open() >= heard.open && tracker.open() <= bounds.open_streams, "open streams are counted");
      fuzz::check(!tracker.detached() || tracker.open() == 0, "a detached tap has let go of all");
      fuzz::check((tracker.current() == h2_tracker::phase::idle) == (tracker.open() == 0) || tracker.detached(),
                  "without open streams a connection is idle");
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
  const std::string whole = converse(input, 1024);
  for (const std::size_t cut : {1, 2, 7}) fuzz::check(converse(input, cut) == whole, "cutting changes nothing");
  return 0;
}
