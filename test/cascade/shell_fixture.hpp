#pragma once

// A pool, a fake language server and a client of it, for the tests of cascade's I/O.

#include <chrono>
#include <exception>
#include <memory>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "cascade/rpc/client.hpp"
#include "net/executor.hpp"
#include "net/task_group.hpp"
#include "test/support/fake_language_server.hpp"
#include "test/support/run.hpp"

namespace asio = boost::asio;

namespace test {

/// co_spawn needs a result that can be made before there is one.
template <class T>
boost::system::result<T, cascade::rpc_failure> run(
    net::worker_pool& pool, asio::awaitable<boost::system::result<T, cascade::rpc_failure>> work) {
  using result = boost::system::result<T, cascade::rpc_failure>;
  std::optional<result> out;
  const auto keep = [](std::optional<result>& into, asio::awaitable<result> from) -> asio::awaitable<void> {
    into.emplace(co_await std::move(from));
  };
  run(pool, keep(out, std::move(work)));
  return std::move(*out);
}

inline asio::awaitable<void> pause(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

/// One coroutine on a strand of its own that can be cancelled from the test.
class cancellable {
 public:
  explicit cancellable(net::worker_pool& pool) : strand_(pool.strand()) {}
  ~cancellable() {
    cancel();
    wait();
  }
  void start(asio::awaitable<void> work) {
    asio::co_spawn(strand_, std::move(work), asio::bind_cancellation_slot(signal_.slot(), [this](std::exception_ptr e) {
                     if (e) threw_ = true;
                     ended_.set();
                   }));
  }
  void cancel() {
    asio::post(strand_, [this] { signal_.emit(asio::cancellation_type::terminal); });
  }
  /// Once everything of it has run, the cancellation included.
  void wait() {
    EXPECT_TRUE(ended_.wait());
    flag idle;
    asio::post(strand_, [&] { idle.set(); });
    EXPECT_TRUE(idle.wait());
  }
  bool threw() const { return threw_; }

 private:
  asio::any_io_executor strand_;
  asio::cancellation_signal signal_;
  flag ended_;
  std::atomic<bool> threw_ = false;
};

class shell_fixture : public testing::Test {
 protected:
  cascade::client& client(cascade::client_options options = {}) {
    if (!client_) {
      auto opened = cascade::channel::open(server.address(), channel_options_);
      client_ = std::make_unique<cascade::client>(std::move(opened.value()), std::move(options));
    }
    return *client_;
  }
  void connect(cascade::channel_options options) { channel_options_ = options; }
  void drop_client() { client_.reset(); }

  net::worker_pool pool{2};
  fake_language_server server;

 private:
  cascade::channel_options channel_options_;
  std::unique_ptr<cascade::client> client_;
};

}  // namespace test
