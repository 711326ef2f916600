#include "mitm/intercepted.hpp"

#include <openssl/rand.h>

#include <stop_token>
#include <string>

#include "mitm/client_leg.hpp"
#include "mitm/relay/connection_tap.hpp"
#include "mitm/relay/relay.hpp"
#include "mitm/relay/rewriting_relay.hpp"
#include "mitm/rewrite/local_answer.hpp"
#include "mitm/upstream/alpn_hooks.hpp"

namespace mitm {
namespace {

using namespace std::chrono_literals;
using net::reset_on_close;

net::wire::websocket_mask random_mask() {
  net::wire::websocket_mask mask;
  RAND_bytes(reinterpret_cast<unsigned char*>(mask.data()), mask.size());  // TLS protects what a mask should
  return mask;
}

void note_relayed(session_state& self, relay_report& relayed) {
  self.report.bytes_up = relayed.bytes_up;
  self.report.bytes_down = relayed.bytes_down;
  if (relayed.failure) self.report.failure = std::move(relayed.failure);
}

/// With TLS 1.3 a client's alert that refuses our certificate may come after our handshake is complete.
bool refused_certificate(const relay_report& relayed) {
  return relayed.bytes_up == 0 && relayed.failure && relayed.failure->code == net::errc::certificate_rejected;
}

/// The relay is done. `last` makes the local answer, if the client may still get one.
template <class Last>
asio::awaitable<void> end_intercepted(session_state& self, tls_legs& legs, relay_report relayed, Last last) {
  const bool refused = refused_certificate(relayed);
  note_relayed(self, relayed);
  if (refused) co_await note_rejected(self, legs.downstream.why());
  if (relayed.may_answer) {
    co_await answer(self, legs.downstream, last(*self.report.failure));
  } else if (self.report.failure) {
    reset_on_close(legs.downstream.socket());
  }
  if (self.report.failure) reset_on_close(legs.upstream.socket());
}

/// Ends an idle connection when the service drains, or when new rules concern an unmodified connection, so that they
/// apply to the client's next one.
class reasons_to_leave {
 public:
  reasons_to_leave(const session_state& self, std::stop_token changing)
      : self_(self), drained_(self.services.draining, drain{*this}), changed_(std::move(changing), change{*this}) {}

  std::stop_token token() const { return leave_.get_token(); }

 private:
  struct drain {
    reasons_to_leave& owner;
    void operator()() const { owner.leave_.request_stop(); }
  };
  struct change {
    reasons_to_leave& owner;
    void operator()() const {
      if (owner.self_.services.rules->concern(owner.self_.host())) owner.leave_.request_stop();
    }
  };

  const session_state& self_;
  std::stop_source leave_;
  std::stop_callback<drain> drained_;
  std::stop_callback<change> changed_;
};

/// Replaces an upstream that served another client before. False: the origin cannot be reached, and the client was
/// told.
asio::awaitable<bool> renew_upstream(session_state& self, tls_legs& legs, const net::wire::client_hello& hello,
                                     connection_tap& tap, std::string unsent = {}) {
  self.report.reused_upstream = false;
  legs.upstream.shutdown_send();
  auto reached = co_await reach_origin_anew(call_of(self, hello), picked_alpn(legs.upstream.native()));
  if (reached.upstream) {
    legs.upstream = std::move(*reached.upstream);
    co_return true;
  }
  self.report.failure = std::move(reached.failure);
  co_await answer_unreached(self, legs.downstream, tap, std::move(unsent));
  co_return false;
}

asio::awaitable<void> relay_as_it_is(session_state& self, tls_legs& legs, const net::wire::client_hello& hello,
                                     exchange_observer& observer, std::stop_token changing) {
  connection_tap tap(observer, self.bounds(), picked_alpn(legs.upstream.native()));
  const reasons_to_leave leaving(self, std::move(changing));
  relay_report relayed;
  for (;;) {
    relay<net::tls_stream> pumps(
        legs.downstream, legs.upstream,
        {self.bounds(), &tap.tracker(), leaving.token(),
         [&self](std::string_view reason) { self.services.events.on_detached(self.report.facts, reason); },
         may_share(call_of(self, hello)) ? self.bounds().kept_upstream_idle : 0ms, self.report.reused_upstream,
         std::exchange(relayed.unsent, {})});
    relayed = co_await pumps.run();
    if (!relayed.stale) break;
    if (!co_await renew_upstream(self, legs, hello, tap, relayed.unsent)) co_return;
  }
  const auto good_until = relayed.upstream_good_until;
  co_await end_intercepted(self, legs, std::move(relayed),
                           [&](const net::failure& cause) { return tap.answer(cause, self.host()); });
  if (good_until) co_await leave_origin(call_of(self, hello), legs.upstream, *good_until);
}

asio::awaitable<void> relay_rewritten(session_state& self, tls_legs& legs, const net::wire::client_hello& hello,
                                      exchange_observer& observer) {
  const std::string protocol = picked_alpn(legs.upstream.native());
  if (self.report.reused_upstream) {
    // While rules hold a request back, the origin could send something for the previous client.
    connection_tap tap(observer, self.bounds(), protocol);
    if (!co_await renew_upstream(self, legs, hello, tap)) co_return;
  }
  const auto rules = co_await self.services.rules->begin(self.report.facts);
  const auto rewriter = make_rewriter(*rules, observer, self.bounds(), protocol, random_mask, self.services.held);
  rewriting_relay pumps(legs.downstream, legs.upstream,
                        {self.bounds(), *rewriter, self.services.draining, [&self](std::string_view reason) {
                           self.services.events.on_detached(self.report.facts, reason);
                         }});
  auto relayed = co_await pumps.run();
  co_await end_intercepted(self, legs, std::move(relayed),
                           [&](const net::failure& cause) { return rewriter->answer(answer_to(cause, self.host())); });
}

}  // namespace

asio::awaitable<void> relay_intercepted(session_state& self, tls_legs& legs, const net::wire::client_hello& hello) {
  self.observe();
  trusting_client client_trusts(self, *self.observer);
  const request_rules* rules = self.services.rules;
  // Taken before the check below, so that no later change is missed.
  auto changing = rules == nullptr ? std::stop_token() : rules->changing();
  const bool concerned = rules != nullptr && rules->concern(self.host());
  co_await (concerned ? relay_rewritten(self, legs, hello, client_trusts)
                      : relay_as_it_is(self, legs, hello, client_trusts, std::move(changing)));
}

}  // namespace mitm
