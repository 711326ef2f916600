#pragma once

// What may change requests on their way, as the connections see it. The rules are app's; here is only what a connection
// asks: whether a request is wanted, what becomes of it once it is whole, and what of its answer has to be taken out
// again. Pure.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/wire/message_head.hpp"

namespace mitm {

/// A request that was kept back until it was whole.
struct held_request {
  std::string method;
  std::string target;                    // as sent: origin form, query included
  std::vector<net::wire::field> fields;  // in wire order, HTTP/2's pseudo fields apart
  std::string body;                      // without its transfer coding, with its content coding
};

/// An answer of our own; what frames it is added when it is sent.
struct local_answer {
  unsigned status = 0;
  std::vector<net::wire::field> fields;
  std::string body;
};

/// What was done to a request, for the ledger and the log: names and places, never a prompt.
struct rewrite_note {
  std::string rules;      // that changed something, ", " between; empty: none
  std::string changes;    // "model gpt-5 -> gpt-5-mini; set /temperature", or why a rule could not be followed
  bool answered = false;  // by us: the origin has not seen it

  bool empty() const { return rules.empty() && changes.empty(); }
};

/// Takes out of an answer what its client did not ask for.
class response_rewriter {
 public:
  virtual ~response_rewriter() = default;
  /// False: the answer passes as it is.
  virtual bool wants(const net::wire::response_head& head) = 0;
  /// Appends to `out` what is to be sent of the body; pieces have no transfer coding.
  virtual void feed(std::string_view piece, std::string& out) = 0;
  virtual void finish(std::string& out) = 0;
};

struct rewritten {
  enum class outcome : std::uint8_t { unchanged, changed, answered };

  outcome what = outcome::unchanged;
  local_answer answer;  // if answered
  rewrite_note note;
  std::unique_ptr<response_rewriter> response;  // none: the answer passes as it is
};

/// Decides for the requests of one connection, on its strand. Must not throw.
class request_rewriter {
 public:
  virtual ~request_rewriter() = default;

  /// By the head alone. False: no rule can match, and the request passes as it comes.
  virtual bool wants(const net::wire::request_head& head) = 0;

  /// A wanted request, whole. Changes it in place; what frames its body is the caller's.
  virtual rewritten rewrite(held_request& request) = 0;

  /// A wanted request could not be held (`why`) and passes as it came.
  virtual rewrite_note passed_over(const net::wire::request_head& head, std::string_view why) = 0;
};

}  // namespace mitm
