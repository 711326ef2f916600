#include "net/wire/eventstream_decoder.hpp"

#include <algorithm>

#include <zlib.h>

namespace net::wire {
namespace {

using header_type = eventstream_header::type;

constexpr std::size_t checked_lengths = 8;   // the part of the prelude that its own checksum covers
constexpr std::size_t kept_capacity = 4096;  // of the buffer of headers; usual ones have some 150 bytes

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char each : bytes) value = value << 8 | static_cast<unsigned char>(each);
  return value;
}

std::uint32_t big_endian_at(const char* at) {
  return static_cast<std::uint32_t>(big_endian({at, 4}));
}

/// Two's complement in as many bytes.
std::int64_t signed_big_endian(std::string_view bytes) {
  const auto unused = static_cast<unsigned>(64 - 8 * bytes.size());
  return static_cast<std::int64_t>(big_endian(bytes) << unused) >> unused;
}

/// The header at the front of `block`, and its size. Size 0: it is not whole, or of no known type.
std::size_t read_header(std::string_view block, eventstream_header& header) {
  std::string_view rest = block;
  const auto take = [&rest](std::size_t size) {
    const auto taken = rest.substr(0, size);
    rest.remove_prefix(taken.size());
    return taken;
  };
  const std::size_t name_size = big_endian(take(1));
  header = {take(name_size)};
  if (name_size == 0 || header.name.size() != name_size || rest.empty()) return 0;
  header.kind = static_cast<header_type>(big_endian(take(1)));
  std::size_t size = 0;
  switch (header.kind) {
    case header_type::true_value:
    case header_type::false_value:
      break;
    case header_type::int8:
      size = 1;
      break;
    case header_type::int16:
      size = 2;
      break;
    case header_type::int32:
      size = 4;
      break;
    case header_type::int64:
    case header_type::timestamp:
      size = 8;
      break;
    case header_type::bytes:
    case header_type::string:
      if (rest.size() < 2) return 0;
      size = big_endian(take(2));
      break;
    case header_type::uuid:
      size = 16;
      break;
    default:
      return 0;
  }
  const auto value = take(size);
  if (value.size() != size) return 0;
  const bool counts =
      header.kind == header_type::timestamp || (header.kind >= header_type::int8 && header.kind <= header_type::int64);
  counts ? void(header.number = signed_big_endian(value)) : void(header.bytes = value);
  return block.size() - rest.size();
}

}  // namespace

result<eventstream_headers> eventstream_headers::parse(std::string_view block) {
  eventstream_header ignored;
  for (std::string_view rest = block; !rest.empty();) {
    const std::size_t size = read_header(rest, ignored);
    if (size == 0) return errc::malformed;
    rest.remove_prefix(size);
  }
  return eventstream_headers(block);
}

eventstream_headers::iterator eventstream_headers::begin() const {
  return iterator(block_);
}
eventstream_headers::iterator eventstream_headers::end() const {
  return iterator({});
}

std::string_view eventstream_headers::text(std::string_view name) const {
  for (const eventstream_header& header : *this) {
    if (header.kind == header_type::string && header.name == name) return header.bytes;
  }
  return {};
}

eventstream_headers::iterator& eventstream_headers::iterator::operator++() {
  rest_.remove_prefix(size_);
  read();
  return *this;
}

void eventstream_headers::iterator::read() {
  if (!rest_.empty()) size_ = read_header(rest_, header_);
}

result<void> eventstream_decoder::feed(std::string_view input, sink& out) {
  while (!verdict_ && !input.empty()) {
    if (const auto done = step(input, out); done.has_error()) {
      verdict_ = static_cast<errc>(done.error().value());
      headers_ = {};
    }
  }
  if (verdict_) return *verdict_;
  return {};
}

result<void> eventstream_decoder::step(std::string_view& input, sink& out) {
  switch (part_) {
    case part::prelude:
      return hold(input, prelude_size) ? read_prelude(out) : result<void>();
    case part::headers:
      return read_headers(input, out);
    case part::payload:
      read_payload(input, out);
      return {};
    case part::checksum:
      return hold(input, checksum_size) ? read_checksum(out) : result<void>();
  }
  return {};
}

/// True once `size` bytes are held.
bool eventstream_decoder::hold(std::string_view& input, std::size_t size) {
  const auto piece = input.substr(0, size - held_size_);
  std::copy(piece.begin(), piece.end(), held_.begin() + static_cast<std::ptrdiff_t>(held_size_));
  held_size_ += piece.size();
  input.remove_prefix(piece.size());
  return held_size_ == size;
}

result<void> eventstream_decoder::read_prelude(sink& out) {
  const std::uint32_t size = big_endian_at(held_.data());
  headers_size_ = big_endian_at(held_.data() + 4);
  checksum_ = 0;
  add_to_checksum({held_.data(), checked_lengths});
  // First the checksum: behind a wrong one the lengths mean nothing.
  if (checksum_ != big_endian_at(held_.data() + checked_lengths)) return errc::malformed;
  if (headers_size_ > max_headers) return errc::too_large;
  const std::uint64_t around = prelude_size + headers_size_ + checksum_size;
  if (size < around) return errc::malformed;
  if (size - around > max_payload) return errc::too_large;
  payload_left_ = static_cast<std::uint32_t>(size - around);
  add_to_checksum({held_.data() + checked_lengths, prelude_size - checked_lengths});
  held_size_ = 0;
  headers_.clear();
  part_ = part::headers;
  if (headers_size_ == 0) return show_headers({}, out);
  return {};
}

result<void> eventstream_decoder::read_headers(std::string_view& input, sink& out) {
  const auto piece = input.substr(0, headers_size_ - headers_.size());
  input.remove_prefix(piece.size());
  if (headers_.empty() && piece.size() == headers_size_) return show_headers(piece, out);
  headers_ += piece;
  if (headers_.size() < headers_size_) return {};
  auto shown = show_headers(headers_, out);
  if (headers_.capacity() > kept_capacity) headers_ = {};
  return shown;
}

result<void> eventstream_decoder::show_headers(std::string_view block, sink& out) {
  const auto headers = eventstream_headers::parse(block);
  if (headers.has_error()) return headers.error();
  add_to_checksum(block);
  part_ = payload_left_ == 0 ? part::checksum : part::payload;
  out.on_message(*headers);
  return {};
}

void eventstream_decoder::read_payload(std::string_view& input, sink& out) {
  const auto piece = input.substr(0, payload_left_);
  input.remove_prefix(piece.size());
  payload_left_ -= static_cast<std::uint32_t>(piece.size());
  add_to_checksum(piece);
  if (payload_left_ == 0) part_ = part::checksum;
  out.on_payload(piece);
}

result<void> eventstream_decoder::read_checksum(sink& out) {
  if (checksum_ != big_endian_at(held_.data())) return errc::malformed;
  held_size_ = 0;
  part_ = part::prelude;
  out.on_message_end();
  return {};
}

void eventstream_decoder::add_to_checksum(std::string_view bytes) {
  if (bytes.empty()) return;  // zlib would begin anew
  checksum_ =
      static_cast<std::uint32_t>(crc32_z(checksum_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace net::wire
