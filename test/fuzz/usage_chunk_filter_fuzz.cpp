// However an answer is cut, the same is taken out of it; what is left is the answer without some of its events.

#include "app/rewrite/usage_chunk_filter.hpp"

#include <string>

#include "test/fuzz/cut.hpp"

namespace {

constexpr std::size_t limit = 64;  // so that longer events are met

std::string filtered(std::string_view input, std::size_t size) {
  app::rewrite::usage_chunk_filter filter(limit);
  std::string out;
  fuzz::in_pieces(input, size, [&](std::string_view piece) { filter.feed(piece, out); });
  filter.finish(out);
  return out;
}

/// All of `part` is in `whole`, in this order.
bool is_left_of(std::string_view part, std::string_view whole) {
  for (const char c : whole) {
    if (!part.empty() && part.front() == c) part.remove_prefix(1);
  }
  return part.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input = fuzz::view(bytes, size);
  const std::string whole = filtered(input, std::max<std::size_t>(size, 1));
  fuzz::check(is_left_of(whole, input), "nothing is added");
  if (input.find("usage") == input.npos) fuzz::check(whole == input, "only usage is taken out");
  for (const std::size_t cut : fuzz::cuts(input)) fuzz::check(filtered(input, cut) == whole, "cutting changes nothing");
  return 0;
}
