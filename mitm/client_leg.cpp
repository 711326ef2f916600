#include "mitm/client_leg.hpp"

#include "mitm/policy/alpn.hpp"
#include "mitm/rewrite/local_answer.hpp"
#include "mitm/upstream/alpn_hooks.hpp"
#include "net/by.hpp"

namespace mitm {
namespace {

using net::after;

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

}  // namespace

std::unique_ptr<exchange_tap> trusting_client::on_request(const net::wire::request_head& head) {
  if (!std::exchange(noted_, true)) {
    self_.observer->when_program_known(
        [&list = self_.services.bypassed, host = self_.host(), kind = self_.hello_kind](client_program found) {
          if (found.executable.empty()) found.hello = kind;
          list.accepted(host, found);
        });
  }
  return next_.on_request(head);
}

net::tls_stream downstream_of(net::tcp::socket client, const server_identity& shown) {
  net::tls_stream made(std::move(client), shown.context(), net::tls_stream::role::server);
  shown.show_on(made.native());
  return made;
}

asio::awaitable<bool> accept_downstream(session_state& self, net::tls_stream& downstream, const std::string& protocol) {
  answer_alpn(downstream.native(), protocol);
  const auto shaken = co_await net::by(after(self.bounds().downstream_handshake), downstream.handshake());
  if (!shaken.has_error()) co_return true;
  const auto error = shaken.error();
  self.fail(net::failure::side_of::downstream, net::failure::phase_of::handshake, error, downstream.why());
  // A client that just leaves may have other reasons: it was killed, had enough connections, or was only probing.
  if (error == net::errc::certificate_rejected) co_await note_rejected(self, downstream.why());
  if (error == net::errc::certificate_declined) co_await note_declined(self);
  co_return false;
}

namespace {

void count_refusal(session_state& self, const client_program& program, const std::string& why) {
  const auto rejection = self.services.bypassed.rejected(self.host(), program, why, bypass_list::instant::clock::now());
  self.services.events.on_rejected({self.host(), program, why, rejection.first, rejection.became_bypassed});
}

}  // namespace

asio::awaitable<void> note_declined(session_state& self) {
  self.observe();
  const auto program = self.identified(co_await program_of(*self.observer));
  if (self.services.bypassed.trusts(program)) co_return;
  count_refusal(self, program, net::make_error_code(net::errc::certificate_declined).message());
}

asio::awaitable<void> note_rejected(session_state& self, std::string why) {
  self.observe();
  const auto program = self.identified(co_await program_of(*self.observer));
  count_refusal(self, program, why);
}

asio::awaitable<void> answer(session_state& self, net::tls_stream& downstream, std::string bytes) {
  co_await net::by(after(self.bounds().half_close), write_last(downstream, bytes));
}

asio::awaitable<void> answer_unreached(session_state& self, net::tls_stream& downstream, connection_tap& tap,
                                       std::string first) {
  const net::failure cause = *self.report.failure;
  if (!first.empty()) tap.tracker().observe(side::downstream, first);
  const auto asked = co_await net::by(after(self.bounds().request_stall), await_request(downstream, tap.tracker()));
  tap.tracker().close(exchange_outcome::failed, cause_of(cause));
  if (!asked.has_error()) co_return co_await answer(self, downstream, tap.answer(cause, self.host()));
  // With TLS 1.3 the alert may come after our handshake is complete.
  if (asked.error() == net::errc::certificate_rejected) co_await note_rejected(self, downstream.why());
}

asio::awaitable<void> answer_failure(session_state& self, net::tcp::socket client,
                                     const net::wire::client_hello& hello) {
  const net::failure cause = *self.report.failure;
  const auto leaf = co_await self.services.leaves.leaf({self.host()}, self.leaf);
  if (leaf.has_error()) co_return;
  net::tls_stream downstream = downstream_of(std::move(client), **leaf);
  const std::string protocol(without_origin(hello.alpn));
  if (!co_await accept_downstream(self, downstream, protocol)) co_return;
  self.report.failure = cause;
  self.observe();
  trusting_client client_trusts(self, *self.observer);
  connection_tap tap(client_trusts, self.bounds(), protocol);
  co_await answer_unreached(self, downstream, tap);
}

}  // namespace mitm
