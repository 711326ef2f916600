#pragma once

// What a fuzzer of HTTP/2 begins with, and frames whose length always fits.

#include <string>
#include <string_view>

namespace fuzz {

inline const std::string h2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

inline const std::string empty_settings("\0\0\0\4\0\0\0\0\0", 9);

/// type, flags, stream, payload → a frame of that length; streams are few, so that they meet.
inline std::string framed(std::string_view text) {
  if (text.size() < 3) return std::string(text);
  const std::string_view payload = text.substr(3);
  std::string frame{'\0', static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size()), text[0], text[1]};
  return frame + std::string("\0\0\0", 3) + static_cast<char>(text[2] & 0x0f) + std::string(payload);
}

}  // namespace fuzz
