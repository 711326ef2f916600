#pragma once

// Answers every connection on a port of loopback with the same bytes, whatever was asked, and hangs up.

#include <string>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

namespace app {

class raw_server {
 public:
  /// `endless`: the last byte comes over and over, until the peer is gone.
  explicit raw_server(std::string answer, bool endless = false) : answer_(std::move(answer)), endless_(endless) {
    url_ = "http://127.0.0.1:" + std::to_string(listener_.local_endpoint().port());
    serving_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  ~raw_server() {
    serving_.request_stop();
    boost::system::error_code ignored;
    boost::asio::ip::tcp::socket wake(context_);
    wake.connect(listener_.local_endpoint(), ignored);
  }
  raw_server(const raw_server&) = delete;
  raw_server& operator=(const raw_server&) = delete;

  const std::string& url() const { return url_; }

 private:
  void serve(const std::stop_token& stop) {
    for (;;) {
      auto peer = listener_.accept();
      if (stop.stop_requested()) return;
      std::string request(64 * 1024, '\0');
      boost::system::error_code error;
      peer.read_some(boost::asio::buffer(request), error);
      boost::asio::write(peer, boost::asio::buffer(answer_), error);
      const std::string more(1 << 16, answer_.empty() ? ' ' : answer_.back());
      while (endless_ && !error) boost::asio::write(peer, boost::asio::buffer(more), error);
      peer.shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
      // Unread bytes would turn the end into a reset.
      while (!error) peer.read_some(boost::asio::buffer(request), error);
    }
  }

  const std::string answer_;
  const bool endless_;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor listener_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::string url_;
  std::jthread serving_;
};

/// An answer of HTTP/1.1 with that body.
inline std::string http_answer(const std::string& body, const std::string& type = "application/json",
                               const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace app
