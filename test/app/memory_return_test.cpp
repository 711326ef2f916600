#include "app/memory_return.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace app {
namespace {

class memory_return_of : public testing::Test {
 protected:
  void leave(std::size_t from, std::size_t to) {
    for (std::size_t open = from; open-- > to;) returned_.left(open);
  }

  void await_trims(std::size_t count) {
    while (returned_.trims() < count) std::this_thread::yield();
  }

  net::worker_pool loops_{1};
  net::blocking_pool pool_{1};
  memory_return returned_{loops_.strand(), pool_};

  ~memory_return_of() override {
    loops_.stop();
    pool_.join();
  }
};

TEST_F(memory_return_of, memory_goes_back_once_most_of_a_crowd_have_gone) {
  leave(400, 100);
  EXPECT_EQ(returned_.trims(), 0u) << "a quarter is still there";
  returned_.left(99);
  await_trims(1);
  leave(99, 0);
  await_trims(2);
}

TEST_F(memory_return_of, few_connections_are_no_crowd) {
  for (int i = 0; i < 1000; ++i) leave(memory_return::crowd - 1, 0);
  leave(memory_return::crowd, 0);
  await_trims(1);  // of the crowd that came after
  EXPECT_EQ(returned_.trims(), 1u);
}

}  // namespace
}  // namespace app
