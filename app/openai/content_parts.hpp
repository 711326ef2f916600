#pragma once

// The content of a message, which both APIs write as a string or as a list of parts, under different names. Joins text
// and decodes images. Refuses audio and files, since an answer that ignores them would be wrong.

#include <string_view>

#include "app/openai/request_body.hpp"
#include "app/openai/turn_request.hpp"

namespace app::openai {

/// Reads the contents of one request, and counts its images.
class content_reader {
 public:
  explicit content_reader(const request_limits& limits) : limits_(limits) {}

  /// Reads member `name` of `object` into `into`: text, and images from a user or a tool. Refuses absent content unless
  /// `optional`.
  void read(const members& object, std::string_view name, message& into, bool optional = false);

 private:
  void read_part(const members& part, message& into);
  void read_image(const members& part, message& into);
  void add_text(message& into, std::string_view text);

  request_limits limits_;
  std::size_t images_ = 0;
  bool first_ = true;  // part of a message
};

}  // namespace app::openai
