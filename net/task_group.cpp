#include "net/task_group.hpp"

#include <exception>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace net {

namespace asio = boost::asio;

task_group::task_group(asio::any_io_executor executor, std::function<void(const std::string&)> on_error)
    : executor_(executor), on_error_(std::move(on_error)), ended_(executor, asio::steady_timer::time_point::max()) {}

task_group::~task_group() = default;

namespace {

void report(std::exception_ptr error, const task_group::error_receiver& receiver) {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    receiver(e.what());
  } catch (...) {
    receiver("an exception of an unknown type");
  }
}

}  // namespace

void task_group::spawn(asio::any_io_executor executor, asio::awaitable<void> task, error_receiver on_error) {
  auto signal = std::make_shared<asio::cancellation_signal>();
  std::list<entry>::iterator self;
  {
    std::lock_guard lock(mutex_);
    self = tasks_.insert(tasks_.end(), entry{executor, signal});
  }
  asio::co_spawn(executor, std::move(task),
                 asio::bind_cancellation_slot(
                     signal->slot(), [this, self, signal, receiver = std::move(on_error)](std::exception_ptr error) {
                       report(error, receiver ? receiver : on_error_);
                       finished(self);
                     }));
}

void task_group::finished(std::list<entry>::iterator task) {
  // Waiters are woken on the group's strand. Once the erase below has run, a joiner that checks size() may destroy the
  // group, so the wake-up is posted first and the count falls inside it.
  asio::post(executor_, [this, task] {
    {
      std::lock_guard lock(mutex_);
      tasks_.erase(task);
    }
    ended_.cancel();
  });
}

void task_group::cancel() {
  std::vector<entry> running;
  {
    std::lock_guard lock(mutex_);
    running.assign(tasks_.begin(), tasks_.end());
  }
  for (auto& each : running) {
    asio::post(each.executor, [signal = each.signal] { signal->emit(asio::cancellation_type::terminal); });
  }
}

asio::awaitable<void> task_group::below(std::size_t count) {
  // Waits on the group's strand, where the wake-ups run, so none is missed between the check and the wait.
  co_await asio::co_spawn(
      executor_,
      [](task_group& group, std::size_t limit) -> asio::awaitable<void> {
        while (group.size() >= limit) {
          co_await group.ended_.async_wait(asio::as_tuple(asio::use_awaitable));
          const auto state = co_await asio::this_coro::cancellation_state;
          if (state.cancelled() != asio::cancellation_type::none) co_return;
        }
      }(*this, count),
      asio::use_awaitable);
}

std::size_t task_group::size() const {
  std::lock_guard lock(mutex_);
  return tasks_.size();
}

}  // namespace net
