#pragma once

// Owns the sessions of one service: spawn, cancel, join. Join it before anything that the sessions borrow is destroyed.

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

namespace net {

class task_group {
 public:
  /// `executor` is a strand for this group. `on_error` gets what() of an exception that leaves a task.
  task_group(boost::asio::any_io_executor executor, std::function<void(const std::string&)> on_error);
  ~task_group();
  task_group(const task_group&) = delete;
  task_group& operator=(const task_group&) = delete;

  /// Gets an exception's what().
  using error_receiver = std::function<void(const std::string&)>;

  /// Runs `task` on `executor`. From any thread. `on_error` replaces the group's for this task.
  void spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<void> task, error_receiver on_error = {});

  /// Asks every task to end (terminal cancellation), each on its own executor. From any thread.
  void cancel();

  /// Returns once fewer than `count` tasks run; `below(1)` joins. Several coroutines may wait.
  boost::asio::awaitable<void> below(std::size_t count);
  boost::asio::awaitable<void> join() { return below(1); }

  std::size_t size() const;

 private:
  struct entry {
    boost::asio::any_io_executor executor;
    // Shared with a running cancel(), which may reach the executor after the task has ended.
    std::shared_ptr<boost::asio::cancellation_signal> signal;
  };

  void finished(std::list<entry>::iterator task);

  boost::asio::any_io_executor executor_;
  std::function<void(const std::string&)> on_error_;
  boost::asio::steady_timer ended_;  // on executor_: cancelled to wake the waiters
  mutable std::mutex mutex_;         // guards tasks_ only; held for a list operation
  std::list<entry> tasks_;
};

}  // namespace net
