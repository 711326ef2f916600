// However a form is cut, it decodes to the same fields, and ends in the same place.

#include "net/wire/form_decoder.hpp"

#include <string>

#include "test/fuzz/cut.hpp"

namespace {

class recorder final : public net::wire::form_decoder::sink {
 public:
  void on_field(std::string_view name) override { ((seen += '[') += name) += ']'; }
  void on_value(std::string_view piece) override {
    fuzz::check(!piece.empty(), "no piece is empty");
    seen += piece;
  }

  std::string seen;
};

std::string decode(std::string_view input, std::size_t size) {
  recorder recorded;
  net::wire::form_decoder decoder("b", recorded);
  bool good = true;
  fuzz::in_pieces(input, size, [&](std::string_view piece) { good = decoder.feed(piece); });
  // A head over the limit is noticed sooner or later, as it came; what was told before is the same.
  return good ? recorded.seen : std::string();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input = fuzz::view(bytes, size);
  const std::string whole = decode(input, std::max<std::size_t>(size, 1));
  for (const std::size_t cut : fuzz::cuts(input)) fuzz::check(decode(input, cut) == whole, "cutting changes nothing");
  return 0;
}
