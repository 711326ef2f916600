#include "mitm/policy/request_rewriter.hpp"

#include "net/wire/websocket_handshake.hpp"

namespace mitm {

request_form form_of(const net::wire::request_head& head) {
  if (head.protocol == "websocket") return head.method == "CONNECT" ? request_form::upgrade : request_form::message;
  return net::wire::is_websocket_upgrade(head) ? request_form::upgrade : request_form::plain;
}

}  // namespace mitm
