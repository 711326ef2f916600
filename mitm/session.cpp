#include "mitm/session.hpp"

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "mitm/alpn.hpp"
#include "mitm/connection_tap.hpp"
#include "mitm/error_answer.hpp"
#include "mitm/origin_leg.hpp"
#include "mitm/relay.hpp"
#include "mitm/rewriting_relay.hpp"
#include "mitm/upstream.hpp"
#include "net/by.hpp"
#include "net/inspect.hpp"

namespace mitm {
namespace {

using namespace std::chrono_literals;
using net::after;
using net::reset_on_close;
using net::tcp;
using phase_of = net::failure::phase_of;
using side_of = net::failure::side_of;

struct session {
  session_services with;
  std::shared_ptr<const intercept_policy> policy;
  session_report report;
  std::optional<tcp::socket> connected = {};      // to the origin, until a leg is made of it
  std::unique_ptr<connection_observer> observer;  // once the connection is to be intercepted

  const limits& bounds() const { return with.bounds; }
  const std::string& host() const { return report.facts.host; }
  void observe() {
    if (!observer) observer = with.events.on_intercepted(report.facts);
  }
  void fail(side_of side, phase_of phase, boost::system::error_code code, std::string detail = {}) {
    report.failure = net::failure{side, phase, code, std::move(detail)};
  }
};

void note_relayed(session& self, relay_report& relayed) {
  self.report.bytes_up = relayed.bytes_up;
  self.report.bytes_down = relayed.bytes_down;
  if (relayed.failure) self.report.failure = std::move(relayed.failure);
}

asio::awaitable<void> splice(session& self, tcp::socket client, std::string reason) {
  self.report.handling = handling::spliced;
  self.report.reason = std::move(reason);
  auto connected = co_await connect_origin(self.with, self.report.facts.destination, self.connected);
  if (connected.has_error()) {
    reset_on_close(client);
    co_return self.fail(side_of::upstream, phase_of::connect, connected.error());
  }
  net::plain_stream downstream(std::move(client));
  net::plain_stream upstream(std::move(*connected));
  relay<net::plain_stream> tunnel(downstream, upstream, {self.bounds(), nullptr, self.with.draining});
  auto relayed = co_await tunnel.run();
  if (relayed.failure) {
    reset_on_close(downstream.socket());
    reset_on_close(upstream.socket());
  }
  note_relayed(self, relayed);
}

origin_call call_of(session& self, const net::wire::client_hello& hello) {
  return {self.with, self.report.facts.destination, self.connected, hello, self.observer.get()};
}

struct origin_and_leaf {
  std::optional<net::tls_stream> upstream;
  std::optional<ca_result<server_identity_ptr>> leaf;  // nothing: its names are not known yet
};

std::optional<net::tls_stream> take_note(session& self, reached_origin origin) {
  self.report.reused_upstream = origin.reused;
  self.report.failure = std::move(origin.failure);
  return std::move(origin.upstream);
}

/// A certificate for a new host is made while the origin's handshake is on its way, and costs no time.
asio::awaitable<origin_and_leaf> reach_origin_and_mint(session& self, const net::wire::client_hello& hello) {
  if (hello.server_name.empty()) {
    co_return origin_and_leaf{take_note(self, co_await reach_origin(call_of(self, hello))), std::nullopt};
  }
  const auto executor = co_await asio::this_coro::executor;
  std::vector<std::string> names{hello.server_name};
  auto [order, not_reached, origin, not_minted, leaf] =
      co_await asio::experimental::make_parallel_group(
          asio::co_spawn(executor, reach_origin(call_of(self, hello)), asio::deferred),
          asio::co_spawn(executor, self.with.leaves.leaf(std::move(names)), asio::deferred))
          .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  for (const auto& error : {not_reached, not_minted}) {
    if (error) std::rethrow_exception(error);
  }
  co_return origin_and_leaf{take_note(self, std::move(origin)), std::move(leaf)};
}

void note_rejected(session& self, std::string_view why) {
  const auto told = self.with.bypassed.rejected(self.host(), why, bypass_list::instant::clock::now());
  self.with.events.on_rejected({self.host(), why, told.first, told.became_bypassed});
}

net::tls_stream downstream_of(tcp::socket client, const server_identity& shown) {
  net::tls_stream made(std::move(client), shown.context(), net::tls_stream::role::server);
  shown.show_on(made.native());
  return made;
}

asio::awaitable<bool> accept_downstream(session& self, net::tls_stream& downstream, const std::string& protocol) {
  answer_alpn(downstream.native(), protocol);
  const auto shaken = co_await net::by(after(self.bounds().downstream_handshake), downstream.handshake());
  if (!shaken.has_error()) co_return true;
  const auto error = shaken.error();
  // Some clients say what they dislike, others just leave once they have seen the certificate.
  if (error == net::errc::certificate_rejected) note_rejected(self, downstream.why());
  if (error == net::errc::truncated || error == asio::error::connection_reset) {
    note_rejected(self, "it closed the connection when it saw the certificate");
  }
  self.fail(side_of::downstream, phase_of::handshake, error, downstream.why());
  co_return false;
}

/// Only a client that took our certificate sends a request.
class trusting_client final : public exchange_observer {
 public:
  trusting_client(session& self, exchange_observer& next) : self_(self), next_(next) {}

