#pragma once

// Incremental decoder of multipart/form-data (RFC 7578, RFC 2046 §5.1): the fields of a form that uploads files. Reads
// any cut of the body, keeps no value.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace net::wire {

class form_decoder {
 public:
  /// Bytes of the header fields of one part. A form with longer ones is not read further.
  static constexpr std::size_t max_head = 8 * 1024;

  class sink {
   public:
    /// A part begins. The view is valid during the call.
    virtual void on_field(std::string_view name) = 0;
    /// A piece of its value.
    virtual void on_value(std::string_view piece) = 0;

   protected:
    ~sink() = default;
  };

  form_decoder(std::string_view boundary, sink& fields);

  /// False: it is no such form; final.
  bool feed(std::string_view input);

 private:
  enum class state : std::uint8_t { preamble, delimiter, head, value, ended, failed };

  bool step();
  bool is_too_long(std::size_t end);

  const std::string delimiter_;  // CRLF, two dashes, the boundary
  sink& sink_;
  state state_ = state::preamble;
  std::string held_;  // not decided yet
};

/// The boundary of a Content-Type; nullopt: it is no multipart/form-data.
std::optional<std::string> form_boundary(std::string_view content_type);

}  // namespace net::wire
