#pragma once

// One turn of a cascade, from the user's message to its end: starts or continues the cascade, sends the message,
// answers steps that ask for permission, and returns the events as they are pulled. If the server is lost, or silent
// for too long, the turn ends with an error. Used from one strand.
//
//   turn talk(servers, std::move(place), std::move(request));
//   if (auto begun = co_await talk.begin(); begun) while (auto events = co_await talk.next()) …
//   co_await talk.leave();     // always, before it is destroyed, even after an exception

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "cascade/rpc/limits.hpp"
#include "cascade/rpc/permission.hpp"
#include "cascade/stream/dispatcher.hpp"
#include "cascade/stream/update_stream.hpp"

namespace cascade {

struct turn_request {
  std::string cascade_id;  // empty: a new one
  std::string text;
  std::vector<exa::codeium_common_pb::ImageData> images;
  exa::codeium_common_pb::ModelOrAlias model;
  std::optional<std::uint32_t>
      expected_steps;                   // of a continued cascade; another number means that somebody else continued it
  std::uint32_t max_output_tokens = 0;  // 0: the server's default
  permission_policy permissions;
  turn_limits limits;
};

/// What a turn reports beside its events; called on its strand.
struct turn_hooks {
  /// The cascade is known and has this many steps. The message is sent next.
  std::function<void(std::uint32_t first_step)> on_begin;
  std::function<void(const std::string& cascade_id, stream_kind kind, std::string_view reason)> on_kind;
  std::function<void(const std::string& cascade_id, const waiting& step, permission verdict)> on_permission;
};

class turn {
 public:
  /// `servers` outlives it.
  turn(dispatcher& servers, turn_place where, turn_request request, turn_hooks hooks = {});
  ~turn();
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;

  /// Failures: not_found (no such cascade), failed_precondition (a turn is already running), aborted (not the expected
  /// number of steps), and those of the calls.
  asio::awaitable<rpc_result<void>> begin();

  /// As update_stream::next().
  asio::awaitable<net::result<std::span<const event>>> next();

  /// Stops following the turn, and cancels it if it has not ended. Cannot be cancelled.
  asio::awaitable<void> leave();

  const std::string& cascade_id() const { return request_.cascade_id; }
  std::uint32_t first_step() const { return first_step_; }
  /// Whether the server may have been given the message.
  bool sent() const { return sent_; }
  /// After begin(): what is known of the cascade.
  const update_stream& updates() const { return *updates_; }
  const rpc_failure& failure() const { return failure_; }

 private:
  struct alarm;

  asio::awaitable<rpc_result<void>> find_first_step();
  asio::awaitable<rpc_result<void>> start();
  asio::awaitable<rpc_result<void>> send();
  asio::awaitable<void> permit(const waiting& step);
  asio::awaitable<void> answer_waiting(std::span<const event> events);
  void follow();
  void fail(rpc_failure failure);
  void abort(rpc_failure why);
  client& calls() { return where_.session->calls; }

  dispatcher& servers_;
  turn_place where_;
  turn_request request_;
  turn_hooks hooks_;
  std::uint32_t first_step_ = 0;
  std::optional<update_stream> updates_;
  std::shared_ptr<alarm> alarm_;
  rpc_failure aborted_;  // why we interrupted the stream
  rpc_failure failure_;
  bool sent_ = false;
  bool ended_ = false;
};

}  // namespace cascade
