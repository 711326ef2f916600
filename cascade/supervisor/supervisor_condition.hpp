#pragma once

// A condition variable for the coroutines of one strand.

#include <functional>
#include <list>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/by.hpp"

namespace cascade {

namespace asio = boost::asio;

/// Call everything on `strand`. It outlives its waiters.
class supervisor_condition {
 public:
  explicit supervisor_condition(asio::any_io_executor strand) : strand_(std::move(strand)) {}

  /// Waits until `holds()`, which is checked at once and after each notify(). Returns whether it held when the wait
  /// ended: false after the deadline or a cancellation.
  asio::awaitable<bool> until(std::function<bool()> holds, net::deadline limit);

  void notify();

 private:
  asio::any_io_executor strand_;
  std::list<asio::steady_timer*> waiting_;
};

}  // namespace cascade