  std::unique_ptr<exchange_tap> on_request(const net::wire::request_head& head) override {
    if (!std::exchange(told_, true)) self_.with.bypassed.accepted(self_.host());
    return next_.on_request(head);
  }

 private:
  session& self_;
  exchange_observer& next_;
  bool told_ = false;
};

asio::awaitable<net::result<void>> await_request(net::tls_stream& downstream, connection_tracker& tracker) {
  while (!tracker.may_answer()) {
    const auto block = net::scratch_block();
    const net::io_step got = downstream.read(block);
    if (got.error) co_return got.error;
    if (got.bytes != 0) tracker.observe(side::downstream, {block.data(), got.bytes});
    if (tracker.detached()) co_return net::wire::make_error_code(net::wire::errc::malformed);
    if (got.bytes != 0) continue;
    if (auto error = co_await net::wait_until(downstream.socket(), got.next)) co_return error;
  }
  co_return net::result<void>{};
}

asio::awaitable<net::result<void>> write_last(net::tls_stream& downstream, std::string_view bytes) {
  if (auto error = co_await net::write_all(downstream, bytes)) co_return error;
  downstream.shutdown_send();
  // Closing with unread input would reset the connection and may take the answer with it.
  for (;;) {
    const auto block = net::scratch_block();
    const net::io_step got = downstream.read(block);
    if (got.error) co_return net::result<void>{};
    if (got.bytes != 0) continue;
    if (auto error = co_await net::wait_until(downstream.socket(), got.next)) co_return error;
  }
}

asio::awaitable<void> answer(session& self, net::tls_stream& downstream, std::string bytes) {
  co_await net::by(after(self.bounds().half_close), write_last(downstream, bytes));
}

/// The origin is out of reach, as report.failure says: the client gets that to read, and the ledger a row.
asio::awaitable<void> answer_failure(session& self, tcp::socket client, const net::wire::client_hello& hello) {
  const net::failure cause = *self.report.failure;
  const auto leaf = co_await self.with.leaves.leaf({self.host()});
  if (leaf.has_error()) co_return;
  net::tls_stream downstream = downstream_of(std::move(client), **leaf);
  const std::string protocol(without_origin(hello.alpn));
  if (!co_await accept_downstream(self, downstream, protocol)) co_return;

  self.observe();
  trusting_client client_trusts(self, *self.observer);
  connection_tap tap(client_trusts, self.bounds(), protocol);
  const auto asked = co_await net::by(after(self.bounds().request_stall), await_request(downstream, tap.tracker()));
  tap.tracker().close(exchange_outcome::failed, cause_of(cause));
  self.report.failure = cause;
  if (!asked.has_error()) co_await answer(self, downstream, tap.answer(cause, self.host()));
}

/// Both ends of an intercepted connection, their handshakes done.
struct legs {
  legs(net::tls_stream client, net::tls_stream origin) : downstream(std::move(client)), upstream(std::move(origin)) {}
  net::tls_stream downstream;
  net::tls_stream upstream;
};

/// The relay is done; `last` makes the answer that the client still gets, if it may get one.
template <class Last>
asio::awaitable<void> end_intercepted(session& self, legs& both, relay_report relayed, Last last) {
  const bool silent = relayed.bytes_up == 0 && relayed.ended_first == side::downstream;
  note_relayed(self, relayed);
  if (silent) note_rejected(self, "it closed the connection after the handshake without a request");
  if (relayed.may_answer) {
    co_await answer(self, both.downstream, last(*self.report.failure));
  } else if (self.report.failure) {
    reset_on_close(both.downstream.socket());
  }
  if (self.report.failure) reset_on_close(both.upstream.socket());
}

/// Ends an idle connection when the service drains, and when new rules concern one that is relayed as it is: its
/// client's next one is theirs.
class reasons_to_leave {
 public:
  reasons_to_leave(const session& self, std::stop_token changing)
      : self_(self), drained_(self.with.draining, drain{*this}), changed_(std::move(changing), change{*this}) {}

