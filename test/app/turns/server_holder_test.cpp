#include "app/turns/server_holder.hpp"

#include <csignal>
#include <functional>

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace app {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;
using who = cascade::port_holder::who;

constexpr uid_t somebody = 61003;

/// A child that has run `work` by the time it is made, and sleeps until the end.
class child_process {
 public:
  explicit child_process(const std::function<void()>& work) {
    int ready[2];
    if (::pipe(ready) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      work();
      if (::write(ready[1], "x", 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    ::close(ready[1]);
    char word = 0;
    if (::read(ready[0], &word, 1) != 1) std::abort();
    ::close(ready[0]);
  }
  ~child_process() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  pid_t id() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

struct server_holder : testing::Test {
  boost::asio::io_context context;
  tcp::acceptor listener{context, {boost::asio::ip::address_v4::loopback(), 0}};
  std::string port = std::to_string(listener.local_endpoint().port());

  static cascade::port_holder holder(std::string target, uid_t user, pid_t process = 0) {
    return find_server_holder({std::move(target), {}, {}, {{user}, process}});
  }
};

TEST_F(server_holder, is_the_server_if_its_user_and_its_process_have_the_port) {
  EXPECT_EQ(holder("127.0.0.1:" + port, ::geteuid()).is, who::server);
  EXPECT_EQ(holder("localhost:" + port, ::geteuid(), ::getpid()).is, who::server);
  EXPECT_EQ(holder("127.0.0.1:" + port, ::geteuid(), ::getppid()).is, who::server) << "it was started by that one";
}

TEST_F(server_holder, is_a_stranger_if_another_user_has_it) {
  const auto found = holder("127.0.0.1:" + port, somebody);
  EXPECT_EQ(found.is, who::stranger);
  EXPECT_THAT(found.words, HasSubstr("127.0.0.1:" + port + " is held by uid " + std::to_string(::geteuid())));
  EXPECT_THAT(found.words, HasSubstr("uid 61003; nothing was sent to it"));
}

TEST_F(server_holder, is_a_stranger_if_another_process_of_the_user_has_it) {
  const child_process other([this] { listener.close(); });
  const auto found = holder("127.0.0.1:" + port, ::geteuid(), other.id());
  EXPECT_EQ(found.is, who::stranger);
  EXPECT_THAT(found.words, HasSubstr("another process"));
}

TEST_F(server_holder, is_nobody_once_it_is_closed) {
  listener.close();
  const auto found = holder("127.0.0.1:" + port, ::geteuid());
  EXPECT_EQ(found.is, who::nobody);
  EXPECT_THAT(found.words, HasSubstr("nobody on this machine listens"));
}

TEST_F(server_holder, of_a_wildcard_address_of_either_family_is_looked_at_too) {
  for (const auto& any : {tcp::endpoint(tcp::v4(), 0), tcp::endpoint(tcp::v6(), 0)}) {
    boost::system::error_code without;
    tcp::acceptor wide(context);
    wide.open(any.protocol(), without);
    if (without) continue;
    wide.bind(any);
    wide.listen();
    const auto at = "127.0.0.1:" + std::to_string(wide.local_endpoint().port());
    EXPECT_EQ(holder(at, ::geteuid()).is, who::server);
    EXPECT_EQ(holder(at, somebody).is, who::stranger);
  }
}

TEST_F(server_holder, of_another_address_of_loopback_is_somebody_else) {
  EXPECT_EQ(holder("127.0.0.9:" + port, ::geteuid()).is, who::nobody);
}

TEST_F(server_holder, of_a_connection_that_somebody_else_has_accepted_is_a_stranger_though_the_port_is_the_servers) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  tcp::socket client(context);
  client.connect(listener.local_endpoint());
  EXPECT_EQ(holder("127.0.0.1:" + port, ::geteuid()).is, who::server) << "nobody has accepted it";
  const child_process thief([this] {
    if (::setresuid(somebody, somebody, somebody) != 0) ::_exit(1);
    if (::accept(listener.native_handle(), nullptr, nullptr) < 0) ::_exit(1);
  });
  const auto found = holder("127.0.0.1:" + port, ::geteuid());
  EXPECT_EQ(found.is, who::stranger);
  EXPECT_THAT(found.words, HasSubstr("is held by uid 61003"));
}

TEST_F(server_holder, is_the_server_though_strangers_have_the_port_of_the_other_family_or_connect_from_it) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const auto number = listener.local_endpoint().port();
  const child_process stranger([&] {
    if (::setresuid(somebody, somebody, somebody) != 0) ::_exit(1);
    const int other = ::socket(AF_INET6, SOCK_STREAM, 0);
    const int yes = 1;
    ::setsockopt(other, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    const sockaddr_in6 any{AF_INET6, htons(number), 0, in6addr_any, 0};
    if (::bind(other, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0 || ::listen(other, 1) != 0) ::_exit(1);
  });
  EXPECT_EQ(holder("127.0.0.1:" + port, ::geteuid()).is, who::server);
  EXPECT_EQ(holder("[::1]:" + port, ::geteuid()).is, who::stranger);
}

TEST_F(server_holder, says_what_to_set_for_a_server_of_another_user_that_somebody_else_runs) {
  EXPECT_THAT(holder("127.0.0.1:" + port, somebody).words, HasSubstr("language_server.user says"));
  EXPECT_THAT(holder("127.0.0.1:" + port, somebody, ::getpid()).words, testing::Not(HasSubstr("language_server.user")));
}

TEST_F(server_holder, of_what_is_no_address_is_a_stranger) {
  EXPECT_EQ(holder("example.com:443", ::geteuid()).is, who::stranger);
  EXPECT_EQ(holder("nonsense", ::geteuid()).is, who::stranger);
}

}  // namespace
}  // namespace app
