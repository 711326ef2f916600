#pragma once

// HTTP/2 frames as bytes (RFC 9113 §4.1), and header blocks by a real HPACK encoder whose table lives on between them.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "net/wire/h2_frame_decoder.hpp"

namespace support {

using net::wire::h2_type;
namespace h2_flag = net::wire::h2_flag;

inline const std::string h2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

inline std::string big_endian(std::uint32_t value, int bytes = 4) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xff);
  return out;
}

inline std::string frame(h2_type type, unsigned flags, std::uint32_t stream, std::string_view payload = {}) {
  return big_endian(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(type) +
         static_cast<char>(flags) + big_endian(stream) + std::string(payload);
}

inline std::string data(std::uint32_t stream, std::string_view content, bool end = false) {
  return frame(h2_type::data, end ? h2_flag::end_stream : 0, stream, content);
}
inline std::string reset(std::uint32_t stream, std::uint32_t code) {
  return frame(h2_type::rst_stream, 0, stream, big_endian(code));
}
inline std::string goaway(std::uint32_t last, std::uint32_t code = 0) {
  return frame(h2_type::goaway, 0, 0, big_endian(last) + big_endian(code) + "bye");
}
inline std::string ping() {
  return frame(h2_type::ping, 0, 0, "12345678");
}
inline std::string settings(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& values = {}) {
  std::string payload;
  for (const auto& [id, value] : values) payload += big_endian(id, 2) + big_endian(value);
  return frame(h2_type::settings, 0, 0, payload);
}
inline std::string settings_ack() {
  return frame(h2_type::settings, h2_flag::ack, 0);
}

using h2_fields = std::vector<std::pair<std::string, std::string>>;

class hpack_encoder {
 public:
  hpack_encoder() {
    nghttp2_hd_deflater* made = nullptr;
    nghttp2_hd_deflate_new(&made, 1 << 20);
    deflater_.reset(made);
  }

  /// As an encoder does that has acknowledged such a setting.
  void resize(std::size_t table) { nghttp2_hd_deflate_change_table_size(deflater_.get(), table); }

  std::string block(const h2_fields& fields) {
    std::vector<nghttp2_nv> list;
    for (const auto& [name, value] : fields) {
      list.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    std::string out(nghttp2_hd_deflate_bound(deflater_.get(), list.data(), list.size()), '\0');
    const auto size = nghttp2_hd_deflate_hd(deflater_.get(), bytes(out), out.size(), list.data(), list.size());
    out.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return out;
  }

  std::string headers(std::uint32_t stream, const h2_fields& fields, bool end = false) {
    return frame(h2_type::headers, h2_flag::end_headers | (end ? h2_flag::end_stream : 0u), stream, block(fields));
  }

 private:
  struct deflater_free {
    void operator()(nghttp2_hd_deflater* deflater) const { nghttp2_hd_deflate_del(deflater); }
  };
  static std::uint8_t* bytes(const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  }

  std::unique_ptr<nghttp2_hd_deflater, deflater_free> deflater_;
};

inline h2_fields get_fields(const std::string& path) {
  return {{":method", "GET"}, {":scheme", "https"}, {":authority", "api.test"}, {":path", path}};
}
inline h2_fields post_fields(const std::string& path) {
  return {{":method", "POST"}, {":scheme", "https"}, {":authority", "api.test"}, {":path", path}};
}
inline h2_fields status_fields(const std::string& status) {
  return {{":status", status}};
}

}  // namespace support
