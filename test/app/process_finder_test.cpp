#include "app/process_finder.hpp"

#include <future>

#include <gmock/gmock.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>

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
  net::blocking_pool pool_{1};
  process_finder finder_{pool_, run::descriptor()};
};

TEST_F(process_finder_test, the_client_of_a_connection_is_found) {
  tcp::socket client(io_);
  client.connect(acceptor_.local_endpoint());
  for (int again = 0; again < 2; ++again) {
    const auto found = found_by(finder_, {client.local_endpoint(), acceptor_.local_endpoint(), ""});
    EXPECT_EQ(found.pid, ::getpid());
    EXPECT_EQ(found.uid, ::getuid());
    EXPECT_THAT(found.executable, testing::HasSubstr("app_test"));
  }
}

TEST_F(process_finder_test, a_connection_that_is_not_there_is_nobodys) {
  const auto found = found_by(finder_, {acceptor_.local_endpoint(), acceptor_.local_endpoint(), ""});
  EXPECT_FALSE(found.pid);
  EXPECT_FALSE(found.uid);
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

TEST(process_lookup, a_question_may_come_before_the_answer_or_after_it) {
  process_lookup lookup;
  std::string told;
  lookup.when_known([&](const connection_process& found) { told += found.executable; });
  EXPECT_EQ(told, "");
  lookup.answer({1, 2, "/bin/a", ""});
  EXPECT_EQ(told, "/bin/a");
  lookup.when_known([&](const connection_process& found) { told += found.executable; });
  EXPECT_EQ(told, "/bin/a/bin/a");
}

}  // namespace
}  // namespace app
