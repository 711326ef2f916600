// However a chunked body is cut, it decodes to the same bytes, the same rest and the same verdict.

#include "net/wire/chunk_decoder.hpp"

#include <string>

#include "test/fuzz/cut.hpp"

namespace {

struct decoded {
  std::string body;
  std::string rest;
  int error = 0;
  bool done = false;

  bool operator==(const decoded&) const = default;
};

decoded decode(std::string_view input, std::size_t size) {
  net::wire::chunk_decoder decoder;
  decoded all;
  fuzz::in_pieces(input, size, [&](std::string_view piece) {
    while (!piece.empty() && !decoder.done() && all.error == 0) {
      const auto step = decoder.feed(piece);
      if (!step) {
        all.error = step.error().value();
        return;
      }
      fuzz::check(step->consumed > 0 && step->consumed <= piece.size(), "a step uses a part of its input");
      all.body += step->body;
      piece.remove_prefix(step->consumed);
    }
    if (decoder.done()) all.rest += piece;
  });
  all.done = decoder.done();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input = fuzz::view(bytes, size);
  const decoded whole = decode(input, std::max<std::size_t>(size, 1));
  fuzz::check(whole.body.size() + whole.rest.size() <= size, "nothing is made up");
  for (const std::size_t cut : fuzz::cuts(input)) fuzz::check(decode(input, cut) == whole, "cutting changes nothing");
  return 0;
}
