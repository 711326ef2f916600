#include "app/log/log_writer.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/sink.h>

#include "net/thread_name.hpp"

namespace app {

struct log_writer::state {
  struct entry {
    spdlog::log_clock::time_point time;
    spdlog::level::level_enum level;
    std::string line;
  };

  /// The next entry; false: all are written and no more will come, or nobody waits for the rest any longer.
  bool take(entry& next) {
    std::unique_lock lock(mutex);
    came.wait(lock, [this] { return ending || !queue.empty(); });
    if (abandoned || queue.empty()) return false;
    next = std::move(queue.front());
    queue.pop_front();
    return true;
  }

  void write(const entry& one) {
    // A sink that fails must not end the program.
    try {
      sink->log(spdlog::details::log_msg(one.time, spdlog::source_loc{}, "zerogravity", one.level, one.line));
      sink->flush();
    } catch (const std::exception&) {
      ++lost;
    }
  }

  void run() {
    net::name_thread("zg-log");
    for (entry next; take(next);) write(next);
    const std::lock_guard lock(mutex);
    ended = true;
    over.notify_all();
  }

  std::shared_ptr<spdlog::sinks::sink> sink;
  std::size_t most = 0;
  std::atomic<std::uint64_t> lost{0};

  std::mutex mutex;  // guards all below; held for a push or a pop
  std::condition_variable came;
  std::condition_variable over;
  std::deque<entry> queue;
  bool ending = false;
  bool abandoned = false;
  bool ended = false;
};

log_writer::log_writer(std::shared_ptr<spdlog::sinks::sink> sink, std::size_t lines)
    : state_(std::make_shared<state>()) {
  state_->sink = std::move(sink);
  state_->most = lines;
  std::thread([self = state_] { self->run(); }).detach();
}

log_writer::~log_writer() {
  std::unique_lock lock(state_->mutex);
  state_->ending = true;
  state_->came.notify_all();
  if (state_->over.wait_for(lock, farewell, [this] { return state_->ended; })) return;
  state_->abandoned = true;
  state_->lost += state_->queue.size();
}

void log_writer::push(spdlog::level::level_enum level, std::string line) {
  const std::lock_guard lock(state_->mutex);
  if (state_->queue.size() >= state_->most) {
    state_->queue.pop_front();
    ++state_->lost;
  }
  state_->queue.push_back({spdlog::log_clock::now(), level, std::move(line)});
  if (state_->queue.size() == 1) state_->came.notify_one();
}

std::uint64_t log_writer::lost() const {
  return state_->lost;
}

}  // namespace app
