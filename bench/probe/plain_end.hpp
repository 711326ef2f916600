#pragma once

// A client's end of a TCP connection without TLS.

#include "bench/probe/connection_end.hpp"

namespace bench {

class plain_end final : public connection_end {
 public:
  /// Takes the descriptor of a socket that is connecting.
  explicit plain_end(int descriptor) : descriptor_(descriptor) {}
  ~plain_end() override;
  plain_end(const plain_end&) = delete;
  plain_end& operator=(const plain_end&) = delete;

  /// Moved once it is connected.
  io handshake() override;
  io read(std::span<char> into, std::size_t& got) override;
  io write(std::string_view bytes, std::size_t& put) override;
  void shutdown() override;
  int descriptor() const override { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace bench
