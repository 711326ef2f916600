#include "app/run/name_service.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/by.hpp"

namespace app::run {
namespace {

using asio::ip::udp;
using asio::posix::stream_descriptor;

// RFC 6891 lets a message over UDP be as large as a datagram.
constexpr std::size_t max_message = 65'535;

struct query {
  std::vector<char> message;
  udp::endpoint client;  // within the network
  udp::endpoint server;  // the server
};

/// Room for the packet information of either family.
using control_buffer = std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))>;

struct datagram_head {
  msghdr message{};
  iovec part{};
  alignas(cmsghdr) control_buffer control{};

  datagram_head(void* data, std::size_t size, const udp::endpoint& peer) {
    part = {data, size};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_name = const_cast<void*>(static_cast<const void*>(peer.data()));
    message.msg_namelen = static_cast<socklen_t>(peer.size());
    message.msg_control = control.data();
    message.msg_controllen = sizeof control;
  }
  datagram_head(const datagram_head&) = delete;
  datagram_head& operator=(const datagram_head&) = delete;
};

std::optional<asio::ip::address> destination_in(msghdr& message) {
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr; head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_PKTINFO) {
      in_pktinfo found;
      std::memcpy(&found, CMSG_DATA(head), sizeof found);
      return asio::ip::address_v4(ntohl(found.ipi_addr.s_addr));
    }
    if (head->cmsg_level == IPPROTO_IPV6 && head->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo found;
      std::memcpy(&found, CMSG_DATA(head), sizeof found);
      asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &found.ipi6_addr, bytes.size());
      return asio::ip::address_v6(bytes);
    }
  }
  return std::nullopt;
}

// Not inlined into the coroutine, like all that uses thread-local storage.
[[gnu::noinline]] std::optional<query> take_query(int socket) {
  thread_local std::array<char, max_message> buffer;
  query taken;
  taken.client.resize(taken.client.capacity());
  datagram_head head(buffer.data(), buffer.size(), taken.client);
  const auto got = ::recvmsg(socket, &head.message, MSG_DONTWAIT);
  if (got < 0) return std::nullopt;
  taken.client.resize(head.message.msg_namelen);
  const auto server = destination_in(head.message);
  if (!server) return std::nullopt;
  taken.server = {*server, 53};
  taken.message.assign(buffer.data(), buffer.data() + got);
  return taken;
}

template <class Info>
void speak_as(msghdr& message, int level, int type, const Info& info) {
  message.msg_controllen = CMSG_SPACE(sizeof info);
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = level;
  head->cmsg_type = type;
  head->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(head), &info, sizeof info);
}

void give_answer(int socket, const query& asked, std::span<char> answer) {
  datagram_head head(answer.data(), answer.size(), asked.client);
  const auto server = asked.server.address();
  if (server.is_v4()) {
    in_pktinfo info{};
    info.ipi_spec_dst.s_addr = htonl(server.to_v4().to_uint());
    speak_as(head.message, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    const auto bytes = server.to_v6().to_bytes();
    std::memcpy(&info.ipi6_addr, bytes.data(), bytes.size());
    speak_as(head.message, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
  ::sendmsg(socket, &head.message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

[[gnu::noinline]] void pass_answer(udp::socket& server, int socket, const query& asked) {
  thread_local std::array<char, max_message> buffer;
  boost::system::error_code error;
  const auto got = server.receive(asio::buffer(buffer), 0, error);
  if (!error) give_answer(socket, asked, {buffer.data(), got});
}

asio::awaitable<net::result<void>> readable(udp::socket& server) {
  auto [error] = co_await server.async_wait(udp::socket::wait_read, asio::as_tuple(asio::use_awaitable));
  if (error) co_return error;
  co_return net::result<void>{};
}

asio::awaitable<void> answer(int socket, query asked, std::chrono::milliseconds limit) {
  udp::socket server(co_await asio::this_coro::executor);
  boost::system::error_code error;
  server.open(asked.server.protocol(), error);
  if (!error) server.connect(asked.server, error);
  if (!error) server.send(asio::buffer(asked.message), 0, error);
  // No error is sent: the program's resolver has a time limit and tries further servers.
  if (error) co_return;
  const auto came = co_await net::by(net::after(limit), readable(server));
  if (came.has_value()) pass_answer(server, socket, asked);
}

}  // namespace

name_service::name_service(net::worker_pool& workers, const run_limits& bounds, std::vector<net::descriptor> sockets)
    : workers_(workers),
      bounds_(bounds),
      sockets_(std::move(sockets)),
      strand_(workers.strand()),
      tasks_(strand_, [](const std::string&) {}) {
  for (const auto& each : sockets_) tasks_.spawn(strand_, serve(each.get()));
}

asio::awaitable<void> name_service::serve(int socket) {
  stream_descriptor waiting(co_await asio::this_coro::executor, socket);
  for (;;) {
    // The sockets' own tasks belong to the group, too.
    co_await tasks_.below(bounds_.dns_queries + sockets_.size());
    auto [error] = co_await waiting.async_wait(stream_descriptor::wait_read, asio::as_tuple(asio::use_awaitable));
    if (error) break;
    auto asked = take_query(socket);
    if (asked) tasks_.spawn(workers_.strand(), answer(socket, std::move(*asked), bounds_.dns_answer));
  }
  waiting.release();  // sockets_ closes it
}

asio::awaitable<void> name_service::end_on_strand() {
  tasks_.cancel();
  co_await tasks_.join();
}

asio::awaitable<void> name_service::stop() {
  co_await asio::co_spawn(strand_, end_on_strand(), net::uncancelled());
}

}  // namespace app::run
