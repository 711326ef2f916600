#include "test/sim/language_server/live_cascade.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sim::ls {
namespace {

gemini_coder::Step user_step(const prompt& said, bool was_queued) {
  gemini_coder::Step step;
  step.set_type(cortex::CORTEX_STEP_TYPE_USER_INPUT);
  step.set_status(cortex::CORTEX_STEP_STATUS_DONE);
  step.mutable_metadata()->set_source(cortex::CORTEX_STEP_SOURCE_USER_EXPLICIT);
  step.mutable_metadata()->mutable_created_at()->set_seconds(std::time(nullptr));
  step.mutable_user_input()->add_items()->set_text(said.text);
  step.mutable_user_input()->set_user_response(said.text);
  step.mutable_user_input()->set_is_queued_message(was_queued);
  return step;
}

std::string first_words(std::string_view text) {
  return std::string(text.substr(0, 60));
}

}  // namespace

live_cascade::live_cascade(const asio::any_io_executor& pool, transcript begin)
    : talk_(std::move(begin)), strand_(asio::make_strand(pool)), answered_(strand_) {}

bool live_cascade::add(const prompt& said) {
  const std::scoped_lock lock(mutex_);
  if (!busy_) {
    busy_ = true;
    begin(said, false);
    return true;
  }
  queued_.push_back(said);
  auto step = user_step(said, true);
  step.set_status(cortex::CORTEX_STEP_STATUS_QUEUED);
  talk_.commit([&](transcript& next) {
    next.queued_steps.push_back(std::make_shared<const gemini_coder::Step>(std::move(step)));
  });
  return false;
}

std::optional<prompt> live_cascade::next() {
  const std::scoped_lock lock(mutex_);
  busy_ = !queued_.empty();
  if (!busy_) return std::nullopt;
  auto said = std::move(queued_.front());
  queued_.pop_front();
  begin(said, true);
  return said;
}

void live_cascade::begin(const prompt& said, bool was_queued) {
  talk_.commit([&](transcript& next) {
    if (was_queued) next.queued_steps.erase(next.queued_steps.begin());
    if (next.title.empty()) next.title = first_words(said.text);
    next.append(user_step(said, was_queued));
    next.status = cortex::CASCADE_RUN_STATUS_RUNNING;
    next.fully_idle = false;
  });
}

void live_cascade::cancel(const std::shared_ptr<live_cascade>& cascade) {
  asio::post(cascade->strand_, [cascade] {
    if (!cascade->running_) return;
    cascade->talk_.commit([](transcript& next) { next.status = cortex::CASCADE_RUN_STATUS_CANCELING; });
    cascade->cancelled_.emit(asio::cancellation_type::terminal);
  });
}

asio::cancellation_slot live_cascade::start() {
  running_ = true;
  return cancelled_.slot();
}

void live_cascade::expect_answer(std::uint32_t step_index) {
  const std::scoped_lock lock(mutex_);
  asking_ = step_index;
  answer_.reset();
}

asio::awaitable<cortex::CascadeUserInteraction> live_cascade::answer_to_step() {
  answered_.expires_at(asio::steady_timer::time_point::max());
  co_await answered_.async_wait(asio::as_tuple(asio::use_awaitable));
  const std::scoped_lock lock(mutex_);
  asking_.reset();
  if (!answer_) throw boost::system::system_error(asio::error::operation_aborted);
  co_return *std::exchange(answer_, std::nullopt);
}

bool live_cascade::answer(const std::shared_ptr<live_cascade>& cascade, const cortex::CascadeUserInteraction& given) {
  {
    const std::scoped_lock lock(cascade->mutex_);
    if (cascade->asking_ != given.step_index()) return false;
    cascade->asking_.reset();
    cascade->answer_ = given;
  }
  asio::post(cascade->strand_, [cascade] { cascade->answered_.cancel(); });
  return true;
}

bool live_cascade::take_version_gap() {
  const std::scoped_lock lock(mutex_);
  return !std::exchange(gap_taken_, true);
}

}  // namespace sim::ls
