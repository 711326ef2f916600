#pragma once

// A distant origin. It is in a network namespace of its own, behind a line that delays every packet. The line consists
// of two tun devices and a program that carries packets between them, because few kernels have netem.

#include <chrono>
#include <functional>

#include <netinet/in.h>

namespace bench {

class far_line {
 public:
  /// Makes the near end, in this network namespace. Throws std::runtime_error if tun devices are not available.
  far_line();
  ~far_line();
  far_line(const far_line&) = delete;
  far_line& operator=(const far_line&) = delete;

  /// The address of the far end.
  static sockaddr_in origin();

  /// Starts a process that makes the far end in another namespace and runs `serve` there with a listening socket.
  /// `serve` must not return. Packets take `one_way` in each direction.
  [[noreturn]] void serve_at_far_end(std::chrono::microseconds one_way, const std::function<void(int listener)>& serve);

 private:
  int near_;
};

}  // namespace bench
