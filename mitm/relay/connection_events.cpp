#include "mitm/relay/connection_events.hpp"

#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mitm {

namespace asio = boost::asio;

void connection_observer::when_program_known(std::function<void(const client_program&)> done) {
  done({});
}

asio::awaitable<client_program> program_of(connection_observer& observer) {
  const auto executor = co_await asio::this_coro::executor;
  co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(client_program)>(
      [executor, &observer](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        observer.when_program_known([executor, shared](const client_program& found) {
          asio::post(executor, [shared, found] { std::move (*shared)(found); });
        });
      },
      asio::use_awaitable);
}

std::string_view to_string(unread why) {
  switch (why) {
    case unread::bypassed:
      return "bypassed";
    case unread::client_hello:
      return "client_hello";
    case unread::hidden_name:
      return "hidden_name";
    case unread::protocol:
      return "protocol";
    case unread::tls:
      return "tls";
    case unread::no_certificate:
      return "no_certificate";
    case unread::outside_ca:
      return "outside_ca";
    case unread::detached:
      return "detached";
    case unread::upgraded:
      return "upgraded";
    case unread::body:
      return "body";
    case unread::websocket:
      return "websocket";
    case unread::not_listed:
      return "not_listed";
  }
  return "detached";
}

std::string_view words_for(unread why) {
  switch (why) {
    case unread::bypassed:
      return "the program refused our certificate again and again, and is left alone for a while";
    case unread::client_hello:
      return "its ClientHello is too large or malformed, so its host is not known";
    case unread::hidden_name:
      return "the name of its host is encrypted (ECH)";
    case unread::protocol:
      return "it speaks a protocol that cannot be followed";
    case unread::tls:
      return "it offers no TLS that our certificates can serve";
    case unread::no_certificate:
      return "no certificate could be made for the host";
    case unread::outside_ca:
      return "the CA does not cover the host: zerogravity ca rotate";
    case unread::detached:
      return "what was said on the connection could not be followed";
    case unread::upgraded:
      return "the connection went on in another protocol";
    case unread::body:
      return "an answer would have cost too much to decode, or its coding is not known";
    case unread::websocket:
      return "a WebSocket of an unknown API, subprotocol or extension, or with messages that could not be followed";
    case unread::not_listed:
      return "a provider's host that is not watched (mitm.providers, mitm.hosts)";
  }
  return "";
}

std::string_view words_for(std::string_view why) {
  for (std::size_t i = 0; i < unread_reasons; ++i)
    if (to_string(static_cast<unread>(i)) == why) return words_for(static_cast<unread>(i));
  return why;
}

std::string_view to_string(handling what) {
  switch (what) {
    case handling::intercepted:
      return "intercepted";
    case handling::spliced:
      return "spliced";
    case handling::refused:
      return "refused";
  }
  return "refused";
}

}  // namespace mitm
