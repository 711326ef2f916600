#include "bench/probe/event_loop.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

#include "bench/common/process_cost.hpp"

namespace bench {

event_loop::event_loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::runtime_error("no epoll");
}

event_loop::~event_loop() {
  ::close(epoll_);
}

void event_loop::watch(int descriptor, handler& of) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &of;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) throw std::runtime_error("epoll_ctl");
}

void event_loop::watch_level(int descriptor, handler& of, bool readable, bool writable) {
  epoll_event event{};
  event.events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);
  event.data.ptr = &of;
  if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) == 0) return;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) throw std::runtime_error("epoll_ctl");
}

void event_loop::at(std::uint64_t due, std::function<void()> what) {
  timers_.push({due, order_++, std::move(what)});
}

bool event_loop::run(std::uint64_t due, const std::function<bool()>& done) {
  while (!done()) {
    if (monotonic_ns() >= due) return false;
    turn(due);
  }
  return true;
}

void event_loop::run_forever() {
  for (;;) turn(UINT64_MAX);
}

void event_loop::turn(std::uint64_t until) {
  constexpr std::uint64_t second = 1'000'000'000;
  if (!timers_.empty()) until = std::min(until, timers_.top().due);
  const std::uint64_t now = monotonic_ns();
  const std::uint64_t wait = until <= now ? 0 : std::min(until - now, second);
  const timespec limit{static_cast<time_t>(wait / second), static_cast<long>(wait % second)};
  std::array<epoll_event, 128> events;
  const int count = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &limit, nullptr);
  if (count < 0 && errno != EINTR) throw std::runtime_error("epoll_pwait2");
  for (int i = 0; i < count; ++i) {
    static_cast<handler*>(events[static_cast<std::size_t>(i)].data.ptr)->on_ready();
  }
  fire_timers();
  retired_.clear();
}

void event_loop::fire_timers() {
  while (!timers_.empty() && timers_.top().due <= monotonic_ns()) {
    const auto what = timers_.top().what;
    timers_.pop();
    what();
  }
}

}  // namespace bench
