#include "mitm/rewrite/h2_local_answer.hpp"

#include <string_view>

#include "mitm/rewrite/h2_message.hpp"
#include "net/wire/h2_frame_decoder.hpp"

namespace mitm {
namespace {

using net::wire::h2_type;
namespace flag = net::wire::h2_flag;

std::string big_endian(std::uint32_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
  return out;
}

std::string frame(h2_type type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  return big_endian(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(type) +
         static_cast<char>(flags) + big_endian(stream, 4) + std::string(payload);
}

/// A literal without indexing (RFC 7541 §6.2.2). Both texts are shorter than 127 bytes, from where on lengths need a
/// longer form.
std::string literal(std::string_view name, std::string_view value) {
  std::string out(1, '\0');
  for (const std::string_view text : {name, value}) {
    out += static_cast<char>(text.size());
    out += text;
  }
  return out;
}

}  // namespace

std::string last_h2_answers(const local_answer& answer, std::span<const std::uint32_t> streams, bool with_body) {
  std::string head;
  for (const auto& [name, value] : answer_fields(answer)) head += literal(name, value);
  std::string out = frame(h2_type::settings, 0, 0, {}) + frame(h2_type::settings, flag::ack, 0, {});
  for (const std::uint32_t stream : streams) {
    const std::uint8_t last = with_body ? 0 : flag::end_stream;
    out += frame(h2_type::headers, static_cast<std::uint8_t>(flag::end_headers | last), stream, head);
    if (with_body) out += frame(h2_type::data, flag::end_stream, stream, answer.body);
  }
  return out + frame(h2_type::goaway, 0, 0, big_endian(streams.back(), 4) + big_endian(0, 4));
}

}  // namespace mitm
