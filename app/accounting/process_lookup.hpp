#pragma once

// Who made a connection, as an answer that may come later: first the user, then the process.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/executor.hpp"

namespace app {

/// What is not known is empty.
struct connection_process {
  std::optional<std::int64_t> pid;
  std::optional<std::int64_t> uid;
  std::string executable;                    // path
  std::string cgroup;                        // path in the hierarchy of version 2
  std::optional<std::int64_t> started = {};  // in clock ticks since the machine's start
};

/// The answer to one question, which may come later.
class process_lookup {
 public:
  using receiver = std::function<void(const connection_process&)>;
  using user_receiver = std::function<void(std::optional<std::int64_t>)>;

  /// nullptr until the process is known; does not change afterwards.
  const connection_process* known() const;

  /// Calls `done` now, or on another thread once it is known.
  void when_known(receiver done);
  /// As when_known(), for the uid alone, which is known earlier.
  void when_user_known(user_receiver done);

  /// Call at most once, and before answer(), which otherwise does it.
  void answer_user(std::optional<std::int64_t> uid);
  /// Call once.
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

/// The uid that `lookup` finds. Resumes on the caller's executor.
net::asio::awaitable<std::optional<std::int64_t>> user_of(std::shared_ptr<process_lookup> lookup);

}  // namespace app
