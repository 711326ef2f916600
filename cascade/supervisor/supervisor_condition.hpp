#pragma once

// "Something has changed, look again" for the coroutines of one strand.

#include <functional>
#include <list>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/by.hpp"

namespace cascade {

namespace asio = boost::asio;

/// All calls on `strand`. Waiters have resumed, or are gone, before it dies.
class supervisor_condition {
 public:
  explicit supervisor_condition(asio::any_io_executor strand) : strand_(std::move(strand)) {}

  /// Whether `holds()`: at once, after some notify(), or else when the deadline has passed or the wait was cancelled.
  asio::awaitable<bool> until(std::function<bool()> holds, net::deadline limit);

  void notify();

 private:
  asio::any_io_executor strand_;
  std::list<asio::steady_timer*> waiting_;
};

}  // namespace cascade
