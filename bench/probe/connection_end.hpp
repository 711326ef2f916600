#pragma once

// One end of a connection on a non-blocking socket, for the benches' own programs.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace bench {

enum class io : std::uint8_t { moved, blocked, ended };

class connection_end {
 public:
  virtual ~connection_end() = default;

  /// Until it has moved, neither of the others may be called.
  virtual io handshake() = 0;
  virtual io read(std::span<char> into, std::size_t& got) = 0;
  virtual io write(std::string_view bytes, std::size_t& put) = 0;
  virtual void shutdown() = 0;
  virtual int descriptor() const = 0;
};

}  // namespace bench
