#include "net/watchdog.hpp"

#include <gtest/gtest.h>

#include <memory>

#include <boost/asio/io_context.hpp>

namespace {

using namespace std::chrono_literals;
using clock = net::watchdog::clock;

class watchdog : public testing::Test {
 protected:
  /// Runs until nothing is armed any more.
  void run() { loop_.run(); }

  boost::asio::io_context loop_;
  int expired_ = 0;
  std::unique_ptr<net::watchdog> dog_ = std::make_unique<net::watchdog>(loop_.get_executor(), [this] { ++expired_; });
};

TEST_F(watchdog, that_expects_nothing_never_expires) {
  run();
  EXPECT_EQ(expired_, 0);
}

TEST_F(watchdog, expires_once_when_a_limit_has_passed) {
  dog_->expect(1ms, clock::now());
  run();
  EXPECT_EQ(expired_, 1);
}

TEST_F(watchdog, does_not_expire_before_the_last_sign_of_life_is_old_enough) {
  dog_->expect(1ms, clock::now());
  const auto last = clock::now();
  dog_->expect(30ms, last);
  run();
  EXPECT_EQ(expired_, 1);
  EXPECT_GE(clock::now() - last, 30ms);
}

TEST_F(watchdog, is_re_armed_early_when_a_shorter_limit_begins) {
  const auto began = clock::now();
  dog_->expect(1h, began);
  dog_->expect(1ms, clock::now());
  run();
  EXPECT_EQ(expired_, 1);
  EXPECT_LT(clock::now() - began, 1min);
}

TEST_F(watchdog, that_was_stopped_does_not_expire) {
  dog_->expect(1ms, clock::now());
  dog_->stop();
  run();
  EXPECT_EQ(expired_, 0);
}

TEST_F(watchdog, may_be_destroyed_while_its_timer_runs) {
  dog_->expect(1ms, clock::now());
  dog_.reset();
  run();
  EXPECT_EQ(expired_, 0);
}

}  // namespace
