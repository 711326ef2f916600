#include "test/sim/websocket/session.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace sim::websocket {
namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

std::string sha256_of(std::string_view text) {
  digest all;
  all.add(text);
  return all.finish();
}

}  // namespace

session::session(exchange& x, socket& wire, dialect& language)
    : exchange_(x),
      socket_(wire),
      dialect_(language),
      news_(x.stream().get_executor(), asio::steady_timer::time_point::max()) {}

asio::awaitable<void> session::run() {
  try {
    co_await send_all(dialect_.greeting());
    for (std::string message; co_await socket_.read(message);) co_await fulfil(dialect_.read(message), message);
  } catch (const boost::system::system_error&) {
    // The client has left; what runs finds that out by itself.
  }
  closed_ = true;
  news_.cancel();
  while (running_ > 0) co_await news_.async_wait(as_result);
}

asio::awaitable<void> session::send_all(std::vector<std::string> messages) {
  for (const auto& message : messages) co_await socket_.send(message, dialect_.binary(), {});
}

asio::awaitable<void> session::fulfil(wish asked, std::string_view message) {
  auto& own = lanes_[asked.lane];
  if (asked.cancel) own.cancelled = own.running;
  if (asked.begun) {
    own.waiting.push_back({std::move(*asked.begun), sha256_of(message)});
    if (!std::exchange(own.running, true)) {
      ++running_;
      asio::co_spawn(exchange_.stream().get_executor(), run_lane(own), asio::detached);
    }
  }
  co_await send_all(std::move(asked.answers));
}

asio::awaitable<void> session::run_lane(lane& own) {
  while (!own.waiting.empty()) {
    auto next = std::move(own.waiting.front());
    own.waiting.pop_front();
    own.cancelled = false;
    co_await run_turn(own, std::move(next));
  }
  own.running = false;
  --running_;
  news_.cancel();
}

/// The entry is written whether or not the client stayed to the end.
asio::awaitable<void> session::run_turn(lane& own, request asked) {
  const auto& c = asked.asked.asked;
  journal_entry entry;
  entry.host = exchange_.field("host");
  entry.path = exchange_.path();
  entry.websocket = true;
  entry.http_status = 101;
  entry.failed = asked.asked.messages.reports_error;
  entry.request_sha256 = std::move(asked.sha256);
  digest sent;
  auto how = ending::cut;
  try {
    co_await pause(c.asked.first_delay_ms);
    how = co_await send_events(own, asked.asked, entry, sent);
  } catch (const boost::system::system_error&) {
    how = ending::cut;
  }
  while (how == ending::stalled && !closed_) co_await news_.async_wait(as_result);
  entry.complete = how == ending::whole;
  entry.failed = entry.failed && entry.complete;
  entry.response_sha256 = sent.finish();
  exchange_.shared().calls.write(c, entry);
  if (how == ending::cut) socket_.cut();
}

asio::awaitable<session::ending> session::send_events(lane& own, const turn& running, journal_entry& entry,
                                                      digest& sent) {
  const auto& asked = running.asked.asked;
  const auto& events = running.messages.events;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (asked.cut_after == i) co_return ending::cut;
    if (asked.stall == "body" && i * 2 >= events.size()) co_return ending::stalled;
    if (i > 0) co_await pause(asked.delay_ms);
    const auto& event = own.cancelled ? dialect_.cancelled(running, i) : events[i];
    co_await socket_.send(event.text, dialect_.binary(), asked);
    sent.add(event.text);
    if (event.usage) entry.usage = *event.usage;
    if (own.cancelled) co_return ending::whole;
  }
  co_return ending::whole;
}

}  // namespace sim::websocket
