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
#include <linux/netlink.h>
#include <unistd.h>
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
bool any_name(const std::string& directory, Each each) {
  DIR* open = ::opendir(directory.c_str());
  if (open == nullptr) return false;
  bool found = false;
  while (const dirent* entry = ::readdir(open)) {
    if (entry->d_name[0] != '.' && (found = each(::dirfd(open), entry->d_name))) break;
  }
  ::closedir(open);
  return found;
}

bool has_open(pid_t process, const std::string& link) {
  std::size_t looked_at = 0;
  return any_name("/proc/" + std::to_string(process) + "/fd", [&](int directory, const char* name) {
    std::array<char, 64> target{};
    const auto length = ::readlinkat(directory, name, target.data(), target.size());
    return ++looked_at >= process_finder::max_open ||
           (length > 0 && std::string_view(target.data(), static_cast<std::size_t>(length)) == link);
  });
}

}  // namespace

void process_lookup::when_known(receiver done) {
  std::unique_lock lock(mutex_);
  if (!found_) return waiting_.push_back(std::move(done));
  lock.unlock();
  done(*found_);
}

void process_lookup::answer(connection_process found) {
  std::unique_lock lock(mutex_);
  found_ = std::move(found);
  const auto waiting = std::exchange(waiting_, {});
  lock.unlock();
  for (const auto& each : waiting) each(*found_);
}

struct process_finder::state {
  explicit state(run::descriptor sockets) {
    if (sockets.valid()) {
      kernel.emplace(run::netlink_socket::adopt(std::move(sockets)));
    } else if (auto opened = run::netlink_socket::open(NETLINK_SOCK_DIAG)) {
      kernel.emplace(std::move(*opened));
    }
  }

  /// What the client calls its peer is where it was going, unless a redirect has changed that before it connected.
  std::optional<run::client_socket> socket_of(const mitm::connection_facts& connection) {
    if (!kernel) return std::nullopt;
    auto found = run::find_client_socket(*kernel, connection.client, connection.destination);
    for (auto each = rewritten_to.begin(); !found && each != rewritten_to.end(); ++each) {
      if (each->protocol() == connection.client.protocol()) {
        found = run::find_client_socket(*kernel, connection.client, *each);
      }
    }
    return found;
  }

  connection_process find(const mitm::connection_facts& connection) {
    std::lock_guard lock(working);
    connection_process found;
    const auto socket = socket_of(connection);
    if (!socket) return found;
    found.uid = socket->uid;
    const pid_t process = socket->inode == 0 ? 0 : owner_of(*socket);
    if (process == 0) return found;
    found.pid = process;
    std::error_code ignored;
    found.executable = fs::read_symlink("/proc/" + std::to_string(process) + "/exe", ignored).string();
    found.cgroup = scope::cgroup_of(process);
    return found;
  }

  pid_t owner_of(const run::client_socket& socket) {
    const std::string link = "socket:[" + std::to_string(socket.inode) + "]";
    for (auto known = recent.begin(); known != recent.end(); ++known) {
      const pid_t process = *known;
      if (!has_open(process, link)) continue;
      recent.erase(known);
      recent.push_front(process);
      return process;
    }
    const pid_t process = walk(socket.uid, link);
    if (process == 0) return 0;
    recent.push_front(process);
    if (recent.size() > remembered) recent.pop_back();
    return process;
  }

  pid_t walk(std::uint32_t uid, const std::string& link) {
    const auto now = steady::now();
    if (const auto blind_until = unseen.find(uid); blind_until != unseen.end() && now < blind_until->second) return 0;
    std::vector<pid_t> all;
    any_name("/proc", [&](int, const char* name) {
      if (const pid_t process = number_of(name); process != 0) all.push_back(process);
      return false;
    });
    // The youngest first: it is the likeliest to be new.
    for (auto process = all.rbegin(); process != all.rend(); ++process) {
      if (has_open(*process, link)) return *process;
    }
    if (unseen.size() >= remembered) unseen.clear();
    unseen[uid] = now + blind;
    return 0;
  }

  void begin() {
    std::lock_guard lock(counting);
    ++under_way;
  }
  void end() {
    std::lock_guard lock(counting);
    if (--under_way == 0) idle.notify_all();
  }

  std::mutex working;  // guards the four below; held for one lookup
  std::optional<run::netlink_socket> kernel;
  std::vector<tcp::endpoint> rewritten_to;
  std::deque<pid_t> recent;
  std::map<std::uint32_t, steady::time_point> unseen;  // by uid: until when its processes are not looked for

  std::mutex counting;  // guards under_way
  std::condition_variable idle;
  std::size_t under_way = 0;
};

process_finder::process_finder(net::blocking_pool& pool, run::descriptor sockets)
    : state_(std::make_shared<state>(std::move(sockets))), pool_(pool) {}

process_finder::~process_finder() = default;

std::shared_ptr<process_lookup> process_finder::look(const mitm::connection_facts& connection) {
  auto lookup = std::make_shared<process_lookup>();
  state_->begin();
  net::asio::post(pool_, [self = state_, lookup, connection] {
    lookup->answer(self->find(connection));
    self->end();
  });
  return lookup;
}

void process_finder::rewritten_to(std::vector<tcp::endpoint> listeners) {
  std::lock_guard lock(state_->working);
  state_->rewritten_to = std::move(listeners);
}

void process_finder::wait_idle() {
  std::unique_lock lock(state_->counting);
  state_->idle.wait(lock, [this] { return state_->under_way == 0; });
}

}  // namespace app
