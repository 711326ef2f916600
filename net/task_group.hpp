#pragma once

// Owns the sessions of one service: spawn, cancel, join. It is joined before anything the sessions borrow dies.

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
  /// `executor` is a strand of the group's own. `on_error` gets what() of an exception that a task let out.
  task_group(boost::asio::any_io_executor executor, std::function<void(const std::string&)> on_error);
  ~task_group();
  task_group(const task_group&) = delete;
  task_group& operator=(const task_group&) = delete;

  /// What is told of an exception: its what().
  using error_receiver = std::function<void(const std::string&)>;

  /// Runs `task` on `executor`. From any thread. `on_error` of a task that can say more of itself than the group can.
  void spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<void> task, error_receiver on_error = {});

  /// Asks every task to end now (terminal cancellation), each on its own executor. From any thread.
  void cancel();

  /// Resumes once fewer than `count` tasks run; `below(1)` is a join. Several may wait.
  boost::asio::awaitable<void> below(std::size_t count);
  boost::asio::awaitable<void> join() { return below(1); }

  std::size_t size() const;

 private:
  struct entry {
    boost::asio::any_io_executor executor;
    // Shared with a cancel() under way, which may reach the executor after the task has ended.
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
