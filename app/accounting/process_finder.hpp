#pragma once

// Who made a connection. The kernel tells the uid and the inode of the client's socket (SOCK_DIAG_BY_FAMILY) in some
// 20 µs; the process is the one that has that inode open. Processes that made connections before are looked at first,
// and of their descriptors those beside the last connection's, so /proc is walked once for a new process and not for a
// connection. All of it on a thread of its own, from a bounded queue: the uid of a new connection comes before a walk.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/base/process_limits.hpp"
#include "mitm/relay/connection_events.hpp"
#include "net/descriptor.hpp"
#include "net/executor.hpp"

namespace app {

/// What is not known is empty.
struct connection_process {
  std::optional<std::int64_t> pid;
  std::optional<std::int64_t> uid;
  std::string executable;  // path
  std::string cgroup;      // path in the hierarchy of version 2
};

/// The answer to one question, which may come later.
class process_lookup {
 public:
  using receiver = std::function<void(const connection_process&)>;
  using user_receiver = std::function<void(std::optional<std::int64_t>)>;

  /// Nothing yet: nullptr. Once it is known it stays as it is.
  const connection_process* known() const;

  /// Calls `done` now, or on another thread once it is known.
  void when_known(receiver done);
  /// As when_known() for the uid alone, for which no process has to be looked for.
  void when_user_known(user_receiver done);

  /// Once, before answer(), which does it where it was not done.
  void answer_user(std::optional<std::int64_t> uid);
  /// Once.
  void answer(connection_process found);

 private:
  struct known_user {
    std::optional<std::int64_t> uid;
  };

  mutable std::mutex mutex_;  // guards all below; held for a look, a copy or a push
  std::optional<known_user> user_;
  std::optional<connection_process> found_;
  std::vector<user_receiver> waiting_for_user_;
  std::vector<receiver> waiting_;
};

/// The uid that `lookup` finds; the caller goes on where it was.
net::asio::awaitable<std::optional<std::int64_t>> user_of(std::shared_ptr<process_lookup> lookup);

class process_finder {
 public:
  /// `sockets` is a NETLINK_SOCK_DIAG socket of the network namespace that connections are made in; invalid: our own's.
  process_finder(const process_limits& bounds, net::descriptor sockets);
  /// Answers what is asked.
  ~process_finder();
  process_finder(const process_finder&) = delete;
  process_finder& operator=(const process_finder&) = delete;

  /// Clients may call these their peer instead of where they were going: a proxy, or a redirect that has changed it
  /// before they connected.
  void known_as(std::vector<net::asio::ip::tcp::endpoint> listeners);

  /// From any thread; never waits. Where more than limits.process_lookups wait, the answer is at once that nothing is
  /// known, and it is counted.
  std::shared_ptr<process_lookup> look(const mitm::connection_facts& connection);

  /// How many were answered so.
  std::uint64_t overflowed() const;

  /// Blocks until every lookup is answered.
  void wait_idle();

 private:
  class worker;
  std::unique_ptr<worker> worker_;
};

}  // namespace app
