#pragma once

// A blocking client of WebSockets, by Beast. For the tests of the API.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json.hpp>

#include "test/app/http/api_fixture.hpp"

namespace app {

namespace websocket = boost::beast::websocket;

class socket_client {
 public:
  using fields = std::vector<std::pair<std::string, std::string>>;

  /// With `more` in the head of the handshake; a refusal is in answer().
  socket_client(const endpoint& server, std::string_view path, fields more = {}, bool compressed = false)
      : stream_(context_) {
    stream_.next_layer().connect(server);
    websocket::permessage_deflate deflate;
    deflate.client_enable = compressed;
    stream_.set_option(deflate);
    stream_.set_option(websocket::stream_base::decorator([more = std::move(more)](websocket::request_type& request) {
      for (const auto& [name, value] : more) request.set(name, value);
    }));
    stream_.handshake(answer_, "localhost", std::string(path), ended_);
  }

  const websocket::response_type& answer() const { return answer_; }

  socket_client& send(std::string_view text) {
    stream_.text(true);
    stream_.write(asio::buffer(text), ended_);
    return *this;
  }
  void send_binary(std::string_view bytes) {
    stream_.binary(true);
    stream_.write(asio::buffer(bytes), ended_);
  }

  /// Empty at the end: see closed_with() and ended_by().
  std::string next() {
    boost::beast::flat_buffer message;
    stream_.read(message, ended_);
    return boost::beast::buffers_to_string(message.data());
  }
  boost::json::value next_json() { return boost::json::parse(next()); }

  /// The code of the close frame that came.
  unsigned closed_with() {
    while (!ended_) next();
    return stream_.reason().code;
  }
  boost::system::error_code ended_by() const { return ended_; }

  websocket::stream<tcp::socket>& stream() { return stream_; }

 private:
  asio::io_context context_;
  websocket::stream<tcp::socket> stream_;
  websocket::response_type answer_;
  boost::system::error_code ended_;
};

}  // namespace app
