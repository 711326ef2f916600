#include "app/service/memory_return.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "test/support/until.hpp"

namespace app {
namespace {

class memory_return_of : public testing::Test {
 protected:
  ~memory_return_of() override {
    loops_.stop();
    pool_.join();
  }

  /// So many are there, and one of them ends.
  void one_of(std::size_t open) {
    open_ = open;
    returned_.left();
  }

  void await_trims(std::size_t count) {
    test::until([&] { return returned_.trims() >= count; });
  }

  std::atomic<std::size_t> open_ = 0;
  net::worker_pool loops_{1};
  net::blocking_pool pool_{1};
  memory_return returned_{loops_.strand(), pool_, [this] { return open_.load(); }};
};

TEST_F(memory_return_of, memory_goes_back_once_most_of_a_crowd_have_gone) {
  one_of(400);
  open_ = 100;
  await_trims(1);
  one_of(80);
  open_ = 3;  // they are counted until they have gone
  await_trims(2);
}

TEST_F(memory_return_of, few_connections_are_no_crowd_and_neither_is_one_that_stays) {
  for (std::size_t open = memory_return::crowd - 1; open > 0; --open) one_of(open);
  one_of(0);
  one_of(1000);
  open_ = 900;
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  EXPECT_EQ(returned_.trims(), 0u);
}

}  // namespace
}  // namespace app
