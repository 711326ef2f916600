#include "mitm/rewrite/websocket_cutter.hpp"

#include <algorithm>

namespace mitm {
namespace {

namespace wire = net::wire;

constexpr unsigned opcode_bits = 0x0f;
constexpr unsigned length_bits = 0x7f;
constexpr std::size_t mask_size = 4;

std::size_t length_size(unsigned start) {
  if (start == wire::websocket_length::of_2) return 2;
  return start == wire::websocket_length::of_8 ? 8 : 0;
}

}  // namespace

websocket_cutter::piece websocket_cutter::next(std::string_view& input) {
  piece found;
  found.begins = have_ == 0 && !in_payload_;
  std::size_t used = in_payload_ ? 0 : read_head(input);
  found.opcode = wire::websocket_opcode(head_[0] & opcode_bits);
  found.fin = (head_[0] & wire::websocket_bit::fin) != 0;
  if (in_payload_) {
    const std::size_t size = std::min<std::uint64_t>(left_, input.size() - used);
    used += size;
    left_ -= size;
    found.ends = left_ == 0;
  }
  if (found.ends) in_payload_ = false;
  if (!wire::is_control(found.opcode)) open_ = !(found.ends && found.fin);
  found.bytes = input.substr(0, used);
  input.remove_prefix(used);
  return found;
}

/// Returns how many bytes belong to the head.
std::size_t websocket_cutter::read_head(std::string_view input) {
  std::size_t used = 0;
  while (used < input.size() && have_ < need_) {
    head_[have_++] = static_cast<unsigned char>(input[used++]);
    if (have_ != start_size) continue;
    need_ += length_size(head_[1] & length_bits) + ((head_[1] & wire::websocket_bit::mask) != 0 ? mask_size : 0);
  }
  if (have_ < need_) return used;
  const std::size_t size = length_size(head_[1] & length_bits);
  left_ = size == 0 ? head_[1] & length_bits : 0;
  for (std::size_t at = 0; at < size; ++at) left_ = left_ << 8 | head_[start_size + at];
  in_payload_ = true;
  have_ = 0;
  need_ = start_size;
  return used;
}

}  // namespace mitm
