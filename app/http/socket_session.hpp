#pragma once

// Serves a WebSocket of the API with Boost.Beast: the handshake, messages within the limits of bodies,
// permessage-deflate (RFC 7692), pings that find out whether a quiet client is still there, and the end. Its route
// talks (web_socket.hpp).
//
// 1001 ends an idle socket, 1009 a message over the limit, 1013 one that the memory for bodies has no room for.

#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "app/http/connection.hpp"
#include "app/http/exchange.hpp"
#include "app/http/h2_session.hpp"
#include "app/http/web_socket.hpp"

namespace app {

using upgrade_request = boost::beast::http::request<boost::beast::http::string_body>;

/// Whether an HTTP/1.1 request asks for a WebSocket in the version that is served (RFC 6455 §4.2.1).
bool asks_for_socket(const upgrade_request& request);

/// Accepts the WebSocket that `asked` asks for, on the connection itself, which has ended when it returns.
asio::awaitable<next_step> serve_socket(api_connection& peer, const upgrade_request& asked, const api_talk& talk,
                                        api_request request);

/// The same on a stream of HTTP/2, for an extended CONNECT (RFC 8441).
asio::awaitable<next_step> serve_socket(h2_session& session, h2_stream& stream, const api_talk& talk,
                                        api_request request);

}  // namespace app
