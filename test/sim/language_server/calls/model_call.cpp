#include "test/sim/language_server/calls/model_call.hpp"

#include <algorithm>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>

#include "test/sim/language_server/log_line.hpp"

namespace sim::ls {
namespace {

constexpr std::string_view stream_target = "/v1internal:streamGenerateContent?alt=sse";
constexpr std::string_view plain_target = "/v1internal:generateContent";
constexpr std::size_t usual_attempts = 4;

std::string_view trace_of(const answer_head& head) {
  return head.field("x-cloudaicompanion-trace-id");
}

void log_call(const provider& upstream, std::string_view target, std::string_view trace) {
  std::string text = "URL: https://" + upstream.address().host;
  log_line("http_helpers.go:123", text.append(target).append(" Trace: 0x").append(trace));
}

std::string headers_json(const answer_head& head) {
  boost::json::object all;
  for (const auto& [name, value] : head.fields) all[name] = boost::json::array{boost::json::string(value)};
  return boost::json::serialize(all);
}

bool may_try_again(const provider_error& error) {
  const bool short_limit = error.reason == "RATE_LIMIT_EXCEEDED" || error.reason == "MODEL_CAPACITY_EXHAUSTED";
  return error.code == 503 || (error.code == 429 && short_limit);
}

model_failure failure_of(const answer_head& head, const provider_error& error, std::string_view body) {
  model_failure failure{.code = error.code,
                        .short_error = error.status + " (code " + std::to_string(error.code) + "): " + error.message,
                        .full_error = {},
                        .trace_id = std::string(trace_of(head)),
                        .retryable = may_try_again(error)};
  failure.full_error = "HTTP " + std::to_string(head.status) + " " + head.reason + "\nSherlog: \nTraceID: 0x" +
                       failure.trace_id + "\nHeaders: " + headers_json(head) + "\n\n";
  failure.full_error += body;
  return failure;
}

model_failure failure_of(const boost::system::system_error& error) {
  const std::string words = std::string("UNAVAILABLE (code 503): request failed: ") + error.what();
  return {.code = 0, .short_error = words, .full_error = words, .trace_id = {}, .retryable = true};
}

asio::awaitable<std::string> read_whole(exchange& call) {
  std::string body;
  for (;;) {
    const auto piece = co_await call.read();
    if (piece.empty()) co_return body;
    body += piece;
  }
}

asio::awaitable<void> follow(exchange& call, call_report& report, const answer_listener& listener) {
  event_reader events;
  const auto start = std::chrono::steady_clock::now();
  for (bool first = true;;) {
    const auto piece = co_await call.read();
    if (piece.empty()) break;
    for (const auto& event : events.feed(piece)) {
      if (!add_event(report.answer, event)) continue;
      if (report.answer.error) throw failure_of(call.head(), *report.answer.error, event);
      if (std::exchange(first, false)) report.to_first_event = std::chrono::steady_clock::now() - start;
      co_await listener(report.answer);
    }
  }
  report.streaming = std::chrono::steady_clock::now() - start;
}

asio::awaitable<void> attempt(provider& upstream, const std::string& body, call_report& report,
                              const answer_listener& listener) {
  auto call = co_await upstream.post(stream_target, body);
  report.answer = {};
  report.trace_id = trace_of(call.head());
  log_call(upstream, stream_target, report.trace_id);
  if (call.head().status != 200) {
    const auto refusal = co_await read_whole(call);
    const auto failure = failure_of(call.head(), read_error(call.head().status, refusal), refusal);
    upstream.give_back(std::move(call));
    throw failure;
  }
  co_await follow(call, report, listener);
  upstream.give_back(std::move(call));
}

/// What went wrong with one attempt, if anything did.
asio::awaitable<std::optional<model_failure>> try_once(provider& upstream, const std::string& body, call_report& report,
                                                       const answer_listener& listener) {
  try {
    co_await attempt(upstream, body, report, listener);
    co_return std::nullopt;
  } catch (const model_failure& failure) {
    co_return failure;
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    co_return failure_of(error);
  }
}

std::string seconds(std::chrono::milliseconds wait) {
  return wait.count() % 1000 == 0 ? std::to_string(wait.count() / 1000) + "s" : std::to_string(wait.count()) + "ms";
}

asio::awaitable<void> wait_to_retry(std::chrono::milliseconds wait) {
  log_line("planner_generator.go:293", "Encountered retryable api error. retrying in " + seconds(wait) + " ...");
  asio::steady_timer timer(co_await asio::this_coro::executor, wait);
  co_await timer.async_wait(asio::use_awaitable);
}

/// As long as the provider shall refuse, the first message asks it to: the first marker counts.
agent_request asking_for_refusal(agent_request request) {
  request.messages.front().text.insert(0, "[[sim:status=503]]");
  return request;
}

}  // namespace

asio::awaitable<call_report> call_model(provider& upstream, agent_request request, switches asked,
                                        answer_listener listener) {
  call_report report;
  request.ids = asked.ids;
  std::chrono::milliseconds wait(asked.retry_ms);
  const auto attempts = std::max(usual_attempts, asked.retries + 1);
  for (std::size_t i = 0;; ++i, wait *= 2) {
    log_line("planner_generator.go:283", "Requesting planner with " + std::to_string(request.messages.size()) +
                                             " chat messages at model retry attempt 0 and API retry attempt " +
                                             std::to_string(i));
    const auto body = agent_body(i < asked.retries ? asking_for_refusal(request) : request);
    auto failure = co_await try_once(upstream, body, report, listener);
    if (!failure) co_return report;
    // What was shown cannot be taken back.
    const bool shown = !report.answer.text.empty() || !report.answer.thinking.empty();
    if (shown || !failure->retryable || i + 1 == attempts) throw *failure;
    report.failed_attempts.push_back(std::move(*failure));
    co_await wait_to_retry(wait);
  }
}

asio::awaitable<void> call_in_background(provider& upstream, std::string prompt) {
  try {
    auto call = co_await upstream.post(plain_target, checkpoint_body(prompt));
    log_call(upstream, plain_target, trace_of(call.head()));
    co_await read_whole(call);
    upstream.give_back(std::move(call));
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    log_line("checkpoint.go:88", std::string("background call failed: ") + error.what());
  }
}

}  // namespace sim::ls
