// One direction of an HTTP/2 connection. However it is cut, the decoder tells the same frames, settings and content,
// and the same verdict.

#include <string>

#include "net/wire/h2_frame_decoder.hpp"
#include "test/fuzz/cut.hpp"

namespace {

using net::wire::h2_frame_decoder;

std::string decode(std::string_view input, std::size_t cut, h2_frame_decoder::sender who) {
  h2_frame_decoder decoder(who, 3);
  std::string told;
  bool broken = false;
  fuzz::in_pieces(input, cut, [&](std::string_view piece) {
    while (!piece.empty() && !broken) {
      const auto step = decoder.feed(piece);
      broken = !step;
      if (broken) {
        told += step.error().message();
        fuzz::check(!decoder.feed(piece), "an error is final");
        return;
      }
      fuzz::check(step->consumed > 0 && step->consumed <= piece.size(), "each step uses something");
      const auto& frame = decoder.frame();
      if (step->begins) told += '[' + std::to_string(static_cast<int>(frame.type)) + '/' + std::to_string(frame.stream);
      if (step->has_setting)
        told += std::to_string(decoder.setting().id) + '=' + std::to_string(decoder.setting().value);
      told += step->content;
      if (step->ends) told += ']';
      piece.remove_prefix(step->consumed);
    }
  });
  return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const auto who = bytes[0] % 2 == 0 ? h2_frame_decoder::sender::server : h2_frame_decoder::sender::client;
  const std::string_view input = fuzz::view(bytes, size).substr(1);
  const auto ways = fuzz::cuts(input);
  const std::string whole = decode(input, ways.front(), who);
  for (const std::size_t cut : ways) fuzz::check(decode(input, cut, who) == whole, "cutting changes nothing");
  return 0;
}
