#include "cascade/rpc/rpc_event.hpp"

#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

namespace cascade {

void rpc_event::park(waiter_ptr one, const asio::any_io_executor& executor) {
  {
    std::lock_guard lock(mutex_);
    if (!notified_) {
      waiting_ = std::move(one);
      executor_ = asio::prefer(executor, asio::execution::outstanding_work.tracked);
      return;
    }
    notified_ = false;
  }
  resume(std::move(one), executor);
}

void rpc_event::notify() {
  waiter_ptr one;
  asio::any_io_executor executor;
  {
    std::lock_guard lock(mutex_);
    if (!waiting_) {
      notified_ = true;
      return;
    }
    one = std::move(waiting_);
    executor = std::exchange(executor_, {});
  }
  resume(std::move(one), executor);
}

void rpc_event::resume(waiter_ptr one, const asio::any_io_executor& executor) {
  asio::post(executor, [one = std::move(one)] {
    // The slot's handler lives in the frame that is about to resume.
    asio::get_associated_cancellation_slot(*one).clear();
    std::move (*one)();
  });
}

}  // namespace cascade
