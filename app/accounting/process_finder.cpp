#include "app/accounting/process_finder.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <thread>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include "app/linux/cgroup.hpp"
#include "app/linux/client_socket.hpp"
#include "app/linux/netlink_socket.hpp"
#include "net/thread_name.hpp"

namespace app {
namespace {

namespace fs = std::filesystem;
using net::asio::ip::tcp;
using steady = std::chrono::steady_clock;

pid_t number_of(const char* name) {
  pid_t number = 0;
  const auto* end = name + std::strlen(name);
  const auto parsed = std::from_chars(name, end, number);
  return parsed.ec == std::errc{} && parsed.ptr == end ? number : 0;
}

/// Calls `each` with the names in a directory until it says true. Not std::filesystem: this is walked often.
template <class Each>
void for_each_name(const std::string& directory, Each each) {
  DIR* open = ::opendir(directory.c_str());
  if (open == nullptr) return;
  while (const dirent* entry = ::readdir(open)) {
    if (entry->d_name[0] != '.' && each(::dirfd(open), entry->d_name)) break;
  }
  ::closedir(open);
}

/// What the link in /proc/PID/fd says.
bool leads_to(int directory, const char* name, std::string_view link) {
  std::array<char, 64> target{};
  const auto length = ::readlinkat(directory, name, target.data(), target.size());
  return length > 0 && std::string_view(target.data(), static_cast<std::size_t>(length)) == link;
}

/// A process that made connections before, and by which descriptor it has the last one of them.
struct known_process {
  pid_t process = 0;
  int descriptor = 0;

  std::string directory() const { return "/proc/" + std::to_string(process) + "/fd"; }

  /// Looks only around the last descriptor: a process gets the lowest free one for its next connection, so that is
  /// where it mostly is, however many the process has.
  bool has_near(std::string_view link) {
    constexpr int reach = 8;
    const net::descriptor opened(::open(directory().c_str(), O_DIRECTORY | O_CLOEXEC));
    if (!opened.valid()) return false;
    for (int distance = 0; distance <= reach; ++distance) {
      for (const int each : {descriptor + distance, descriptor - distance}) {
        if (each < 0 || !leads_to(opened.get(), std::to_string(each).c_str(), link)) continue;
        descriptor = each;
        return true;
      }
    }
    return false;
  }

  bool has(std::string_view link, std::size_t most) {
    std::size_t looked_at = 0;
    bool found = false;
    for_each_name(directory(), [&](int opened, const char* name) {
      found = leads_to(opened, name, link);
      if (found) descriptor = number_of(name);
      return found || ++looked_at >= most;
    });
    return found;
  }
};

}  // namespace

const connection_process* process_lookup::known() const {
  const std::lock_guard lock(mutex_);
  return found_ ? &*found_ : nullptr;
}

void process_lookup::when_known(receiver done) {
  std::unique_lock lock(mutex_);
  if (!found_) return waiting_.push_back(std::move(done));
  lock.unlock();
  done(*found_);
}

void process_lookup::when_user_known(user_receiver done) {
  std::unique_lock lock(mutex_);
  if (!user_) return waiting_for_user_.push_back(std::move(done));
  lock.unlock();
  done(user_->uid);
}

void process_lookup::answer_user(std::optional<std::int64_t> uid) {
  std::unique_lock lock(mutex_);
  if (user_) return;
  user_ = known_user{uid};
  const auto waiting = std::exchange(waiting_for_user_, {});
  lock.unlock();
  for (const auto& each : waiting) each(uid);
}

void process_lookup::answer(connection_process found) {
  answer_user(found.uid);
  std::unique_lock lock(mutex_);
  found_ = std::move(found);
  const auto waiting = std::exchange(waiting_, {});
  lock.unlock();
  for (const auto& each : waiting) each(*found_);
}

net::asio::awaitable<std::optional<std::int64_t>> user_of(std::shared_ptr<process_lookup> lookup) {
  const auto executor = co_await net::asio::this_coro::executor;
  co_return co_await net::asio::async_initiate<decltype(net::asio::use_awaitable), void(std::optional<std::int64_t>)>(
      [executor, lookup](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        lookup->when_user_known([executor, shared](std::optional<std::int64_t> uid) {
          net::asio::post(executor, [shared, uid] { std::move (*shared)(uid); });
        });
      },
      net::asio::use_awaitable);
}

namespace {

/// What the two steps of a lookup stand on, used by the worker's thread alone.
class process_search {
 public:
  process_search(const process_limits& limits, net::descriptor sockets) : bounds_(limits) {
    if (sockets.valid()) {
      kernel_.emplace(run::netlink_socket::adopt(std::move(sockets)));
    } else if (auto opened = run::netlink_socket::open(NETLINK_SOCK_DIAG)) {
      kernel_.emplace(std::move(*opened));
    }
  }

