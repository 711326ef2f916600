// However an event stream is cut, it decodes to the same events, and its pieces are never empty.

#include "net/wire/sse_decoder.hpp"

#include <string>

#include "test/fuzz/cut.hpp"

namespace {

class recorder final : public net::wire::sse_decoder::sink {
 public:
  void on_data(std::string_view piece) override {
    fuzz::check(!piece.empty(), "no piece is empty");
    seen += piece;
  }
  void on_dispatch(std::string_view event) override {
    fuzz::check(event.size() <= net::wire::sse_decoder::max_event_name, "an event name is cut at its limit");
    (((seen += '\n') += event) += '\0') += '\n';
  }

  std::string seen;
};

std::string decode(std::string_view input, std::size_t size) {
  recorder recorded;
  net::wire::sse_decoder decoder(recorded);
  fuzz::in_pieces(input, size, [&](std::string_view piece) { decoder.feed(piece); });
  decoder.finish();
  return recorded.seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input = fuzz::view(bytes, size);
  const std::string whole = decode(input, std::max<std::size_t>(size, 1));
  for (const std::size_t cut : fuzz::cuts(input)) fuzz::check(decode(input, cut) == whole, "cutting changes nothing");
  return 0;
}
