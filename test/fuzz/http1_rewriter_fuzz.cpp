// A connection under the scripted rules is a list of turns: a byte that says who acts and how, a byte of size, the
// bytes. However they are cut, the same reaches both ends and the taps are told the same; bytes of a request that no
// rule wants, and of its answer, are all there.
//
//   turn = 0 client sends | 1 origin sends | 2 client ends | 3 origin ends   (modulo 4)

#include <string>

#include "mitm/rewrite/http1_rewriter.hpp"
#include "test/fuzz/cut.hpp"
#include "test/fuzz/exchange_recorder.hpp"
#include "test/support/scripted_rules.hpp"

namespace {

using mitm::http1_rewriter;
using mitm::side;

constexpr http1_rewriter::limits bounds{256, 32};

struct conversation {
  conversation() : rewriter(rules, heard, bounds, support::fixed_mask) {}

  void act(unsigned turn, std::string_view bytes, std::size_t cut) {
    const side from = turn % 2 == 0 ? side::downstream : side::upstream;
    bool& over = ended[turn % 2];
    if (over) return;
    if (turn % 4 >= 2) {
      over = true;
      rewriter.feed_end(from, true);
    } else {
      sent[turn % 2] += bytes;
      fuzz::in_pieces(bytes, cut, [&](std::string_view piece) { rewriter.feed(from, piece); });
    }
    to_origin += rewriter.take(side::upstream);
    to_client += rewriter.take(side::downstream);
  }

  fuzz::exchange_recorder heard{2};
  support::scripted_rules rules;
  http1_rewriter rewriter;
  bool ended[2] = {false, false};
  std::string sent[2];
  std::string to_origin;
  std::string to_client;
};

/// What came of it, or nothing if it could not be followed to its end: how far depends on how it came.
std::string converse(std::string_view input, std::size_t cut) {
  // How a stripped answer is chunked anew depends on how it came; what no rule wants is never touched.
  const bool strips = input.find("/strip") != std::string_view::npos;
  const bool wanted = strips || input.find("/keep") != std::string_view::npos ||
                      input.find("/change") != std::string_view::npos ||
                      input.find("/answer") != std::string_view::npos;
  conversation c;
  while (input.size() >= 2) {
    const auto turn = static_cast<unsigned char>(input[0]);
    const std::size_t size = turn % 4 >= 2 ? 0 : static_cast<unsigned char>(input[1]);
    input.remove_prefix(2);
    c.act(turn, input.substr(0, size), cut);
    input.remove_prefix(std::min(size, input.size()));
  }
  if (!wanted) {
    fuzz::check(c.sent[0].starts_with(c.to_origin), "the origin gets what was sent");
    fuzz::check(c.sent[1] == c.to_client, "the client gets all that was answered");
  }
  c.rewriter.close(mitm::exchange_outcome::timed_out, "over");
  fuzz::check(c.heard.open == 0, "nothing is open behind a close");
  if (!c.rewriter.detached_reason().empty()) return {};
  return c.to_origin + '\n' + (strips ? std::string() : c.to_client) + '\n' + c.heard.told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input = fuzz::view(bytes, size);
  const std::string whole = converse(input, 256);
  for (const std::size_t cut : {1, 2, 7}) {
    const std::string other = converse(input, cut);
    fuzz::check(whole.empty() || other.empty() || other == whole, "cutting changes nothing");
  }
  return 0;
}
