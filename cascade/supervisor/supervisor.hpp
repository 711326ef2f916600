#pragma once

// Keeps a language server available: launches, attaches to or discovers one, waits until it answers a heartbeat,
// notices its end, and starts over after a back-off. Owned by the composition root; every request asks it.
//
// It does not poll: it awaits the process's end, its log and its parent pipe. Timers are the back-off, the limit of a
// start, the limit of a heartbeat, and the spacing of heartbeats to a starting server (builds differ in whether and how
// they say that they are ready). Later a heartbeat is sent only after suspect().

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
  /// `strand` is used by nobody else. All hooks must be callable.
  supervisor(asio::any_io_executor strand, supervisor_options options, supervisor_hooks hooks);

  /// If start() was called, await stop() first.
  ~supervisor();
  supervisor(const supervisor&) = delete;
  supervisor& operator=(const supervisor&) = delete;

  /// Call once. This and everything below may be called from any thread.
  void start();

  /// Ends a launched server and waits for its end. ready() fails from now on. Let requests end first.
  asio::awaitable<void> stop();

  /// The ready server, or the next one that becomes ready. Errors: timed_out, or immediately a supervisor_errc if
  /// waiting cannot help. With a deadline in the past it does not wait. It ends by its limit, not when its caller is
  /// cancelled.
  asio::awaitable<net::result<running_server>> ready(net::deadline limit);

  /// Report here that a call failed as if that server were gone or stuck. It is ended and replaced if it answers no
  /// heartbeat.
  void suspect(std::uint64_t generation);

  /// Report here which kind of stream that server offers, for state() and for later clients.
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
  std::optional<std::string> stranger_;  // a sentence about the stranger at this generation's port
  std::size_t form_ = 0;                 // which of the usual command lines; changes after a failed start
  std::optional<running_server> running_;

  mutable std::mutex mutex_;  // guards state_; held for a copy
  supervisor_state state_;
};

}  // namespace cascade
