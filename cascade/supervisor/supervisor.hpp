#pragma once

// Keeps a language server within reach: launches, attaches to or discovers one, waits until it answers its heartbeat,
// sees it go, and begins again after a back-off, for ever. Owned by the composition root; asked by every request.
//
// Nothing here polls: the process's end, its log and its parent pipe are awaited. The timers are the back-off, the
// limit of a start, the limit of one heartbeat, and the spacing of heartbeats to a server that starts (builds differ in
// whether and how they tell that they are ready). After that a heartbeat is sent only when a client says suspect().

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "cascade/supervisor/backoff.hpp"
#include "cascade/supervisor/supervisor_condition.hpp"
#include "cascade/supervisor/supervisor_errc.hpp"
#include "cascade/supervisor/supervisor_launch.hpp"
#include "cascade/supervisor/supervisor_options.hpp"
#include "cascade/supervisor/supervisor_source.hpp"
#include "cascade/supervisor/supervisor_state.hpp"
#include "net/by.hpp"
#include "net/task_group.hpp"

namespace cascade {

class supervisor {
 public:
  /// `strand` is its own. All hooks must be callable.
  supervisor(asio::any_io_executor strand, supervisor_options options, supervisor_hooks hooks);

  /// After stop() has been awaited, if start() was called.
  ~supervisor();
  supervisor(const supervisor&) = delete;
  supervisor& operator=(const supervisor&) = delete;

  /// Once. From any thread, as everything below.
  void start();

  /// Ends a launched server, and waits for its end; ready() is refused from now on. Let requests end before.
  asio::awaitable<void> stop();

  /// The server that is ready, or the next one that becomes so. Errors: timed_out, or a supervisor_errc at once when
  /// waiting cannot help. A deadline that has passed asks without waiting. Not cancelled with its caller: the limit
  /// ends it.
  asio::awaitable<net::result<running_server>> ready(net::deadline limit);

  /// A call to that server failed as if it were gone or stuck. Heartbeats tell; if they fail it is ended and replaced.
  void suspect(std::uint64_t generation);

  /// What a client found out about that server, for state() and for the clients after it.
  void set_stream_kind(std::uint64_t generation, std::string kind);

  supervisor_state state() const;

 private:
  // How one generation ended.
  struct ending {
    std::string reason;
    std::chrono::steady_clock::duration lived{};  // ready
    bool was_ready = false;
    bool hopeless = false;
  };

  asio::awaitable<void> run();
  asio::awaitable<ending> serve_once();
  asio::awaitable<void> follow(supervisor_source& source, ending& so_far);
  asio::awaitable<std::optional<server_address>> first_answer(supervisor_source& source, ending& so_far);
  asio::awaitable<std::optional<server_address>> ask_each(supervisor_source& source);
  asio::awaitable<bool> answers(supervisor_source& source, server_address& address);
  asio::awaitable<bool> still_answers(supervisor_source& source, server_address& address);
  asio::awaitable<void> serve(supervisor_source& source, server_address address, ending& so_far);
  asio::awaitable<void> back_off(const ending& ended);
  asio::awaitable<net::result<void>> check(server_address& address);

  std::unique_ptr<supervisor_source> make_source();
  bool over(const supervisor_source& source) const { return stopping_ || source.ended().has_value(); }
  std::optional<net::result<running_server>> answer() const;
  asio::awaitable<net::result<running_server>> wait_ready(net::deadline limit);
  void enter(supervisor_phase phase, std::string reason,
             std::optional<std::chrono::steady_clock::time_point> retry_at = std::nullopt);
  template <class F>
  void change_state(F&& change);

  asio::any_io_executor strand_;
  supervisor_options options_;
  supervisor_hooks hooks_;
  backoff backoff_;
  supervisor_condition changed_;
  supervisor_counters counters_;
  net::task_group tasks_;

  // On the strand.
  bool stopping_ = false;
  bool suspected_ = false;
  std::optional<std::string> stranger_;  // who was found at this generation's port, in words
  std::size_t form_ = 0;                 // of the usual command lines; changes after a start that failed
  std::optional<running_server> running_;

  mutable std::mutex mutex_;  // guards state_; held for a copy
  supervisor_state state_;
};

}  // namespace cascade
