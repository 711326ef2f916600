#include "net/h2/header_decoder.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace net::h2 {
namespace {

using wire::errc;

constexpr std::size_t line_overhead = 4;  // ": " and the line's end

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

/// Lower case, nothing that ends a name or a line.
bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return c > ' ' && c < 0x7f && c != ':' && !(c >= 'A' && c <= 'Z');
  });
}

bool is_value(std::string_view value) {
  return value.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos;
}

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c != 0x7f; });
}

/// 0 if it is not a status.
unsigned status_of(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 3 || !std::ranges::all_of(text, is_digit) || text[0] == '0') return 0;
  return static_cast<unsigned>((text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'));
}

}  // namespace

void message_head::clear() {
  for (std::string* each : {&method, &path, &authority, &protocol, &lines}) each->clear();
  status = 0;
  malformed = false;
}

header_decoder::header_decoder(limits bounds) : bounds_(bounds) {
  nghttp2_hd_inflater* made = nullptr;
  if (nghttp2_hd_inflate_new(&made) != 0) throw std::bad_alloc();
  inflater_.reset(made);
}

void header_decoder::allow_table(std::uint32_t size) {
  announced_anew_ = announced_anew_ || size > announced_;
  announced_ = std::max(announced_, size);
}

wire::result<void> header_decoder::feed(std::string_view fragment, bool last) {
  if (!std::exchange(in_block_, !last)) {
    head_.clear();
    size_ = 0;
    // Between blocks only; the library refuses it inside one.
    if (std::exchange(announced_anew_, false)) {
      nghttp2_hd_inflate_change_table_size(inflater_.get(), std::min<std::size_t>(announced_, bounds_.table));
    }
  }
  // Not a null pointer, even if the last fragment of a block is empty.
  const auto* at = reinterpret_cast<const std::uint8_t*>(fragment.empty() ? "" : fragment.data());
  for (std::size_t left = fragment.size();;) {
    int flags = 0;
    nghttp2_nv field{};
    const auto used = nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags, at, left, last ? 1 : 0);
    // We cannot tell a sender that uses the larger table it was allowed from a broken one.
    if (used < 0) return announced_ > bounds_.table ? errc::too_large : errc::malformed;
    at += used;
    left -= static_cast<std::size_t>(used);
    const bool emitted = (flags & NGHTTP2_HD_INFLATE_EMIT) != 0;
    if (emitted && !add(view(field.name, field.namelen), view(field.value, field.valuelen))) return errc::too_large;
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    if (!emitted && left == 0) return {};
  }
  nghttp2_hd_inflate_end_headers(inflater_.get());
  return {};
}

void header_decoder::release() {
  if (in_block_) return;
  // An assignment would keep the strings' memory.
  const message_head forgotten = std::move(head_);
  head_.clear();
}

/// False: the list exceeds its limit.
bool header_decoder::add(std::string_view name, std::string_view value) {
  size_ += name.size() + value.size() + line_overhead;
  unfolded_ += name.size() + value.size() + line_overhead;
  if (size_ > bounds_.list) return false;
  if (name.starts_with(':')) {
    add_pseudo(name, value);
  } else if (is_name(name) && is_value(value)) {
    head_.lines.append(name).append(": ").append(value).append("\r\n");
  } else {
    head_.malformed = true;
  }
  return true;
}

void header_decoder::add_pseudo(std::string_view name, std::string_view value) {
  if (name == ":scheme") return;
  std::string* const place = name == ":method"      ? &head_.method
                             : name == ":path"      ? &head_.path
                             : name == ":authority" ? &head_.authority
                             : name == ":protocol"  ? &head_.protocol
                                                    : nullptr;
  const bool first = place != nullptr ? place->empty() : name == ":status" && head_.status == 0;
  if (!first || !head_.lines.empty() || !is_word(value)) {
    head_.malformed = true;
  } else if (place != nullptr) {
    *place = value;
  } else {
    head_.status = status_of(value);
    head_.malformed = head_.malformed || head_.status == 0;
  }
}

}  // namespace net::h2
