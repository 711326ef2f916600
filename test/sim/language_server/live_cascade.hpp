#pragma once

// A cascade that can run: its conversation, the messages that wait for their turn, and the question that a turn may ask
// its user. RPC threads call it; its turns run on its strand, one after another.

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "test/sim/language_server/conversation.hpp"
#include "test/sim/language_server/models.hpp"
#include "test/sim/language_server/switches.hpp"

namespace sim::ls {

namespace asio = boost::asio;

struct prompt {
  std::string text;
  const model* asked = nullptr;
  switches behaviour;
};

class live_cascade {
 public:
  using executor = asio::strand<asio::any_io_executor>;

  live_cascade(const asio::any_io_executor& pool, transcript begin);

  conversation& talk() { return talk_; }
  const executor& strand() const { return strand_; }

  /// Writes the message into the conversation: as a step if it is `said`'s turn, which the caller must then run; among
  /// the queued steps (and false) while another turn runs.
  bool add(const prompt& said);

  /// On the strand, after a turn: the next message, already written as a step. Nothing: the cascade rests.
  std::optional<prompt> next();

  /// Cancels the running turn, if there is one.
  static void cancel(const std::shared_ptr<live_cascade>&);
  /// On the strand, for the turn that is about to run.
  asio::cancellation_slot start();
  /// On the strand, together with the turn's last change: from now on there is nothing to cancel.
  void rest() { running_ = false; }

  /// On the strand, before the step that waits is shown, and without giving way until answer_to_step().
  void expect_answer(std::uint32_t step_index);
  asio::awaitable<cortex::CascadeUserInteraction> answer_to_step();
  /// False if that step waits for nothing.
  static bool answer(const std::shared_ptr<live_cascade>&, const cortex::CascadeUserInteraction&);

  /// True once, for the stream that loses an update.
  bool take_version_gap();

 private:
  void begin(const prompt& said, bool was_queued);

  conversation talk_;
  executor strand_;
  asio::cancellation_signal cancelled_;
  asio::steady_timer answered_;
  bool running_ = false;  // of the strand

  std::mutex mutex_;
  bool busy_ = false;
  bool gap_taken_ = false;
  std::deque<prompt> queued_;
  std::optional<std::uint32_t> asking_;
  std::optional<cortex::CascadeUserInteraction> answer_;
};

}  // namespace sim::ls
