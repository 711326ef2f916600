#pragma once

// Content codings as providers apply them to streams: every piece is flushed, so that an event never waits in a
// compressor's window.

#include <memory>
#include <string>
#include <string_view>

namespace sim {

class content_encoder {
 public:
  virtual ~content_encoder() = default;
  virtual std::string encode(std::string_view piece) = 0;
  virtual std::string finish() = 0;
};

/// gzip | deflate | br | zstd; nullptr for anything else, which means as it is.
std::unique_ptr<content_encoder> make_content_encoder(std::string_view coding);

}  // namespace sim
