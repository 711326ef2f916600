#include "app/run/past_proxy.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace app::run {
namespace {

constexpr std::uint16_t tls_port = 443;

#if defined(__x86_64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t own_architecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t own_architecture = 0;
#endif

net::descriptor install(sock_fprog& program) {
  // A signal that arrives while the keeper handles the notification must not make connect() fail.
  for (const unsigned long flags :
       {SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, SECCOMP_FILTER_FLAG_NEW_LISTENER}) {
    const auto made = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    if (made >= 0) return net::descriptor(static_cast<int>(made));
    if (errno != EINVAL) break;
  }
  return net::descriptor();
}

/// Of another process; empty where we may not look or it is no IP address.
std::optional<sockaddr_storage> address_in(pid_t process, std::uint64_t at, std::uint64_t length) {
  sockaddr_storage address{};
  if (length < sizeof(sockaddr_in) || length > sizeof address) return std::nullopt;
  iovec into{&address, length};
  iovec from{reinterpret_cast<void*>(at), length};
  if (::process_vm_readv(process, &into, 1, &from, 1, 0) != static_cast<ssize_t>(length)) return std::nullopt;
  return address;
}

struct shown_address {
  std::uint16_t port = 0;
  std::string text;
};

shown_address show(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return {ntohs(v4.sin_port), text.data()};
  }
  if (address.ss_family != AF_INET6) return {};
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  return {ntohs(v6.sin6_port), text.data()};
}

}  // namespace

net::descriptor tell_of_connections() {
  if (own_architecture == 0) return net::descriptor();
  std::array filter{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, own_architecture, 0, 3),
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_connect, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  auto made = install(program);
  if (made.valid() || errno != EACCES) return made;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return net::descriptor();
  return install(program);
}

past_proxy::past_proxy(net::descriptor notifications, std::function<void(const direct_program&)> on_first)
    : notifications_(std::move(notifications)),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      on_first_(std::move(on_first)),
      listening_([this] { listen(); }) {}

past_proxy::~past_proxy() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(stop_.get(), &one, sizeof one);
  listening_.join();
}

void past_proxy::listen() {
  for (;;) {
    pollfd ready[] = {{notifications_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    if (::poll(ready, 2, -1) < 0 && errno != EINTR) return;
    if (ready[1].revents != 0 || (ready[0].revents & (POLLHUP | POLLERR)) != 0) return;
    if ((ready[0].revents & POLLIN) != 0) answer_one();
  }
}

void past_proxy::answer_one() {
  seccomp_notif asked{};
  if (::ioctl(notifications_.get(), SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) return;  // the program was killed meanwhile
  note(asked.pid, asked.data.args[1], asked.data.args[2]);
  seccomp_notif_resp go_on{};
  go_on.id = asked.id;
  go_on.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  ::ioctl(notifications_.get(), SECCOMP_IOCTL_NOTIF_SEND, &go_on);
}

void past_proxy::note(std::uint32_t process, std::uint64_t address_at, std::uint64_t length) {
  const auto address = address_in(static_cast<pid_t>(process), address_at, length);
  if (!address) return;
  const auto destination = show(*address);
  if (destination.port != tls_port) return;
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/" + std::to_string(process) + "/exe", ignored).string();
  if (program.empty()) return;
  std::unique_lock lock(mutex_);
  const bool known = std::ranges::find(programs_, program, &direct_program::executable) != programs_.end();
  if (known || programs_.size() >= max_programs) return;
  const direct_program first{program, destination.text};
  programs_.push_back(first);
  lock.unlock();
  if (on_first_) on_first_(first);
}

std::vector<direct_program> past_proxy::programs() const {
  std::lock_guard lock(mutex_);
  return programs_;
}

}  // namespace app::run
