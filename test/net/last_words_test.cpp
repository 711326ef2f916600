#include "net/last_words.hpp"

#include <stdexcept>
#include <string>
#include <thread>

#include <gmock/gmock.h>

#include "net/thread_name.hpp"

namespace {

void throw_in_a_thread() {
  net::leave_last_words();
  std::thread([] {
    net::name_thread("zg-of-the-test");
    net::working_on("API request req_1, GET /v1/usage");
    throw std::runtime_error("out of luck");
  }).join();
}

TEST(last_words_death_test, name_the_thread_the_exception_and_the_request) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(throw_in_a_thread(),
               "thread zg-of-the-test ends the program: out of luck; it had taken up last: API request req_1, GET "
               "/v1/usage");
}

TEST(thread_name, is_cut_to_what_the_kernel_keeps) {
  std::string name;
  std::thread([&name] {
    net::name_thread("zg-a-very-long-name");
    name = net::thread_name();
  }).join();
  EXPECT_EQ(name, "zg-a-very-long-");
}

}  // namespace
