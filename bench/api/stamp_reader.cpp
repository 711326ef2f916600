#include "bench/api/stamp_reader.hpp"

#include <charconv>

namespace bench {

void stamp_reader::feed(std::string_view text, const std::function<void(std::uint64_t stamp)>& then) {
  kept_ += text;
  std::size_t read = 0;
  for (;;) {
    const std::size_t begin = kept_.find("t=", read);
    if (begin == kept_.npos) {
      read = kept_.ends_with('t') ? kept_.size() - 1 : kept_.size();
      break;
    }
    read = begin;
    std::uint64_t stamp = 0;
    const char* const end = kept_.data() + kept_.size();
    const auto [after, error] = std::from_chars(kept_.data() + begin + 2, end, stamp);
    if (after == end) break;
    if (error == std::errc() && *after == ' ') then(stamp);
    read = static_cast<std::size_t>(after - kept_.data());
  }
  kept_.erase(0, read);
}

}  // namespace bench
