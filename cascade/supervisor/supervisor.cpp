#include "cascade/supervisor/supervisor.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cascade/supervisor/supervisor_attach.hpp"
#include "net/executor.hpp"

namespace cascade {

using clock_type = std::chrono::steady_clock;

supervisor::supervisor(asio::any_io_executor strand, supervisor_options options, supervisor_hooks hooks)
    : strand_(strand),
      options_(std::move(options)),
      hooks_(std::move(hooks)),
      backoff_(options_.restart, hooks_.draw),
      changed_(strand),
      tasks_(strand, [this](const std::string& what) { hooks_.note("supervisor: " + what); }) {
  state_.since = clock_type::now();
  if (std::holds_alternative<no_server>(options_.server)) state_.phase = supervisor_phase::none;
}

supervisor::~supervisor() = default;

template <class F>
void supervisor::change_state(F&& change) {
  std::lock_guard lock(mutex_);
  change(state_);
}

void supervisor::enter(supervisor_phase phase, std::string reason, std::optional<clock_type::time_point> retry_at) {
  change_state([&](supervisor_state& state) {
    state.phase = phase;
    state.since = clock_type::now();
    state.retry_at = retry_at;
    if (!reason.empty()) state.reason = std::move(reason);
    if (phase != supervisor_phase::ready) state.target.clear();
    if (phase != supervisor_phase::ready && phase != supervisor_phase::starting) state.pid = 0;
  });
  changed_.notify();
}

supervisor_state supervisor::state() const {
  std::lock_guard lock(mutex_);
  auto copy = state_;
  copy.provider_retries = counters_.provider_retries;
  copy.dropped_log_lines = counters_.dropped_log_lines;
  return copy;
}

void supervisor::start() {
  if (!std::holds_alternative<no_server>(options_.server)) tasks_.spawn(strand_, run());
}

asio::awaitable<void> supervisor::stop() {
  co_await asio::co_spawn(
      strand_,
      [](supervisor& self) -> asio::awaitable<void> {
        self.stopping_ = true;
        self.changed_.notify();
        co_return;
      }(*this),
      asio::use_awaitable);
  co_await tasks_.join();
}

void supervisor::suspect(std::uint64_t generation) {
  asio::dispatch(strand_, [this, generation] {
    if (!running_ || running_->generation != generation) return;
    suspected_ = true;
    changed_.notify();
  });
}

void supervisor::set_stream_kind(std::uint64_t generation, std::string kind) {
  change_state([&](supervisor_state& state) {
    if (state.generation == generation) state.stream_kind = std::move(kind);
  });
}

std::optional<net::result<running_server>> supervisor::answer() const {
  if (std::holds_alternative<no_server>(options_.server)) return supervisor_errc::none_configured;
  if (stopping_) return supervisor_errc::stopped;
  if (running_) return *running_;
  std::lock_guard lock(mutex_);
  if (state_.phase == supervisor_phase::failed) return supervisor_errc::misconfigured;
  return std::nullopt;
}

asio::awaitable<net::result<running_server>> supervisor::wait_ready(net::deadline limit) {
  co_await changed_.until([this] { return answer().has_value(); }, limit);
  auto found = answer();
  if (found) co_return std::move(*found);
  co_return boost::system::error_code(asio::error::timed_out);
}

asio::awaitable<net::result<running_server>> supervisor::ready(net::deadline limit) {
  co_return co_await asio::co_spawn(strand_, wait_ready(limit), net::uncancelled());
}

asio::awaitable<void> supervisor::run() {
  while (!stopping_) {
    change_state([](supervisor_state& state) {
      ++state.generation;
      state.stream_kind.clear();
    });
    enter(supervisor_phase::starting, {});
    const auto ended = co_await serve_once();
    if (stopping_) break;
    hooks_.note("language server: " + ended.reason);
    if (ended.hopeless) {
      enter(supervisor_phase::failed, ended.reason);
      co_return;
    }
    co_await back_off(ended);
  }
  enter(supervisor_phase::stopped, {});
}

asio::awaitable<supervisor::ending> supervisor::serve_once() {
  ending ended;
  stranger_.reset();
  const auto source = make_source();
  try {
    co_await follow(*source, ended);
  } catch (const std::exception& e) {
    ended.reason = e.what();
  }
  co_await source->end();
  co_return ended;
}

std::unique_ptr<supervisor_source> supervisor::make_source() {
  if (const auto* wanted = std::get_if<attach_server>(&options_.server)) {
    return std::make_unique<attached_source>(wanted->address);
  }
  if (const auto* wanted = std::get_if<discover_server>(&options_.server)) {
    return std::make_unique<discovered_source>(strand_, *wanted, options_.proc, changed_, hooks_.blocking);
  }
  return std::make_unique<launched_source>(
      launched_source::surroundings{strand_, options_, hooks_, changed_, counters_},
      std::get<launch_server>(options_.server), form_);
}

asio::awaitable<void> supervisor::follow(supervisor_source& source, ending& so_far) {
  co_await source.begin();
  change_state([&](supervisor_state& state) { state.pid = source.pid(); });
  auto address = co_await first_answer(source, so_far);
  if (address) co_await serve(source, std::move(*address), so_far);
  // A stranger at the port explains everything that followed.
  if (source.ended() && !stranger_) so_far.reason = *source.ended();
  if (!so_far.was_ready && !stranger_) ++form_;
  if (!so_far.was_ready && source.pid() != 0) so_far.reason = "failed to start: " + so_far.reason;
  so_far.hopeless = source.hopeless();
}

asio::awaitable<std::optional<server_address>> supervisor::first_answer(supervisor_source& source, ending& so_far) {
  const auto limit = net::after(options_.limits.start);
  while (!over(source)) {
    const bool announced = source.announced();
    if (auto found = co_await ask_each(source)) co_return found;
    if (stranger_) {
      so_far.reason = *stranger_;
      break;
    }
    if (clock_type::now() >= limit) {
      so_far.reason = "did not answer within " + std::to_string(options_.limits.start.count()) + " ms";
      break;
    }
    const auto next = std::min(limit, net::after(options_.limits.heartbeat_spacing));
    co_await changed_.until([&] { return over(source) || (!announced && source.announced()); }, next);
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<server_address>> supervisor::ask_each(supervisor_source& source) {
  auto candidates = co_await source.candidates();
  for (auto& address : candidates) {
    if (over(source)) break;
    if (co_await answers(source, address)) co_return std::move(address);
  }
  co_return std::nullopt;
}

asio::awaitable<net::result<void>> supervisor::check(server_address& address) {
  if (!address.owner.users.empty()) {
    auto holder = co_await hooks_.holder(address);
    if (holder.is == port_holder::who::stranger) {
      stranger_ = std::move(holder.words);
      co_return supervisor_errc::stranger;
    }
  }
  if (address.certificate_pem.empty()) {
    auto shown = co_await hooks_.trust(address);
    if (!shown) co_return shown.error();
    address.certificate_pem = std::move(*shown);
  }
  co_return co_await hooks_.probe(address);
}

// Runs in the background, so that it can be cancelled when the server is gone or stop() is called.
asio::awaitable<bool> supervisor::answers(supervisor_source& source, server_address& address) {
  std::optional<bool> answered;
  asio::cancellation_signal cancel;
  asio::co_spawn(strand_, net::by(net::after(options_.limits.heartbeat), check(address)),
                 asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr thrown, net::result<void> outcome) {
                   answered = !thrown && outcome.has_value();
                   changed_.notify();
                 }));
  co_await changed_.until([&] { return answered || over(source); }, net::deadline::max());
  if (!answered) {
    cancel.emit(asio::cancellation_type::terminal);
    co_await changed_.until([&] { return answered.has_value(); }, net::deadline::max());
  }
  co_return *answered && !over(source);
}

asio::awaitable<bool> supervisor::still_answers(supervisor_source& source, server_address& address) {
  for (unsigned missed = 0; missed < options_.limits.suspect_heartbeats && !over(source) && !stranger_; ++missed) {
    if (co_await answers(source, address)) co_return true;
  }
  co_return false;
}

asio::awaitable<void> supervisor::serve(supervisor_source& source, server_address address, ending& so_far) {
  std::stop_source lost;
  const auto since = clock_type::now();
  source.chosen(address);
  suspected_ = false;
  running_ = running_server{address, state().generation, lost.get_token()};
  change_state([&](supervisor_state& state) {
    state.target = address.target;
    state.pid = source.pid();
  });
  so_far.was_ready = true;
  enter(supervisor_phase::ready, {});
  hooks_.note("language server: ready at " + address.target);
  do {
    co_await changed_.until([&] { return over(source) || suspected_; }, net::deadline::max());
    suspected_ = false;
  } while (!over(source) && co_await still_answers(source, address));
  if (!over(source)) so_far.reason = stranger_.value_or("does not answer its heartbeat any more");
  so_far.lived = clock_type::now() - since;
  running_.reset();
  // Its end is awaited next. Meanwhile ready() must not return it.
  enter(stopping_ ? supervisor_phase::stopped : supervisor_phase::backing_off, source.ended().value_or(so_far.reason));
  lost.request_stop();
}

asio::awaitable<void> supervisor::back_off(const ending& ended) {
  const auto until = net::after(backoff_.failed(ended.lived));
  change_state([&](supervisor_state& state) {
    state.failures = backoff_.failures();
    if (ended.was_ready) ++state.restarts;
  });
  enter(supervisor_phase::backing_off, ended.reason, until);
  co_await changed_.until([this] { return stopping_; }, until);
}

}  // namespace cascade
