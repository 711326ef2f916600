#include "usage/json/captured_text.hpp"

#include "net/text/utf8.hpp"

namespace usage {

void captured_text::begin() noexcept {
  text_.clear();
  high_ = 0;
  cut_ = false;
}

void captured_text::add(std::string_view bytes) {
  if (bytes.empty()) return;
  end_surrogate();
  append(bytes);
}

void captured_text::add_unit(std::uint16_t unit) {
  const bool low = unit >= 0xdc00 && unit <= 0xdfff;
  if (low && high_ != 0) {
    const std::uint32_t point = 0x10000u + ((high_ - 0xd800u) << 10) + (unit - 0xdc00u);
    high_ = 0;
    append(net::utf8::encoded(point));
    return;
  }
  end_surrogate();
  if (unit >= 0xd800 && unit <= 0xdbff) {
    high_ = unit;
  } else {
    append(low ? net::utf8::replacement : std::string_view(net::utf8::encoded(unit)));
  }
}

void captured_text::end_surrogate() {
  if (high_ != 0) append(net::utf8::replacement);
  high_ = 0;
}

void captured_text::append(std::string_view bytes) {
  const std::size_t room = limit_ - text_.size();
  cut_ = cut_ || bytes.size() > room;
  text_.append(bytes.substr(0, room));
}

}  // namespace usage
