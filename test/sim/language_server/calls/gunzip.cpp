#include "test/sim/language_server/calls/gunzip.hpp"

#include <array>
#include <stdexcept>

namespace sim::ls {

gunzip::gunzip() {
  constexpr int gzip_only = 16;
  if (::inflateInit2(&state_, gzip_only + MAX_WBITS) != Z_OK) throw std::runtime_error("inflateInit2");
}

gunzip::~gunzip() {
  ::inflateEnd(&state_);
}

std::string gunzip::decode(std::string_view coded) {
  std::string text;
  std::array<char, 16 * 1024> room{};
  state_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(coded.data()));
  state_.avail_in = static_cast<uInt>(coded.size());
  do {
    state_.next_out = reinterpret_cast<Bytef*>(room.data());
    state_.avail_out = static_cast<uInt>(room.size());
    const int result = ::inflate(&state_, Z_SYNC_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
      throw std::runtime_error("gzip: invalid header");
    text.append(room.data(), room.size() - state_.avail_out);
  } while (state_.avail_out == 0);
  return text;
}

}  // namespace sim::ls
