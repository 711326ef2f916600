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

}  // namespace app
