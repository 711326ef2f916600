#include "net/scheduling.hpp"

#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "net/executor.hpp"

namespace {

net::scheduling after(void (*preference)() noexcept) {
  net::scheduling found;
  std::jthread([&] {
    preference();
    found = net::present_scheduling();
  }).join();
  return found;
}

bool kernel_has_slices() {
  return net::present_scheduling().slice.count() != 0;
}

TEST(scheduling, one_that_prefers_throughput_yields_and_one_that_prefers_latency_keeps_its_share) {
  const auto before = net::present_scheduling();
  EXPECT_EQ(after(net::prefer_latency).niceness, before.niceness);
  EXPECT_GT(after(net::prefer_throughput).niceness, before.niceness);
}

TEST(scheduling, one_that_prefers_latency_has_a_shorter_slice_than_one_that_does_not_care) {
  if (!kernel_has_slices()) GTEST_SKIP() << "before Linux 6.12";
  EXPECT_LT(after(net::prefer_latency).slice, net::present_scheduling().slice);
  EXPECT_GT(after(net::prefer_throughput).slice, net::present_scheduling().slice);
}

TEST(scheduling, event_loops_prefer_latency) {
  if (!kernel_has_slices()) GTEST_SKIP() << "before Linux 6.12";
  net::worker_pool loops(1);
  std::promise<net::scheduling> found;
  net::asio::post(loops.strand(), [&] { found.set_value(net::present_scheduling()); });
  EXPECT_LT(found.get_future().get().slice, net::present_scheduling().slice);
}

}  // namespace
