#pragma once

// An API server on loopback with a few routes, and a blocking client of raw bytes. Shared by the tests of the session
// and of the server.

#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include "app/http/server.hpp"
#include "test/support/until.hpp"

namespace app {

namespace http = boost::beast::http;
using asio::ip::tcp;
using std::chrono::milliseconds;

inline constexpr std::string_view get_root = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
inline constexpr std::chrono::hours never{1};

inline asio::awaitable<api_response> say(std::string words) {
  co_return api_response{200, std::move(words)};
}

/// A blocking client of raw bytes.
class raw_client {
 public:
  explicit raw_client(const endpoint& server) : socket_(context_) { socket_.connect(server); }

  raw_client& send(std::string_view bytes) {
    boost::system::error_code gone;  // a server that has answered and closed already is no failure of the test
    asio::write(socket_, asio::buffer(bytes), gone);
    return *this;
  }

  raw_client& end_output() {
    socket_.shutdown(tcp::socket::shutdown_send);
    return *this;
  }

  http::response<http::string_body> answer(bool to_head = false) {
    http::response_parser<http::string_body> parser;
    parser.skip(to_head);
    parser.body_limit(boost::none);
    http::read(socket_, buffer_, parser);
    return parser.release();
  }

  /// Everything up to the end of the connection, however it ends: ended_by() tells.
  std::string rest() {
    std::string bytes(boost::beast::buffers_to_string(buffer_.data()));
    buffer_.clear();
    asio::read(socket_, asio::dynamic_buffer(bytes), ended_by_);
    return bytes;
  }

  boost::system::error_code ended_by() const { return ended_by_; }

  tcp::socket& socket() { return socket_; }

 private:
  asio::io_context context_;
  tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  boost::system::error_code ended_by_;
};

class api_fixture : public testing::Test {
 protected:
  api_fixture() {
    settings_.routes = {
        {"GET", "/", [](api_request) { return say("root"); }, true},
        {"GET", "/query", [](api_request request) { return say(request.query); }},
        {"POST", "/echo", [](api_request request) { return say(request.body); }, false, false, true},
        {"POST", "/act", [](api_request request) { return say(request.with_key ? "with key" : "done"); }},
        {"GET", "/fault",
         [](api_request) -> asio::awaitable<api_response> { throw std::runtime_error("secret reason"); }},
    };
    settings_.on_fault = [this](std::string_view id, std::string_view what) {
      std::lock_guard lock(mutex_);
      faults_.push_back(std::string(id) + ' ' + std::string(what));
    };
  }

  ~api_fixture() override {
    if (server_) drain(milliseconds(0)).get();
  }

  void start() {
    server_ = std::make_unique<api_server>(pool_, settings_);
    ASSERT_TRUE(server_->listen({{{asio::ip::address_v4::loopback(), 0}}}).has_value());
    server_->serve();
    address_ = server_->addresses().tcp.front();
  }

  std::future<void> drain(milliseconds limit) {
    return asio::co_spawn(pool_.strand(), server_->drain(limit), asio::use_future);
  }

  /// Waits for what another thread will make true.
  template <class F>
  static void eventually(F condition) {
    test::until(std::move(condition));
  }

  raw_client client() { return raw_client(address_); }

  std::vector<std::string> faults() {
    std::lock_guard lock(mutex_);
    return faults_;
  }

  std::mutex mutex_;
  std::vector<std::string> faults_;
  net::worker_pool pool_{2};
  api_settings settings_;
  std::unique_ptr<api_server> server_;
  endpoint address_;
};

inline std::string error_code_of(const http::response<http::string_body>& answer) {
  return std::string(boost::json::parse(answer.body()).at("error").at("code").as_string());
}

}  // namespace app
