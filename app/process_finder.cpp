#include "app/process_finder.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include <arpa/inet.h>
#include <dirent.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>
#include <boost/asio/post.hpp>

#include "app/run/netlink_socket.hpp"

namespace app {
namespace {

namespace fs = std::filesystem;
using net::asio::ip::tcp;
using steady = std::chrono::steady_clock;

struct client_socket {
  std::uint32_t uid = 0;
  std::uint32_t inode = 0;
};

void put_address(const tcp::endpoint& from, __be32* into) {
  if (from.address().is_v4()) {
    *into = htonl(from.address().to_v4().to_uint());
  } else {
    const auto bytes = from.address().to_v6().to_bytes();
    std::memcpy(into, bytes.data(), bytes.size());
  }
}

/// The client's own socket: what it calls the peer is where it was going, whatever became of that.
std::optional<client_socket> ask_kernel(run::netlink_socket& kernel, const mitm::connection_facts& connection) {
  inet_diag_req_v2 asked{};
  asked.sdiag_family = connection.client.address().is_v4() ? AF_INET : AF_INET6;
  asked.sdiag_protocol = IPPROTO_TCP;
  asked.idiag_states = ~0u;
  asked.id.idiag_sport = htons(connection.client.port());
  asked.id.idiag_dport = htons(connection.destination.port());
  put_address(connection.client, asked.id.idiag_src);
  put_address(connection.destination, asked.id.idiag_dst);
  asked.id.idiag_cookie[0] = asked.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  run::netlink_messages request;
  request.begin(SOCK_DIAG_BY_FAMILY, NLM_F_ACK, asked);
  std::optional<client_socket> found;
  kernel.dump(request, [&](const nlmsghdr&, std::span<const std::byte> payload) {
    inet_diag_msg answer{};
    if (payload.size() < sizeof answer) return;
    std::memcpy(&answer, payload.data(), sizeof answer);
    // For a connection that has gone the kernel falls back on whoever listens at its address.
    if (answer.idiag_state == TCP_LISTEN) return;
    found = client_socket{answer.idiag_uid, answer.idiag_inode};
  });
  return found;
}

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

std::string cgroup_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return {};
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

  connection_process find(const mitm::connection_facts& connection) {
    std::lock_guard lock(working);
    connection_process found;
    const auto socket = kernel ? ask_kernel(*kernel, connection) : std::nullopt;
    if (!socket) return found;
    found.uid = socket->uid;
    const pid_t process = socket->inode == 0 ? 0 : owner_of(*socket);
    if (process == 0) return found;
    found.pid = process;
    std::error_code ignored;
    found.executable = fs::read_symlink("/proc/" + std::to_string(process) + "/exe", ignored).string();
    found.cgroup = cgroup_of(process);
    return found;
  }

  pid_t owner_of(const client_socket& socket) {
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

  std::mutex working;  // guards the three below; held for one lookup
  std::optional<run::netlink_socket> kernel;
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

void process_finder::wait_idle() {
  std::unique_lock lock(state_->counting);
  state_->idle.wait(lock, [this] { return state_->under_way == 0; });
}

}  // namespace app
