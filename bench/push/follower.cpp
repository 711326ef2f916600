#include "bench/push/follower.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "bench/common/process_cost.hpp"
#include "bench/push/turn_script.hpp"

namespace bench {
namespace {

namespace asio = boost::asio;

void take(const cascade::event& event, std::uint64_t now, followed& into) {
  const auto* said = std::get_if<cascade::text_delta>(&event);
  if (said == nullptr) return;
  each_record(said->text, [&](std::uint64_t number) {
    ++into.records;
    into.last_number = number;
    if (now > number) into.latency.record(now - number);
  });
}

asio::awaitable<void> stand_at(gate& where, std::size_t bytes_held) {
  where.arrive(bytes_held);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (!where.is_open()) {
    timer.expires_after(std::chrono::milliseconds(20));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

/// False: the stream has ended.
asio::awaitable<bool> read_until(cascade::update_stream& updates, std::uint64_t records, followed& out) {
  while (out.records < records) {
    const auto events = co_await updates.next();
    const std::uint64_t now = monotonic_ns();
    if (events.has_error()) {
      out.failure = updates.failure().message.empty() ? events.error().message() : updates.failure().message;
      co_return false;
    }
    for (const cascade::event& event : *events) take(event, now, out);
  }
  co_return true;
}

asio::awaitable<followed> run(cascade::client& at, cascade::stream_kind_memory& kinds, push_plan plan,
                              std::vector<stop> stops) {
  followed out;
  cascade::follow_options options;
  options.first_step = turn_script::earlier_steps(plan.earlier_bytes);
  cascade::update_stream updates(at, plan.cascade_id(), kinds, std::move(options));
  for (const stop& next : stops) {
    if (!co_await read_until(updates, next.records, out)) {
      // Whoever counts arrivals must not wait for this one.
      if (next.at != nullptr) next.at->arrive(0);
      break;
    }
    if (next.at != nullptr) co_await stand_at(*next.at, updates.bytes_held());
  }
  co_await updates.close();
  co_return out;
}

}  // namespace

follower::follower(const cascade::server_address& server, unsigned threads) : workers_(threads) {
  auto opened = cascade::channel::open(server);
  if (opened.has_error()) throw std::runtime_error(opened.error().message);
  client_ = std::make_unique<cascade::client>(std::move(*opened));
}

std::future<followed> follower::follow(const push_plan& plan, std::vector<stop> stops) {
  return asio::co_spawn(workers_.strand(), run(*client_, kinds_, plan, std::move(stops)), asio::use_future);
}

}  // namespace bench
