#pragma once

// A cascade as a language server has it and tells it, by whichever way a test chooses, and a reader of its events.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cascade/stream/update_stream.hpp"
#include "test/cascade/core/turn_state.hpp"
#include "test/cascade/shell_fixture.hpp"
#include "test/support/message_differ.hpp"

namespace test {

using exa::cortex_pb::CASCADE_RUN_STATUS_IDLE;
using exa::cortex_pb::CASCADE_RUN_STATUS_RUNNING;
using exa::cortex_pb::CORTEX_STEP_STATUS_DONE;
using exa::cortex_pb::CORTEX_STEP_STATUS_GENERATING;
using reactive_response = fake_language_server::reactive_response;
using agent_response = fake_language_server::agent_response;
using state = exa::jetski_cortex_pb::CascadeState;
using lines = std::vector<std::string>;

/// One turn that has said `text` so far.
inline state saying(const std::string& text) {
  state now;
  now.set_cascade_id("c");
  now.set_status(CASCADE_RUN_STATUS_RUNNING);
  *now.mutable_trajectory()->add_steps() = support::user_step();
  *now.mutable_trajectory()->add_steps() = support::reply_step(text, CORTEX_STEP_STATUS_GENERATING);
  return now;
}

inline state having_said(const std::string& text) {
  state now = saying(text);
  now.set_status(CASCADE_RUN_STATUS_IDLE);
  now.mutable_trajectory()->mutable_steps(1)->set_status(CORTEX_STEP_STATUS_DONE);
  return now;
}

inline reactive_response update(std::uint64_t version, const state& from, const state& to) {
  reactive_response response;
  response.set_version(version);
  *response.mutable_diff() = support::message_differ(1, false).diff(from, to);
  return response;
}
inline reactive_response snapshot(std::uint64_t version, const state& now) {
  return update(version, state(), now);
}

/// All of `now`, as the first message of an agent-state stream is; later ones may be as complete.
inline agent_response whole(const state& now) {
  agent_response response;
  auto& out = *response.mutable_update();
  out.set_conversation_id(now.cascade_id());
  out.set_status(now.status());
  auto& steps = *out.mutable_main_trajectory_update()->mutable_steps_update();
  steps.set_total_length(static_cast<std::uint32_t>(now.trajectory().steps_size()));
  for (int i = 0; i < now.trajectory().steps_size(); ++i) {
    steps.add_indices(static_cast<std::uint32_t>(i));
    *steps.add_steps() = now.trajectory().steps(i);
  }
  return response;
}

struct told {
  lines events;
  boost::system::error_code end;
  cascade::rpc_failure failure;
};

/// Reads a turn to its end, or to `enough` events.
inline asio::awaitable<void> hear(cascade::update_stream& updates, told& out, std::size_t enough = 1000) try {
  support::listener heard;
  while (out.events.size() < enough) {
    const auto events = co_await updates.next();
    if (events.has_error()) {
      out.end = events.error();
      out.failure = updates.failure();
      break;
    }
    EXPECT_FALSE(events->empty());
    heard.hear(*events);
    for (auto& line : heard.take()) out.events.push_back(std::move(line));
  }
} catch (const boost::system::system_error& cancelled) {  // between two awaits of next()
  out.end = cancelled.code();
}

class update_stream_fixture : public shell_fixture {
 protected:
  told follow(cascade::follow_options options = {}) {
    told out;
    const auto task = [](cascade::client& at, cascade::stream_kind_memory& memory, cascade::follow_options how,
                         told& result) -> asio::awaitable<void> {
      cascade::update_stream updates(at, "c", memory, std::move(how));
      co_await hear(updates, result);
      co_await updates.close();
      EXPECT_EQ(at.calls_in_flight(), 0u);
    };
    run(pool, task(client(), kinds, std::move(options), out));
    return out;
  }

  /// Answers the getters with what `now` is; `reads` counts the rounds.
  void answer_getters(std::function<state(unsigned reads)> now) {
    server.trajectory = [this, now](const auto&, auto& response) {
      const state current = now(++reads);
      response.set_status(current.status());
      response.set_num_total_steps(static_cast<std::uint32_t>(current.trajectory().steps_size()));
      response.set_num_total_generator_metadata(
          static_cast<std::uint32_t>(current.trajectory().generator_metadata_size()));
      return grpc::Status::OK;
    };
    server.steps = [this, now](const auto& request, auto& response) {
      const state current = now(reads);
      const int size = std::min(current.trajectory().steps_size(), static_cast<int>(request.step_offset()) + page);
      for (int i = static_cast<int>(request.step_offset()); i < size; ++i) {
        *response.add_steps() = current.trajectory().steps(i);
      }
      return grpc::Status::OK;
    };
    server.generator_metadata = [this, now](const auto& request, auto& response) {
      const state current = now(reads);
      for (int i = static_cast<int>(request.generator_metadata_offset());
           i < current.trajectory().generator_metadata_size(); ++i) {
        *response.add_generator_metadata() = current.trajectory().generator_metadata(i);
      }
      return grpc::Status::OK;
    };
  }

  cascade::stream_kind_memory kinds;
  std::atomic<unsigned> reads = 0;
  int page = 100;  // steps in one answer
};

}  // namespace test
