#include "app/accounting/process_finder.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <list>
#include <thread>

#include <gmock/gmock.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>

#include "net/thread_name.hpp"
#include "test/support/until.hpp"

namespace app {
namespace {

using net::asio::ip::tcp;

class process_finder_test : public testing::Test {
 protected:
  connection_process found_by(process_finder& finder, const mitm::connection_facts& facts) {
    std::promise<connection_process> answer;
    finder.look(facts)->when_known([&](const connection_process& found) { answer.set_value(found); });
    return answer.get_future().get();
  }

  net::asio::io_context io_;
  tcp::acceptor acceptor_{io_, {net::asio::ip::address_v4::loopback(), 0}};
  process_finder finder_{{}, net::descriptor()};
};

TEST_F(process_finder_test, the_client_of_a_connection_is_found) {
  tcp::socket client(io_);
  client.connect(acceptor_.local_endpoint());
  for (int again = 0; again < 2; ++again) {
    const auto found = found_by(finder_, {client.local_endpoint(), acceptor_.local_endpoint(), ""});
    EXPECT_EQ(found.pid, ::getpid());
    EXPECT_EQ(found.uid, ::getuid());
    EXPECT_GT(found.started.value_or(0), 0);
    EXPECT_THAT(found.executable, testing::HasSubstr("app_test"));
  }
}

TEST_F(process_finder_test, a_connection_that_is_not_there_is_nobodys) {
  const auto found = found_by(finder_, {acceptor_.local_endpoint(), acceptor_.local_endpoint(), ""});
  EXPECT_FALSE(found.pid);
  EXPECT_FALSE(found.uid);
}

TEST_F(process_finder_test, a_client_that_was_going_elsewhere_is_found_by_what_it_calls_its_peer) {
  tcp::socket client(io_);
  client.connect(acceptor_.local_endpoint());
  const tcp::endpoint elsewhere(net::asio::ip::make_address("fd00::2"), 443);
  EXPECT_FALSE(found_by(finder_, {client.local_endpoint(), elsewhere, ""}).pid);
  finder_.known_as({{net::asio::ip::address_v6::loopback(), 1}, acceptor_.local_endpoint()});
  EXPECT_EQ(found_by(finder_, {client.local_endpoint(), elsewhere, ""}).pid, ::getpid());
}

TEST_F(process_finder_test, beyond_the_limit_of_descriptors_a_connection_is_nobodys) {
  tcp::socket client(io_);
  client.connect(acceptor_.local_endpoint());
  process_finder finder({.process_descriptors = 1}, net::descriptor());
  const auto found = found_by(finder, {client.local_endpoint(), acceptor_.local_endpoint(), ""});
  EXPECT_FALSE(found.pid);
  EXPECT_EQ(found.uid, ::getuid());
}

std::size_t descriptors_up_to(int last) {
  std::size_t count = 0;
  for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
    count += std::stoi(each.path().filename()) <= last ? 1 : 0;
  }
  return count;
}

TEST_F(process_finder_test, the_next_connection_of_a_process_is_looked_for_beside_its_last_one_first) {
  tcp::socket client(io_);
  client.connect(acceptor_.local_endpoint());
  const std::size_t enough_for_the_first = descriptors_up_to(client.native_handle());
  process_finder finder({.process_descriptors = enough_for_the_first}, net::descriptor());
  ASSERT_EQ(found_by(finder, {client.local_endpoint(), acceptor_.local_endpoint(), ""}).pid, ::getpid());
  std::list<tcp::socket> more;
  do {
    more.emplace_back(io_).connect(acceptor_.local_endpoint());
  } while (more.back().native_handle() < client.native_handle());
  EXPECT_EQ(found_by(finder, {more.back().local_endpoint(), acceptor_.local_endpoint(), ""}).pid, ::getpid());
}

/// Children, each with a connection or two that nobody else has, and a connection that no process has: it is on its way
/// from one to another.
class process_finder_limits_test : public process_finder_test {
 protected:
  void SetUp() override {
    first_ = held_by_child(2);
    second_ = held_by_child(1);
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, way_), 0);
    tcp::socket client(io_);
    client.connect(acceptor_.local_endpoint());
    nobodys_ = {client.local_endpoint(), acceptor_.local_endpoint(), ""};
    send_away(client.native_handle());
  }

  void TearDown() override {
    for (const auto& each : children_) {
      ::kill(each, SIGKILL);
      ::waitpid(each, nullptr, 0);
    }
    ::close(way_[0]);
    ::close(way_[1]);
  }

  struct held {
    pid_t process = 0;
    std::vector<mitm::connection_facts> connections;
  };

  held held_by_child(int count) {
    held made;
    std::list<tcp::socket> sockets;
    for (int number = 0; number < count; ++number) {
      sockets.emplace_back(io_).connect(acceptor_.local_endpoint());
      made.connections.push_back({sockets.back().local_endpoint(), acceptor_.local_endpoint(), ""});
    }
    made.process = ::fork();
    if (made.process == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (;;) ::pause();
    }
    children_.push_back(made.process);
    return made;
  }

  void send_away(int socket) const {
    char byte = 'x';
    iovec part{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof socket)> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    *head = {CMSG_LEN(sizeof socket), SOL_SOCKET, SCM_RIGHTS};
    std::memcpy(CMSG_DATA(head), &socket, sizeof socket);
    ASSERT_EQ(::sendmsg(way_[0], &message, 0), 1);
  }

  std::vector<pid_t> children_;
  held first_;
  held second_;
  mitm::connection_facts nobodys_;
  int way_[2] = {-1, -1};
};

