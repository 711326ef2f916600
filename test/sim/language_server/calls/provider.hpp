#pragma once

// The HTTPS client of the language server, with the habits of Go's: HTTP/1.1 without ALPN, certificates checked against
// SSL_CERT_FILE, request bodies chunked, gzip accepted, connections kept alive and used again, the latest first. A turn
// posts, reads the answer piece by piece, and gives the exchange back.

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/result.hpp>

namespace sim::ls {

namespace asio = boost::asio;

struct provider_address {
  std::string host;
  std::string port = "443";
  std::string connect_host;  // instead of host and port, when the name leads elsewhere
  std::string connect_port;
};

/// Of https://HOST[:PORT][/]; `connect` is ADDRESS:PORT or empty. The error is a sentence.
boost::system::result<provider_address, std::string> parse_provider(std::string_view url, std::string_view connect);

struct answer_head {
  unsigned status = 0;
  std::string reason;
  std::vector<std::pair<std::string, std::string>> fields;

  /// Of the first such field, whatever its case; empty without one.
  std::string_view field(std::string_view name) const;
};

class provider_connection;

/// One request and its answer, on a connection that it owns until it is given back.
class exchange {
 public:
  explicit exchange(std::unique_ptr<provider_connection>);
  exchange(exchange&&) noexcept;
  exchange& operator=(exchange&&) noexcept;
  ~exchange();

  const answer_head& head() const;

  /// The next piece of the body, decoded; empty at its end. Throws system_error when it is cut off.
  asio::awaitable<std::string_view> read();

 private:
  friend class provider;
  std::unique_ptr<provider_connection> connection_;
};

class provider {
 public:
  static constexpr std::size_t max_idle = 16;

  provider(asio::any_io_executor, provider_address);
  ~provider();

  const provider_address& address() const { return address_; }

  /// Sends a request to `target` and reads the head of its answer. Throws system_error.
  asio::awaitable<exchange> post(std::string_view target, std::string_view body);

  /// Keeps the connection for the next request if the answer was read to its end and allows it.
  void give_back(exchange);

 private:
  asio::awaitable<std::unique_ptr<provider_connection>> connect();
  std::unique_ptr<provider_connection> take_idle();

  asio::any_io_executor executor_;
  provider_address address_;
  asio::ssl::context tls_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<provider_connection>> idle_;
};

}  // namespace sim::ls
