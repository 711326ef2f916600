// Answers a model call event by event and writes down what was told about tokens.

#include <algorithm>
#include <ctime>
#include <string>

#include <boost/system/system_error.hpp>

#include "test/sim/call_reader.hpp"
#include "test/sim/exchange.hpp"

namespace sim {
namespace {

enum class ending : std::uint8_t { whole, cut, stalled };

answer make_answer(const call& c) {
  if (c.fails()) return error_answer(c);
  switch (c.api) {
    case provider::google:
      return google_answer(c);
    case provider::openai_chat:
      return openai_chat_answer(c);
    case provider::openai_responses:
      return openai_responses_answer(c);
    case provider::anthropic:
      return anthropic_answer(c);
  }
  return {};
}

/// What is used of the account's and of the model's limits, as the providers' header fields tell it.
std::string limit_fields(const call& c) {
  const std::string percent = std::to_string(c.asked.limits);
  const std::string left = std::to_string(100 - std::min<std::size_t>(c.asked.limits, 100));
  switch (c.api) {
    case provider::anthropic:
      return "anthropic-ratelimit-unified-status: allowed\r\n"
             "anthropic-ratelimit-unified-5h-status: allowed\r\n"
             "anthropic-ratelimit-unified-5h-reset: " +
             std::to_string(std::time(nullptr) + 3600) + "\r\nanthropic-ratelimit-unified-5h-utilization: " +
             std::to_string(static_cast<double>(c.asked.limits) / 100) + "\r\n";
    case provider::openai_chat:
    case provider::openai_responses:
      return "x-codex-primary-used-percent: " + percent +
             "\r\nx-codex-primary-window-minutes: 300\r\nx-codex-primary-reset-after-seconds: 3600\r\n"
             "x-ratelimit-limit-requests: 100\r\nx-ratelimit-remaining-requests: " +
             left + "\r\nx-ratelimit-reset-requests: 6m0s\r\n";
    case provider::google:
      return {};
  }
  return {};
}

response_outline outline_of(const call& c, const answer& a) {
  response_outline outline{.status = a.status, .content_type = a.content_type, .fields = a.fields};
  if (c.asked.limits != 0) outline.fields += limit_fields(c);
  if (!a.streamed) outline.length = a.events.front().text.size();
  return outline;
}

asio::awaitable<ending> send_events(response_writer& writer, const call& c, const answer& a, journal_entry& entry) {
  std::size_t sent = 0;
  for (const auto& event : a.events) {
    if (c.asked.cut_after == sent) co_return ending::cut;
    if (c.asked.stall == "body" && sent * 2 >= a.events.size()) co_return ending::stalled;
    if (sent > 0) co_await pause(c.asked.delay_ms);
    co_await writer.body(event.text);
    if (event.usage) entry.usage = *event.usage;
    ++sent;
  }
  co_await writer.finish();
  co_return ending::whole;
}

asio::awaitable<bool> end_exchange(exchange& x, const call& c, ending how) {
  if (how == ending::stalled) co_await wait_for_end(x);
  if (how == ending::cut) x.stream().lowest_layer().close();
  co_return how == ending::whole&& x.client_keeps_alive() && !c.asked.close;
}

/// The entry is written whether or not the client stayed to the end.
asio::awaitable<bool> answer_call(exchange& x, const call& c, journal_entry entry) {
  const auto a = make_answer(c);
  entry.http_status = a.status;
  entry.failed = a.reports_error;
  response_writer writer(x.stream(), c.asked, x.is("HEAD"));
  auto how = ending::cut;
  try {
    co_await writer.head(outline_of(c, a));
    how = co_await send_events(writer, c, a, entry);
  } catch (const boost::system::system_error&) {
    how = ending::cut;
  }
  entry.complete = how == ending::whole;
  entry.response_sha256 = writer.body_sha256();
  x.shared().calls.write(c, entry);
  co_return co_await end_exchange(x, c, how);
}

}  // namespace

bool is_model_call(const exchange& x) {
  return x.is("POST") && names_model_call(x.path());
}

asio::awaitable<bool> answer_model_call(exchange& x) {
  std::string body;
  co_await x.read_body(&body);
  const auto x_sim = x.field("x-sim");
  const auto retry_count = x.field("x-stainless-retry-count");
  const auto c = read_call({x.path(), x.query(), x_sim, retry_count, body});
  if (!c) {
    co_return co_await answer_whole(x, {}, {.status = 400, .content_type = "text/plain"}, c.error() + "\n");
  }
  if (c->asked.stall == "head") {
    co_await wait_for_end(x);
    co_return false;
  }
  co_await pause(c->asked.first_delay_ms);
  journal_entry entry;
  entry.host = x.field("host");
  entry.path = x.path();
  entry.request_sha256 = x.body_sha256();
  co_return co_await answer_call(x, *c, std::move(entry));
}

}  // namespace sim
