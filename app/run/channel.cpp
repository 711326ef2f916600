#include "app/run/channel.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>

namespace app::run {
namespace {

using control_buffer = std::array<char, CMSG_SPACE(max_handed_over * sizeof(int))>;

msghdr message_of(iovec& part) {
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  return message;
}

void attach(msghdr& message, control_buffer& control, std::span<const net::descriptor> handed_over) {
  if (handed_over.empty()) return;
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(handed_over.size_bytes());
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(handed_over.size_bytes());
  static_assert(sizeof(net::descriptor) == sizeof(int));
  std::memcpy(CMSG_DATA(head), handed_over.data(), handed_over.size_bytes());
}

void take_over(const msghdr& message, std::vector<net::descriptor>* into) {
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr;
       head = CMSG_NXTHDR(const_cast<msghdr*>(&message), head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    std::vector<int> numbers((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(numbers.data(), CMSG_DATA(head), numbers.size() * sizeof(int));
    for (const int number : numbers) {
      net::descriptor owned(number);
      if (into != nullptr) into->push_back(std::move(owned));
    }
  }
}

}  // namespace

std::optional<std::pair<channel, channel>> channel::make() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return std::nullopt;
  return std::pair{channel(net::descriptor(ends[0])), channel(net::descriptor(ends[1]))};
}

bool channel::send_bytes(std::span<const std::byte> bytes, std::span<const net::descriptor> handed_over) {
  iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
  msghdr message = message_of(part);
  alignas(cmsghdr) control_buffer control{};
  if (handed_over.size() > max_handed_over) return false;
  attach(message, control, handed_over);
  ssize_t sent = 0;
  do sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(bytes.size());
}

bool channel::receive_bytes(std::span<std::byte> bytes, std::vector<net::descriptor>* handed_over) {
  iovec part{bytes.data(), bytes.size()};
  msghdr message = message_of(part);
  alignas(cmsghdr) control_buffer control{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = 0;
  do got = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0) return false;
  take_over(message, handed_over);
  return got == static_cast<ssize_t>(bytes.size());
}

}  // namespace app::run
