#pragma once

// A blocking client of the API as SDKs are: whole requests, whole answers. Base of fixtures that serve one.

#include <string>
#include <string_view>

#include <boost/asio/read_until.hpp>

#include "test/app/http/api_fixture.hpp"

namespace app {

class api_user {
 protected:
  using http_answer = http::response<http::string_body>;

  raw_client client() const { return raw_client(address_); }

  static std::string request(std::string_view method, std::string_view target, std::string_view body = {},
                             std::string_view fields = {}) {
    std::string text(method);
    text.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(fields);
    if (!body.empty()) text += "Content-Type: application/json\r\n";
    if (method == "POST") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text.append("\r\n").append(body);
  }

  http_answer ask(std::string_view method, std::string_view target, std::string_view body = {},
                  std::string_view fields = {}) const {
    return client().send(request(method, target, body, fields)).answer();
  }
  http_answer get(std::string_view target) const { return ask("GET", target); }
  http_answer post(std::string_view target, std::string_view body) const { return ask("POST", target, body); }

  /// Asks for one answer, and gives what has come once `words` have; the answer goes on, to the connection's end.
  static std::string follow(raw_client& peer, std::string_view target, std::string_view body,
                            const std::string& words) {
    std::string seen;
    boost::system::error_code end;
    asio::read_until(peer.send(request("POST", target, body, "Connection: close\r\n")).socket(),
                     asio::dynamic_buffer(seen), words, end);
    EXPECT_FALSE(end.failed()) << end.message() << " after: " << seen;
    return seen;
  }

  static boost::json::value json_of(const http_answer& answer) { return boost::json::parse(answer.body()); }

  endpoint address_;  // of the API
};

}  // namespace app
