#include "mitm/interceptor.hpp"

#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include "mitm/any_port.hpp"
#include "net/by.hpp"
#include "net/thread_name.hpp"

namespace mitm {

using net::tcp;

namespace {

// A shortage of descriptors or memory does not end the service; it waits and tries again.
constexpr std::chrono::milliseconds accept_pause{100};

// On this port the client speaks first, and speaks TLS.
constexpr std::uint16_t tls_port = 443;

asio::awaitable<net::result<void>> joined(net::task_group& tasks) {
  co_await tasks.join();
  co_return net::result<void>{};
}

}  // namespace

interceptor::interceptor(net::worker_pool& workers, parts given, std::shared_ptr<const intercept_policy> policy)
    : workers_(workers),
      strand_(workers.strand()),
      parts_(std::move(given)),
      resumable_(parts_.upstream_context.get()),
      kept_(workers.strand(), parts_.bounds.kept_upstreams),
      policy_(std::move(policy)),
      listeners_(strand_, [](const std::string&) {}),
      sessions_(strand_, [this](const std::string& what) {
        session_report report;
        report.reason = "a session failed: " + what;
        parts_.events.on_session_end(report);
      }) {}

tcp::endpoint interceptor::listen(tcp::endpoint address) {
  tcp::acceptor acceptor(strand_);
  acceptor.open(address.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  if (address.protocol() == tcp::v6()) acceptor.set_option(asio::ip::v6_only(true));
  acceptor.bind(address);
  acceptor.listen();
  const auto bound = acceptor.local_endpoint();
  listeners_.spawn(strand_, accept_from(std::move(acceptor), arrival::redirected));
  return bound;
}

void interceptor::listen_captured(tcp::acceptor::native_handle_type listener) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw boost::system::system_error(errno, boost::system::system_category(), "getsockname");
  }
  tcp::acceptor acceptor(strand_, address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), listener);
  listeners_.spawn(strand_, accept_from(std::move(acceptor), arrival::captured));
}

void interceptor::use(std::shared_ptr<const intercept_policy> policy) {
  std::lock_guard lock(policy_mutex_);
  policy_ = std::move(policy);
}

std::shared_ptr<const intercept_policy> interceptor::policy() const {
  std::lock_guard lock(policy_mutex_);
  return policy_;
}

asio::awaitable<void> interceptor::accept_from(tcp::acceptor acceptor, arrival how) {
  for (;;) {
    // At the limit, more clients wait in the kernel's backlog.
    co_await sessions_.below(parts_.bounds.connections);
    auto strand = workers_.strand();
    auto [error, client] = co_await acceptor.async_accept(strand, asio::as_tuple(asio::use_awaitable));
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      asio::steady_timer pause(co_await asio::this_coro::executor, accept_pause);
      co_await pause.async_wait(asio::use_awaitable);
      continue;
    }
    admit(std::move(client), how);
  }
}

void interceptor::admit(tcp::socket client, arrival how) {
  if (how == arrival::captured) {
    boost::system::error_code error;
    const auto destination = client.local_endpoint(error);
    return error ? refuse(std::move(client), error) : take(std::move(client), destination);
  }
  const auto destination = parts_.destination_of(client);
  if (destination.has_error()) return refuse(std::move(client), destination.error());
  begin(std::move(client), *destination, how, true);
}

void interceptor::take(tcp::socket client, client_goal goal) {
  const bool with_tls = goal.destination.port() == tls_port;
  begin(std::move(client), std::move(goal), arrival::captured, with_tls);
}

void interceptor::begin(tcp::socket client, client_goal goal, arrival how, bool with_tls) {
  session_report failed;
  boost::system::error_code ignored;
  failed.facts.client = client.remote_endpoint(ignored);
  failed.facts.destination = goal.destination;
  auto on_error = [this, failed = std::move(failed)](const std::string& what) mutable {
    failed.reason = "a session failed: " + what;
    failed.failure = net::failure{net::failure::side_of::internal,
                                  net::failure::phase_of::request,
                                  {},
                                  what + " (thread " + net::thread_name() + ')'};
    parts_.events.on_session_end(failed);
  };
  auto strand = client.get_executor();
  sessions_.spawn(strand,
                  with_tls ? serve(services(how), policy(), std::move(client), std::move(goal))
                           : serve_any_port(services(how), policy(), std::move(client), std::move(goal)),
                  std::move(on_error));
}

void interceptor::refuse(tcp::socket client, boost::system::error_code why) {
  session_report report;
  boost::system::error_code ignored;
  report.facts.client = client.remote_endpoint(ignored);
  report.reason = why.message();
  report.failure = net::failure{net::failure::side_of::downstream, net::failure::phase_of::accept, why, {}};
  parts_.events.on_session_end(report);
}

session_services interceptor::services(arrival how) {
  return {parts_.bounds,
          parts_.bypassed,
          parts_.leaves,
          parts_.upstream_context.get(),
          resumable_,
          parts_.events,
          draining_.get_token(),
          parts_.rules,
          parts_.reuse_upstream ? &kept_ : nullptr,
          proxy(),
          how == arrival::redirected ? &own_ : nullptr,
          parts_.held,
          parts_.on_the_way};
}

asio::awaitable<std::size_t> interceptor::drain() {
  co_return co_await asio::co_spawn(strand_, drain_on_strand(), net::uncancelled());
}

asio::awaitable<std::size_t> interceptor::drain_on_strand() {
  listeners_.cancel();
  co_await listeners_.join();
  draining_.request_stop();
  co_await kept_.stop();
  co_await net::by(net::after(parts_.bounds.drain), joined(sessions_));
  const std::size_t rest = sessions_.size();
  if (rest == 0) co_return rest;
  sessions_.cancel();
  co_await sessions_.join();
  co_return rest;
}

}  // namespace mitm
