#pragma once

// A request_rewriter for tests, which does what the target of a request says: /keep is wanted and stays as it is,
// /change gets "!" behind its body and a field "x-changed", /answer is answered with 403 or, with ?stream, as an event
// stream, /strip loses the letter x of its answer. Nothing else is wanted. Of a WebSocket at /socket, each message does
// the same by its first word, and "answer" by two events; at /refused there is none.

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "mitm/policy/request_rewriter.hpp"
#include "net/wire/websocket_frame.hpp"

namespace support {

class scripted_rules final : public mitm::request_rewriter {
 public:
  bool wants(const net::wire::request_head& head) override {
    if (mitm::form_of(head) == mitm::request_form::message) return true;
    return is(head.target, "/refused") || is(head.target, "/keep") || is(head.target, "/change") ||
           is(head.target, "/answer") || is(head.target, "/strip");
  }

  bool reads_messages(const net::wire::request_head& head) override {
    return mitm::form_of(head) == mitm::request_form::upgrade &&
           (is(head.target, "/socket") || is(head.target, "/refused"));
  }

  mitm::rewritten rewrite(mitm::held_request& request) override {
    seen = request;
    if (request.form == mitm::request_form::message) return rewrite_message(request.body);
    mitm::rewritten result;
    if (is(request.target, "/refused")) {
      result.what = mitm::rewritten::outcome::answered;
      result.answer = {426, {{"content-type", "application/json"}}, "{}"};
      result.note = {"refuser", "refuse_websocket", true};
      return result;
    }
    if (is(request.target, "/keep")) return result;
    if (is(request.target, "/answer")) {
      result.what = mitm::rewritten::outcome::answered;
      const bool stream = request.target.ends_with("?stream");
      result.answer = {stream ? 200u : 403u,
                       {{"content-type", stream ? "text/event-stream" : "application/json"}},
                       stream ? "data: no\n\n" : "{\"no\":1}"};
      result.note = {"blocker", "blocked", true};
      return result;
    }
    result.what = mitm::rewritten::outcome::changed;
    result.note = {"changer", "added !", false};
    if (is(request.target, "/strip")) {
      result.response = std::make_unique<strip>();
      return result;
    }
    request.body += "!";
    request.fields.push_back({"x-changed", "yes"});
    return result;
  }

  mitm::rewrite_note passed_over(const net::wire::request_head&, std::string_view why) override {
    return {"", std::string(why), false};
  }

  mitm::held_request seen;  // the last that was held

 private:
  static mitm::rewritten rewrite_message(std::string& text) {
    mitm::rewritten result;
    if (is(text, "change")) {
      result.what = mitm::rewritten::outcome::changed;
      result.note = {"changer", "added !", false};
      text += "!";
    } else if (is(text, "answer")) {
      result.what = mitm::rewritten::outcome::answered;
      result.note = {"blocker", "blocked", true};
      result.events = {"one", "two"};
    }
    return result;
  }

  struct strip final : mitm::response_rewriter {
    bool wants(const net::wire::response_head& head) override { return head.status == 200; }
    void feed(std::string_view piece, std::string& out) override {
      std::ranges::copy_if(piece, std::back_inserter(out), [](char c) { return c != 'x'; });
    }
    void finish(std::string& out) override { out += "."; }
  };

  static bool is(std::string_view target, std::string_view prefix) { return target.starts_with(prefix); }
};

/// For frames that are made anew.
inline net::wire::websocket_mask fixed_mask() {
  return {'m', 'a', 's', 'k'};
}

}  // namespace support
