#pragma once

// Incremental gzip decoder (RFC 1952) for answers of the provider.

#include <string>
#include <string_view>

#include <zlib.h>

namespace sim::ls {

class gunzip {
 public:
  gunzip();
  ~gunzip();
  gunzip(const gunzip&) = delete;
  gunzip& operator=(const gunzip&) = delete;

  /// Throws std::runtime_error on bytes that are not gzip.
  std::string decode(std::string_view coded);

 private:
  z_stream state_{};
};

}  // namespace sim::ls