  std::stop_token token() const { return leave_.get_token(); }

 private:
  struct drain {
    reasons_to_leave& of;
    void operator()() const { of.leave_.request_stop(); }
  };
  struct change {
    reasons_to_leave& of;
    void operator()() const {
      if (of.self_.with.rules->concern(of.self_.host())) of.leave_.request_stop();
    }
  };

  const session& self_;
  std::stop_source leave_;
  std::stop_callback<drain> drained_;
  std::stop_callback<change> changed_;
};

asio::awaitable<void> relay_as_it_is(session& self, legs& both, const net::wire::client_hello& hello,
                                     exchange_observer& observer, std::stop_token changing) {
  connection_tap tap(observer, self.bounds(), picked_alpn(both.upstream.native()));
  const reasons_to_leave leaving(self, std::move(changing));
  relay<net::tls_stream> pumps(both.downstream, both.upstream,
                               {self.bounds(), &tap.tracker(), leaving.token(),
                                [&self](std::string_view reason) {
                                  self.with.events.on_detached(self.report.facts, reason);
                                },
                                may_share(call_of(self, hello)) ? self.bounds().kept_upstream_idle : 0ms});
  auto relayed = co_await pumps.run();
  const auto good_until = relayed.upstream_good_until;
  co_await end_intercepted(self, both, std::move(relayed),
                           [&](const net::failure& cause) { return tap.answer(cause, self.host()); });
  if (good_until) co_await leave_origin(call_of(self, hello), both.upstream, *good_until);
}

asio::awaitable<void> relay_rewritten(session& self, legs& both, exchange_observer& observer) {
  const auto rules = co_await self.with.rules->begin(self.report.facts);
  const auto rewriter = make_rewriter(*rules, observer, self.bounds(), picked_alpn(both.upstream.native()));
  rewriting_relay pumps(both.downstream, both.upstream,
                        {self.bounds(), *rewriter, self.with.draining, [&self](std::string_view reason) {
                           self.with.events.on_detached(self.report.facts, reason);
                         }});
  auto relayed = co_await pumps.run();
  co_await end_intercepted(self, both, std::move(relayed), [&](const net::failure& cause) {
    return rewriter->answer(describe(cause, self.host()));
  });
}

asio::awaitable<void> relay_intercepted(session& self, legs& both, const net::wire::client_hello& hello) {
  self.observe();
  trusting_client client_trusts(self, *self.observer);
  const request_rules* rules = self.with.rules;
  // Asked for first: what changes afterwards is heard of.
  auto changing = rules == nullptr ? std::stop_token() : rules->changing();
  const bool concerned = rules != nullptr && rules->concern(self.host());
  co_await (concerned ? relay_rewritten(self, both, client_trusts)
                      : relay_as_it_is(self, both, hello, client_trusts, std::move(changing)));
}

/// What became of the attempt to intercept: both legs, or a reason to splice instead, or neither if it is over.
struct opened {
  std::unique_ptr<legs> both;  // apart, to keep the frames of an idle connection small
  std::optional<std::string> splice_because;
};

opened instead_splice(std::string reason) { return {nullptr, std::move(reason)}; }

/// Upstream first: an origin out of reach or not to be trusted must not look like our fault. `client` is taken unless
/// the answer is to splice.
asio::awaitable<opened> open_both(session& self, tcp::socket& client, const net::wire::client_hello& hello) {
  std::vector<std::string> names{hello.server_name};
  // Who the client is can be asked only while it is there.
  if (!hello.server_name.empty()) self.observe();
  auto [upstream, minted] = co_await reach_origin_and_mint(self, hello);
  if (hello.server_name.empty()) {
    // Without a name the origin's certificate tells who it is; one that cannot be verified tells nothing.
    if (upstream) names = certificate_names(upstream->native());
    const bool watched = self.policy->decide(names).what == action::intercept;
    // Name constraints are wider than the patterns: no leaf is made for a name that nobody asked to watch.
    std::erase_if(names, [&self](const std::string& name) { return !self.policy->watches(name); });
    if (!watched || names.empty()) {
      self.report.failure.reset();
      co_return instead_splice("no server name, and the origin is not a watched host");
    }
    self.report.facts.host = names.front();
  }
  self.report.handling = handling::intercepted;
  if (!upstream) {
    co_await answer_failure(self, std::move(client), hello);
    co_return opened{};
  }
  const auto leaf = minted ? std::move(*minted) : co_await self.with.leaves.leaf(names);
  if (leaf.has_error()) co_return instead_splice("no certificate could be made: " + leaf.error().message);
  net::tls_stream downstream = downstream_of(std::move(client), **leaf);
  const std::string protocol = picked_alpn(upstream->native());
  if (!co_await accept_downstream(self, downstream, protocol)) co_return opened{};
  co_return opened{std::make_unique<legs>(std::move(downstream), std::move(*upstream)), std::nullopt};
}

/// Why this connection is not opened, or nothing if it is.
std::optional<std::string> reason_to_splice(session& self, const net::result<net::wire::client_hello>& hello) {
  if (hello.has_error()) return hello.error().message();
  if (only_unknown(hello->alpn)) return "the client speaks no protocol that can be followed";
  const auto decided = self.policy->decide(hello->server_name);
  if (decided.why == decision_reason::no_server_name) return std::nullopt;
  if (decided.what == action::splice) return std::string(to_string(decided.why));
  if (self.with.bypassed.bypassed(hello->server_name, bypass_list::instant::clock::now())) {
    return "bypassed: its clients do not trust the CA";
  }
  return std::nullopt;
}

asio::awaitable<void> walk(session& self, tcp::socket& client) {
  auto hello = co_await net::by(after(self.bounds().client_hello), net::peek_client_hello(client));
  if (hello.has_error() && hello.error().category() != net::wire::wire_category()) {
    self.report.reason = "the client sent no whole ClientHello";
    if (hello.error() == asio::error::eof) co_return;
    co_return self.fail(side_of::downstream, phase_of::inspect, hello.error());
  }
  if (!hello.has_error()) self.report.facts.host = hello->server_name;
  opened result{nullptr, reason_to_splice(self, hello)};
  if (!result.splice_because) result = co_await open_both(self, client, *hello);
  if (result.both) co_return co_await relay_intercepted(self, *result.both, *hello);
  if (result.splice_because) co_await splice(self, std::move(client), *result.splice_because);
}

}  // namespace

asio::awaitable<void> serve(session_services with, std::shared_ptr<const intercept_policy> policy, tcp::socket client,
                            tcp::endpoint destination, std::optional<tcp::socket> origin) {
  const auto began = std::chrono::steady_clock::now();
  session self{std::move(with), std::move(policy), {}, std::move(origin), {}};
  boost::system::error_code ignored;
  self.report.facts.client = client.remote_endpoint(ignored);
  self.report.facts.destination = destination;
  try {
    co_await walk(self, client);
  } catch (const boost::system::system_error& error) {
    self.fail(side_of::internal, phase_of::accept, error.code(), error.what());
  }
  self.report.duration =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  self.with.events.on_session_end(self.report);
}

}  // namespace mitm
