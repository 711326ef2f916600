#include "bench/intercept/far_line.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <string>
#include <thread>

#include "bench/common/process_cost.hpp"
#include "bench/probe/sockets.hpp"

namespace bench {
namespace {

// For documentation (RFC 5737).
constexpr const char* near_address = "203.0.113.1";
constexpr const char* far_address = "203.0.113.2";
constexpr const char* device = "bench0";
constexpr std::uint16_t https = 443;

void control(int descriptor, unsigned long what, ifreq& request) {
  std::strncpy(request.ifr_name, device, IFNAMSIZ - 1);
  if (::ioctl(descriptor, what, &request) != 0) throw std::runtime_error("cannot set up a tun device");
}

void set_address(int socket, unsigned long what, const char* text) {
  ifreq request{};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, text, &address.sin_addr);
  std::memcpy(&request.ifr_addr, &address, sizeof address);
  control(socket, what, request);
}

/// A point-to-point device in the current namespace.
int open_tun(const char* own, const char* other) {
  const int made = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (made < 0) throw std::runtime_error("there is no /dev/net/tun");
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  control(made, TUNSETIFF, request);
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  set_address(socket, SIOCSIFADDR, own);
  set_address(socket, SIOCSIFDSTADDR, other);
  request = {};
  request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_POINTOPOINT;
  control(socket, SIOCSIFFLAGS, request);
  ::close(socket);
  return made;
}

/// One direction of the line.
struct lane {
  int from;
  int to;
  struct packet {
    std::uint64_t due;
    std::string bytes;
  };
  std::deque<packet> under_way = {};

  void take(std::uint64_t delay) {
    std::array<char, 65536> block;
    for (ssize_t got = 0; (got = ::read(from, block.data(), block.size())) > 0;) {
      under_way.push_back({monotonic_ns() + delay, std::string(block.data(), static_cast<std::size_t>(got))});
    }
  }
  void deliver() {
    while (!under_way.empty() && under_way.front().due <= monotonic_ns()) {
      const std::string& bytes = under_way.front().bytes;
      // A full device drops packets, as any line does.
      [[maybe_unused]] const ssize_t put = ::write(to, bytes.data(), bytes.size());
      under_way.pop_front();
    }
  }
};

[[noreturn]] void carry(int near, int far, std::uint64_t delay) {
  std::array<lane, 2> lanes{lane{near, far}, lane{far, near}};
  std::array<pollfd, 2> watched{pollfd{near, POLLIN, 0}, pollfd{far, POLLIN, 0}};
  for (;;) {
    std::uint64_t due = UINT64_MAX;
    for (const lane& each : lanes) {
      if (!each.under_way.empty()) due = std::min(due, each.under_way.front().due);
    }
    const std::uint64_t now = monotonic_ns();
    constexpr std::uint64_t second = 1'000'000'000;
    const std::uint64_t wait = due <= now ? 0 : std::min(due - now, second);
    const timespec limit{static_cast<time_t>(wait / second), static_cast<long>(wait % second)};
    ::ppoll(watched.data(), watched.size(), &limit, nullptr);
    for (lane& each : lanes) {
      each.take(delay);
      each.deliver();
    }
  }
}

}  // namespace

sockaddr_in far_line::origin() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(https);
  ::inet_pton(AF_INET, far_address, &address.sin_addr);
  return address;
}

far_line::far_line() : near_(open_tun(near_address, far_address)) {}

far_line::~far_line() {
  ::close(near_);
}

void far_line::serve_at_far_end(std::chrono::microseconds one_way, const std::function<void(int listener)>& serve) {
  if (::unshare(CLONE_NEWNET) != 0) throw std::runtime_error("cannot make a network namespace");
  const int far = open_tun(far_address, near_address);
  std::thread(carry, near_, far, static_cast<std::uint64_t>(one_way.count()) * 1000).detach();
  serve(listen_at(origin()));
  std::abort();
}

}  // namespace bench
