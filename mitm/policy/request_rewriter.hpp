#pragma once

// The interface between connections and the rules that change requests, which are in app/rewrite. A connection asks
// whether a request is wanted, what to do with it once it is complete, and what to remove from its answer. Pure.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/wire/message_head.hpp"

namespace mitm {

/// What a request is to a WebSocket (RFC 6455, RFC 8441).
enum class request_form : std::uint8_t {
  plain,    // nothing
  upgrade,  // it asks for one
  message,  // it is a text message of the client on one, with the target and the fields of the upgrade
};

/// The head of a message is a POST with the protocol websocket.
request_form form_of(const net::wire::request_head& head);

/// A request that was held until it was complete.
struct held_request {
  std::string method;
  std::string target;                    // as sent: origin form, query included
  std::vector<net::wire::field> fields;  // in wire order, HTTP/2's pseudo fields apart
  std::string body;                      // without transfer coding, with content coding
  request_form form = request_form::plain;
};

/// An answer that is made here instead of by the origin. Framing is added when it is sent.
struct local_answer {
  unsigned status = 0;
  std::vector<net::wire::field> fields;
  std::string body;
};

/// What was done to a request, for the ledger and the log: names and places, never a prompt.
struct rewrite_note {
  std::string rules;      // that changed something, separated by ", "; may be empty
  std::string changes;    // "model gpt-5 -> gpt-5-mini; set /temperature", or why a rule could not be followed
  bool answered = false;  // locally: the origin has not seen the request

  bool empty() const { return rules.empty() && changes.empty(); }
};

/// Removes from an answer what the client did not ask for.
class response_rewriter {
 public:
  virtual ~response_rewriter() = default;
  /// False: the answer passes unchanged.
  virtual bool wants(const net::wire::response_head& head) = 0;
  /// Appends to `out` the part of the body to send. Pieces have no transfer coding.
  virtual void feed(std::string_view piece, std::string& out) = 0;
  virtual void finish(std::string& out) = 0;
};

struct rewritten {
  enum class outcome : std::uint8_t { unchanged, changed, answered };

  outcome what = outcome::unchanged;
  local_answer answer;              // if answered
  std::vector<std::string> events;  // … and the request was a message: the messages to answer with, in place of that
  rewrite_note note;
  std::unique_ptr<response_rewriter> response;  // none: the answer passes as it is
};

/// Decides about the requests of one connection, and about the messages of its WebSockets, on its strand. Must not
/// throw.
class request_rewriter {
 public:
  virtual ~request_rewriter() = default;

  /// Decides by the head alone. False: no rule can match, and the request passes unchanged.
  virtual bool wants(const net::wire::request_head& head) = 0;

  /// True: on the WebSocket that `head` asks for, text messages of the client are requests, in the form message.
  virtual bool reads_messages(const net::wire::request_head& head) = 0;

  /// Changes a complete, wanted request in place. The caller adjusts its framing.
  virtual rewritten rewrite(held_request& request) = 0;

  /// A wanted request could not be held, for the reason `why`, and passes unchanged.
  virtual rewrite_note passed_over(const net::wire::request_head& head, std::string_view why) = 0;
};

}  // namespace mitm
