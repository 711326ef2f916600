#include "app/process_finder.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <unistd.h>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include "app/run/client_socket.hpp"
#include "app/run/netlink_socket.hpp"
#include "app/scope/cgroup.hpp"

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
    const run::descriptor opened(::open(directory().c_str(), O_DIRECTORY | O_CLOEXEC));
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

struct process_finder::state {
  state(const process_limits& limits, run::descriptor sockets) : bounds(limits) {
    if (sockets.valid()) {
      kernel.emplace(run::netlink_socket::adopt(std::move(sockets)));
    } else if (auto opened = run::netlink_socket::open(NETLINK_SOCK_DIAG)) {
      kernel.emplace(std::move(*opened));
    }
  }

  std::optional<run::client_socket> socket_of(const mitm::connection_facts& connection) {
    if (!kernel) return std::nullopt;
    const auto ask = [&](const tcp::endpoint& peer) {
      return peer.protocol() == connection.client.protocol()
                 ? run::find_client_socket(*kernel, connection.client, peer)
                 : std::nullopt;
    };
    auto found = ask(connection.destination);
    for (auto each = listeners.begin(); !found && each != listeners.end(); ++each) found = ask(*each);
    return found;
  }

  /// `asked` is told the uid as soon as that is known.
  connection_process find(const mitm::connection_facts& connection, process_lookup& asked) {
    std::lock_guard lock(working);
    connection_process found;
    const auto socket = socket_of(connection);
    // Once its process has closed it, a socket has no inode, and root's uid whoever it was.
    if (!socket || socket->inode == 0) return found;
    found.uid = socket->uid;
    asked.answer_user(found.uid);
    const pid_t process = owner_of(*socket);
    if (process == 0) return found;
    found.pid = process;
    std::error_code ignored;
    found.executable = fs::read_symlink("/proc/" + std::to_string(process) + "/exe", ignored).string();
    found.cgroup = scope::cgroup_of(process);
    return found;
  }

  pid_t owner_of(const run::client_socket& socket) {
    const std::string link = "socket:[" + std::to_string(socket.inode) + "]";
    const auto near = [&](known_process& each) { return each.has_near(link); };
    const auto anywhere = [&](known_process& each) { return each.has(link, bounds.process_descriptors); };
    auto found = std::find_if(recent.begin(), recent.end(), near);
    if (found == recent.end()) found = std::find_if(recent.begin(), recent.end(), anywhere);
    if (found != recent.end()) {
      std::rotate(recent.begin(), found, found + 1);
      return recent.front().process;
    }
    const auto walked = walk(socket.uid, link);
    if (!walked) return 0;
    recent.push_front(*walked);
    if (recent.size() > bounds.known_processes) recent.pop_back();
    return walked->process;
  }

  std::optional<known_process> walk(std::uint32_t uid, const std::string& link) {
    const auto now = steady::now();
    if (const auto blind_until = unseen.find(uid); blind_until != unseen.end() && now < blind_until->second) {
      return std::nullopt;
    }
    std::vector<pid_t> all;
    for_each_name("/proc", [&](int, const char* name) {
      if (const pid_t process = number_of(name); process != 0) all.push_back(process);
      return false;
    });
    // The youngest first: it is the likeliest to be new.
    for (auto process = all.rbegin(); process != all.rend(); ++process) {
      known_process looked_at{*process};
      if (looked_at.has(link, bounds.process_descriptors)) return looked_at;
    }
    if (unseen.size() >= bounds.known_processes) unseen.clear();
    unseen[uid] = now + bounds.process_blind;
    return std::nullopt;
  }

  void begin() {
    std::lock_guard lock(counting);
    ++under_way;
  }
  void end() {
    std::lock_guard lock(counting);
    if (--under_way == 0) idle.notify_all();
  }

  const process_limits bounds;

  std::mutex working;  // guards the four below; held for one lookup
  std::optional<run::netlink_socket> kernel;
  std::vector<tcp::endpoint> listeners;  // as known_as() says
  std::deque<known_process> recent;  // whose connection was last found first
  std::map<std::uint32_t, steady::time_point> unseen;  // by uid: until when its processes are not looked for

  std::mutex counting;  // guards under_way
  std::condition_variable idle;
  std::size_t under_way = 0;
};

process_finder::process_finder(net::blocking_pool& pool, const process_limits& bounds, run::descriptor sockets)
    : state_(std::make_shared<state>(bounds, std::move(sockets))), pool_(pool) {}

process_finder::~process_finder() = default;

std::shared_ptr<process_lookup> process_finder::look(const mitm::connection_facts& connection) {
  auto lookup = std::make_shared<process_lookup>();
  state_->begin();
  net::asio::post(pool_, [self = state_, lookup, connection] {
    lookup->answer(self->find(connection, *lookup));
    self->end();
  });
  return lookup;
}

void process_finder::known_as(std::vector<tcp::endpoint> listeners) {
  std::lock_guard lock(state_->working);
  state_->listeners = std::move(listeners);
}

void process_finder::wait_idle() {
  std::unique_lock lock(state_->counting);
  state_->idle.wait(lock, [this] { return state_->under_way == 0; });
}

}  // namespace app
