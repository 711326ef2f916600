#pragma once

// An origin that is far away: in a network namespace of its own, behind a line that holds every packet back for a
// while. The line is two tun devices and a program that carries packets between them, because few kernels have netem.

#include <chrono>
#include <functional>

#include <netinet/in.h>

namespace bench {

class far_line {
 public:
  /// The near end, in this network namespace. Throws std::runtime_error where there are no tun devices.
  far_line();
  ~far_line();
  far_line(const far_line&) = delete;
  far_line& operator=(const far_line&) = delete;

  /// Where the far end is reached.
  static sockaddr_in origin();

  /// In a process of its own: makes the far end in another namespace and runs `serve` there with a listening socket,
  /// which must not return. Packets take `one_way` in each direction.
  [[noreturn]] void serve_at_far_end(std::chrono::microseconds one_way, const std::function<void(int listener)>& serve);

 private:
  int near_;
};

}  // namespace bench
