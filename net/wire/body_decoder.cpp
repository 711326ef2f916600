#include "net/wire/body_decoder.hpp"

#include <algorithm>

namespace net::wire {

void body_decoder::begin(const body_framing& framing) {
  how_ = framing.how;
  remaining_ = framing.length;
  chunks_ = {};
}

result<body_decoder::step> body_decoder::feed(std::string_view input) {
  switch (how_) {
    case body_framing::kind::chunked:
      return chunks_.feed(input);
    case body_framing::kind::until_close:
      return step{input.size(), input};
    case body_framing::kind::length: {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
      remaining_ -= size;
      return step{size, input.substr(0, size)};
    }
    case body_framing::kind::none:
    case body_framing::kind::tunnel:
      break;
  }
  return step{0, {}};
}

bool body_decoder::done() const noexcept {
  switch (how_) {
    case body_framing::kind::chunked:
      return chunks_.done();
    case body_framing::kind::until_close:
      return false;
    case body_framing::kind::length:
      return remaining_ == 0;
    case body_framing::kind::none:
    case body_framing::kind::tunnel:
      break;
  }
  return true;
}

}  // namespace net::wire