  std::optional<run::client_socket> socket_of(const mitm::connection_facts& connection,
                                              const std::vector<tcp::endpoint>& listeners) {
    if (!kernel_) return std::nullopt;
    const auto ask = [&](const tcp::endpoint& peer) {
      return peer.protocol() == connection.client.protocol()
                 ? run::find_client_socket(*kernel_, connection.client, peer)
                 : std::nullopt;
    };
    auto found = ask(connection.destination);
    for (auto each = listeners.begin(); !found && each != listeners.end(); ++each) found = ask(*each);
    // Once its process has closed it, a socket has no inode, and root's uid whoever it was.
    if (found && found->inode == 0) found.reset();
    return found;
  }

  connection_process process_of(const run::client_socket& socket) {
    connection_process found;
    found.uid = socket.uid;
    const pid_t process = owner_of(socket);
    if (process == 0) return found;
    found.pid = process;
    std::error_code ignored;
    found.executable = fs::read_symlink("/proc/" + std::to_string(process) + "/exe", ignored).string();
    found.cgroup = scope::cgroup_of(process);
    return found;
  }

 private:
  pid_t owner_of(const run::client_socket& socket) {
    const std::string link = "socket:[" + std::to_string(socket.inode) + "]";
    const auto near = [&](known_process& each) { return each.has_near(link); };
    const auto anywhere = [&](known_process& each) { return each.has(link, bounds_.process_descriptors); };
    auto found = std::find_if(recent_.begin(), recent_.end(), near);
    if (found == recent_.end()) found = std::find_if(recent_.begin(), recent_.end(), anywhere);
    if (found != recent_.end()) {
      std::rotate(recent_.begin(), found, found + 1);
      return recent_.front().process;
    }
    const auto walked = walk(socket.uid, link);
    if (!walked) return 0;
    recent_.push_front(*walked);
    if (recent_.size() > bounds_.known_processes) recent_.pop_back();
    return walked->process;
  }

  std::optional<known_process> walk(std::uint32_t uid, const std::string& link) {
    const auto now = steady::now();
    if (const auto blind_until = unseen_.find(uid); blind_until != unseen_.end() && now < blind_until->second) {
      return std::nullopt;
    }
    for (const pid_t process : likeliest_first(uid)) {
      known_process looked_at{process};
      if (looked_at.has(link, bounds_.process_descriptors)) return looked_at;
    }
    if (unseen_.size() >= bounds_.known_processes) unseen_.clear();
    unseen_[uid] = now + bounds_.process_blind;
    return std::nullopt;
  }

  /// The user's own processes, then those of others, who may have been given the socket; of both the youngest first.
  static std::vector<pid_t> likeliest_first(std::uint32_t uid) {
    std::vector<pid_t> all;
    std::vector<pid_t> others;
    for_each_name("/proc", [&](int proc, const char* name) {
      struct stat seen{};
      const pid_t process = number_of(name);
      if (process == 0 || ::fstatat(proc, name, &seen, 0) != 0) return false;
      (seen.st_uid == uid ? all : others).push_back(process);
      return false;
    });
    std::ranges::reverse(all);
    std::ranges::reverse(others);
    all.insert(all.end(), others.begin(), others.end());
    return all;
  }

  const process_limits bounds_;
  std::optional<run::netlink_socket> kernel_;
  std::deque<known_process> recent_;                    // whose connection was last found first
  std::map<std::uint32_t, steady::time_point> unseen_;  // by uid: until when its processes are not looked for
};

}  // namespace

class process_finder::worker {
 public:
  worker(const process_limits& limits, net::descriptor sockets)
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

  void known_as(std::vector<tcp::endpoint> listeners) {
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
  std::vector<tcp::endpoint> listeners_;  // as known_as() says
  bool working_ = false;
  bool ending_ = false;

  std::thread thread_;  // last: it uses everything above
};

process_finder::process_finder(const process_limits& bounds, net::descriptor sockets)
    : worker_(std::make_unique<worker>(bounds, std::move(sockets))) {}

process_finder::~process_finder() = default;

std::shared_ptr<process_lookup> process_finder::look(const mitm::connection_facts& connection) {
  auto lookup = std::make_shared<process_lookup>();
  worker_->look(lookup, connection);
  return lookup;
}

void process_finder::known_as(std::vector<tcp::endpoint> listeners) {
  worker_->known_as(std::move(listeners));
}

void process_finder::wait_idle() {
  worker_->wait_idle();
}

std::uint64_t process_finder::overflowed() const {
  return worker_->overflowed();
}

}  // namespace app
