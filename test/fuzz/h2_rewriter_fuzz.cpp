// An HTTP/2 connection under the scripted rules is a list of turns: a byte that says who acts and how, a byte of size,
// the bytes. Both prefaces are there already. Whatever comes, every exchange ends exactly once, and what is kept for
// either side stays within bounds.
//
//   turn = 0 client sends | 1 origin sends | 2 client ends | 3 origin ends   (modulo 4)
//          + 4: the bytes are a payload behind type, flags and stream, and the frame's length is made to fit

#include <string>

#include "mitm/rewrite/h2_rewriter.hpp"
#include "test/fuzz/cut.hpp"
#include "test/fuzz/exchange_recorder.hpp"
#include "test/fuzz/h2_input.hpp"
#include "test/support/scripted_rules.hpp"

namespace {

using mitm::side;

constexpr mitm::h2_rewriter::limits bounds{.head = 256, .body = 64, .open_streams = 4};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string_view input = fuzz::view(bytes, size);
  fuzz::exchange_recorder heard(bounds.open_streams);
  support::scripted_rules rules;
  {
    mitm::h2_rewriter rewriter(rules, heard, bounds, support::fixed_mask);
    rewriter.feed(side::downstream, fuzz::h2_preface + fuzz::empty_settings);
    rewriter.feed(side::upstream, fuzz::empty_settings);
    bool ended[2] = {false, false};
    while (input.size() >= 2) {
      const auto turn = static_cast<unsigned char>(input[0]);
      const bool ends = turn % 4 >= 2;
      const std::size_t count = ends ? 0 : static_cast<unsigned char>(input[1]);
      input.remove_prefix(2);
      const side from = turn % 2 == 0 ? side::downstream : side::upstream;
      if (!ended[turn % 2]) {
        if (ends) {
          ended[turn % 2] = true;
          rewriter.feed_end(from, true);
        } else {
          const auto given = input.substr(0, count);
          rewriter.feed(from, turn % 8 >= 4 ? fuzz::framed(given) : std::string(given));
        }
      }
      input.remove_prefix(std::min(count, input.size()));
      for (const side to : {side::downstream, side::upstream}) {
        while (!rewriter.take(to).empty()) {
        }
      }
    }
    rewriter.close(mitm::exchange_outcome::timed_out, "over");
    fuzz::check(heard.open == 0, "nothing is open behind a close");
    if (rewriter.may_answer()) rewriter.answer({504, {}, "{}"});
  }
  return 0;
}
