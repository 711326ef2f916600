#include "cascade/stream/dispatcher.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/error.hpp>

#include "cascade/supervisor/supervisor_errc.hpp"

namespace cascade {
namespace {

using std::chrono::seconds;

/// The time until the next attempt, and a little more for the start.
seconds until_retry(const supervisor_state& now) {
  if (!now.retry_at) return seconds(1);
  const auto left = std::chrono::ceil<seconds>(*now.retry_at - std::chrono::steady_clock::now());
  return std::clamp(left + seconds(1), seconds(1), seconds(60));
}

}  // namespace

dispatcher::dispatcher(supervisor& servers, dispatcher_options options)
    : servers_(servers), options_(std::move(options)), turns_(options_.limits.turns, options_.limits.waiting) {}

asio::awaitable<dispatch_result<session_ptr>> dispatcher::session() {
  using result = dispatch_result<session_ptr>;
  auto ready = co_await servers_.ready(net::deadline::min());
  if (ready.has_error()) co_return no_server(ready.error());
  std::lock_guard lock(mutex_);
  if (current_ && current_->server.generation == ready->generation) co_return result(current_);
  auto opened = channel::open(ready->address, options_.channel);
  if (opened.has_error()) {
    co_return dispatch_refusal{dispatch_refusal::cause::misconfigured, to_string(opened.error())};
  }
  current_ = std::make_shared<server_session>(std::move(*ready), std::move(*opened), options_.client);
  co_return result(current_);
}

asio::awaitable<dispatch_result<turn_place>> dispatcher::enter() {
  using result = dispatch_result<turn_place>;
  // Checked first, so that nobody waits in line for a missing server.
  if (auto there = co_await session(); there.has_error()) co_return there.error();
  auto place = co_await turns_.enter(net::after(options_.limits.wait));
  if (place.has_error()) co_return no_place(place.error());
  auto now = co_await session();
  if (now.has_error()) co_return now.error();
  co_return result(boost::system::in_place_value, turn_place{std::move(*now), std::move(*place)});
}

void dispatcher::failed(const server_session& session, const rpc_failure& failure) {
  if (failure.code == rpc_errc::unavailable || failure.code == asio::error::timed_out) {
    servers_.suspect(session.server.generation);
  }
}

void dispatcher::found(const server_session& session, stream_kind kind) {
  servers_.set_stream_kind(session.server.generation, std::string(to_string(kind)));
}

dispatch_refusal dispatcher::no_server(boost::system::error_code why) const {
  using enum dispatch_refusal::cause;
  if (why == asio::error::operation_aborted) return {cancelled, "the request was cancelled"};
  const auto now = servers_.state();
  std::string text = "the language server is not ready: " + std::string(to_string(now.phase));
  if (!now.reason.empty()) text += ": " + now.reason;
  if (why.category() == supervisor_category()) return {misconfigured, text};
  return {unavailable, text, until_retry(now)};
}

dispatch_refusal dispatcher::no_place(boost::system::error_code why) const {
  using enum dispatch_refusal::cause;
  if (why == turnstile_errc::full) return {busy, "too many turns run and wait already", seconds(1)};
  if (why == asio::error::timed_out && servers_.state().phase == supervisor_phase::ready) {
    return {busy, "no place became free in time", seconds(5)};
  }
  return no_server(why);
}

}  // namespace cascade
