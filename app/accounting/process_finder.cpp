#include "app/accounting/process_finder.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <thread>
#include <utility>

#include "app/accounting/process_search.hpp"
#include "net/thread_name.hpp"

namespace app {

class process_finder::worker {
 public:
  worker(const process_limits& limits, run::descriptor sockets)
      : most_(limits.process_lookups), search_(limits, std::move(sockets)), thread_([this] { run(); }) {}

  ~worker() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void look(std::shared_ptr<process_lookup> lookup, const mitm::connection_facts& connection) {
    {
      const std::lock_guard lock(mutex_);
      if (asked_.size() + located_.size() < most_) {
        asked_.push_back({std::move(lookup), connection});
        return changed_.notify_all();
      }
    }
    ++overflowed_;
    lookup->answer({});
  }

  void known_as(std::vector<net::asio::ip::tcp::endpoint> listeners) {
    const std::lock_guard lock(mutex_);
    listeners_ = std::move(listeners);
  }

  void wait_idle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return idle(); });
  }

  std::uint64_t overflowed() const { return overflowed_; }

 private:
  struct question {
    std::shared_ptr<process_lookup> lookup;
    mitm::connection_facts connection;
  };
  struct located {
    std::shared_ptr<process_lookup> lookup;
    run::client_socket socket;
  };

  /// Under the mutex.
  bool idle() const { return asked_.empty() && located_.empty() && !working_; }

  // The kernel is asked at once, while the client still has its socket; a walk through /proc can wait for that.
  void run() {
    net::name_thread("zg-processes");
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return ending_ || !asked_.empty() || !located_.empty(); });
      if (asked_.empty() && located_.empty()) return;
      working_ = true;
      asked_.empty() ? find_process(lock) : find_socket(lock);
      working_ = false;
      if (idle()) changed_.notify_all();
    }
  }

  void find_socket(std::unique_lock<std::mutex>& lock) {
    const auto next = std::move(asked_.front());
    asked_.pop_front();
    const auto listeners = listeners_;
    lock.unlock();
    const auto socket = search_.socket_of(next.connection, listeners);
    if (!socket) {
      next.lookup->answer({});
    } else {
      next.lookup->answer_user(socket->uid);
    }
    lock.lock();
    if (socket) located_.push_back({next.lookup, *socket});
  }

  void find_process(std::unique_lock<std::mutex>& lock) {
    const auto next = std::move(located_.front());
    located_.pop_front();
    lock.unlock();
    next.lookup->answer(search_.process_of(next.socket));
    lock.lock();
  }

  const std::size_t most_;
  std::atomic<std::uint64_t> overflowed_{0};
  process_search search_;  // the thread's own

  std::mutex mutex_;  // guards all below; held for a push, a pop or a copy
  std::condition_variable changed_;
  std::deque<question> asked_;
  std::deque<located> located_;
  std::vector<net::asio::ip::tcp::endpoint> listeners_;  // as known_as() says
  bool working_ = false;
  bool ending_ = false;

  std::thread thread_;  // last: it uses everything above
};

process_finder::process_finder(const process_limits& bounds, run::descriptor sockets)
    : worker_(std::make_unique<worker>(bounds, std::move(sockets))) {}

process_finder::~process_finder() = default;

std::shared_ptr<process_lookup> process_finder::look(const mitm::connection_facts& connection) {
  auto lookup = std::make_shared<process_lookup>();
  worker_->look(lookup, connection);
  return lookup;
}

void process_finder::known_as(std::vector<net::asio::ip::tcp::endpoint> listeners) {
  worker_->known_as(std::move(listeners));
}

void process_finder::wait_idle() {
  worker_->wait_idle();
}

std::uint64_t process_finder::overflowed() const {
  return worker_->overflowed();
}

}  // namespace app
