#pragma once

// Messages of AWS event streams, encoded without the code that is tested.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

inline std::uint32_t crc32_of(std::string_view bytes) {
  std::uint32_t sum = 0xffffffff;
  for (const char each : bytes) {
    sum ^= static_cast<unsigned char>(each);
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ ((sum & 1) != 0 ? 0xedb88320 : 0);
  }
  return ~sum;
}

/// Big endian.
inline std::string number_of(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

/// `type` is the wire's number, `value` what follows it.
inline std::string eventstream_field(std::string_view name, int type, std::string_view value) {
  return number_of(name.size(), 1).append(name).append(number_of(static_cast<unsigned>(type), 1)).append(value);
}

inline std::string eventstream_text(std::string_view name, std::string_view value) {
  return eventstream_field(name, 7, number_of(value.size(), 2).append(value));
}

/// With both checksums right, whatever the lengths say.
inline std::string eventstream_frame(std::uint32_t size, std::uint32_t headers_size, std::string_view headers,
                                     std::string_view payload) {
  std::string text = number_of(size, 4) + number_of(headers_size, 4);
  text += number_of(crc32_of(text), 4);
  text.append(headers).append(payload);
  return text + number_of(crc32_of(text), 4);
}

inline std::string eventstream_message(std::string_view headers, std::string_view payload) {
  return eventstream_frame(static_cast<std::uint32_t>(headers.size() + payload.size() + 16),
                           static_cast<std::uint32_t>(headers.size()), headers, payload);
}

/// As a service sends an event: `kind` is "event" or "exception".
inline std::string eventstream_event(std::string_view kind, std::string_view name, std::string_view payload) {
  const std::string header = ":" + std::string(kind) + "-type";
  return eventstream_message(eventstream_text(header, name) + eventstream_text(":content-type", "application/json") +
                                 eventstream_text(":message-type", kind),
                             payload);
}

}  // namespace support