TEST_F(process_finder_limits_test, after_a_connection_of_nobody_only_known_processes_are_looked_at) {
  process_finder finder({.known_processes = 2}, net::descriptor());
  EXPECT_EQ(found_by(finder, first_.connections[0]).pid, first_.process);
  EXPECT_FALSE(found_by(finder, nobodys_).pid);
  EXPECT_EQ(found_by(finder, first_.connections[1]).pid, first_.process);
  EXPECT_FALSE(found_by(finder, second_.connections[0]).pid) << "a new one, which is not looked for";
}

TEST_F(process_finder_limits_test, the_process_that_was_quiet_for_the_longest_is_no_longer_known) {
  process_finder finder({.known_processes = 1}, net::descriptor());
  EXPECT_EQ(found_by(finder, first_.connections[0]).pid, first_.process);
  EXPECT_EQ(found_by(finder, second_.connections[0]).pid, second_.process);
  EXPECT_FALSE(found_by(finder, nobodys_).pid);
  EXPECT_EQ(found_by(finder, second_.connections[0]).pid, second_.process);
  EXPECT_FALSE(found_by(finder, first_.connections[1]).pid);
}

TEST_F(process_finder_limits_test, new_processes_are_looked_for_again_after_a_while) {
  process_finder finder({.process_blind = std::chrono::milliseconds(200)}, net::descriptor());
  EXPECT_FALSE(found_by(finder, nobodys_).pid);
  std::this_thread::sleep_for(std::chrono::milliseconds(210));
  EXPECT_EQ(found_by(finder, second_.connections[0]).pid, second_.process);
}

TEST_F(process_finder_test, a_client_that_has_closed_its_socket_is_not_taken_for_root) {
  tcp::socket client(io_);
  client.connect(acceptor_.local_endpoint());
  const mitm::connection_facts facts{client.local_endpoint(), acceptor_.local_endpoint(), ""};
  const auto accepted = acceptor_.accept();  // keeps the connection half open
  client.close();
  EXPECT_FALSE(found_by(finder_, facts).uid);
}

TEST_F(process_finder_test, idle_is_when_every_question_has_its_answer) {
  tcp::socket client(io_);
  client.connect(acceptor_.local_endpoint());
  int answers = 0;
  for (int number = 0; number < 10; ++number) {
    finder_.look({client.local_endpoint(), acceptor_.local_endpoint(), ""})->when_known([&](const connection_process&) {
      ++answers;
    });
  }
  finder_.wait_idle();
  EXPECT_EQ(answers, 10);
}

TEST_F(process_finder_test, beyond_the_queue_a_connection_is_nobodys_at_once_and_counted) {
  tcp::socket client(io_);
  client.connect(acceptor_.local_endpoint());
  const mitm::connection_facts facts{client.local_endpoint(), acceptor_.local_endpoint(), ""};
  process_finder finder({.process_lookups = 1}, net::descriptor());
  std::shared_ptr<process_lookup> last;
  while (finder.overflowed() == 0) last = finder.look(facts);  // asking the kernel takes longer than asking us
  ASSERT_NE(last->known(), nullptr) << "refused, it has its answer";
  EXPECT_FALSE(last->known()->pid);
  finder.wait_idle();
  EXPECT_EQ(found_by(finder, facts).pid, ::getpid()) << "and the next one is looked for again";
}

TEST_F(process_finder_test, its_thread_has_a_name) {
  const auto is_there = [] {
    return std::ranges::any_of(std::filesystem::directory_iterator("/proc/self/task"), [](const auto& thread) {
      std::string name;
      std::getline(std::ifstream(thread.path() / "comm"), name);
      return name == "zg-processes";
    });
  };
  test::until(is_there);
}

TEST(process_lookup, a_question_may_come_before_the_answer_or_after_it) {
  process_lookup lookup;
  std::string told;
  lookup.when_known([&](const connection_process& found) { told += found.executable; });
  EXPECT_EQ(told, "");
  EXPECT_EQ(lookup.known(), nullptr);
  lookup.answer({1, 2, "/bin/a", ""});
  EXPECT_EQ(told, "/bin/a");
  ASSERT_NE(lookup.known(), nullptr);
  EXPECT_EQ(lookup.known()->executable, "/bin/a");
  lookup.when_known([&](const connection_process& found) { told += found.executable; });
  EXPECT_EQ(told, "/bin/a/bin/a");
}

TEST(process_lookup, the_user_is_known_before_the_process) {
  process_lookup lookup;
  std::vector<std::optional<std::int64_t>> told;
  const auto hear = [&](std::optional<std::int64_t> uid) { told.push_back(uid); };
  lookup.when_user_known(hear);
  EXPECT_TRUE(told.empty());
  lookup.answer_user(7);
  lookup.when_user_known(hear);
  EXPECT_THAT(told, testing::ElementsAre(7, 7));
  lookup.answer({1, 7, "/bin/a", ""});
  EXPECT_THAT(told, testing::ElementsAre(7, 7)) << "once each";
}

TEST(process_lookup, of_nobody_says_so_to_who_asks_for_the_user) {
  process_lookup lookup;
  bool told = false;
  lookup.when_user_known([&](std::optional<std::int64_t> uid) { told = !uid; });
  lookup.answer({});
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace app
