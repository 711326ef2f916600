#pragma once

// Requests and answers as the routes of the HTTP API see them. The session converts them from and to bytes.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "net/background_pool.hpp"
#include "net/errc.hpp"
#include "net/memory_budget.hpp"

namespace app {

struct api_request {
  std::string method;                  // HEAD arrives as GET; the session omits the body
  std::string path;                    // as sent, without the query and one trailing slash
  std::string query;                   // as sent, without '?'
  std::vector<std::string> arguments;  // the parts of the path that match the route's {…}, percent-decoded
  std::string content_type;
  std::string body;
  std::string request_id;  // the value of x-request-id
  bool with_key = false;   // authorised by the key, not only by its user

  // For reading the body, see read_apart().
  net::memory_budget::share held{};       // covers it
  net::background_pool* apart = nullptr;  // where large bodies are read; null: on the event loop

  /// The first parameter of that name, percent-decoded; nullopt if absent.
  std::optional<std::string> parameter(std::string_view name) const;
};

struct api_response;

/// Writes an answer while it is being made.
class api_stream {
 public:
  /// Sends the bytes at once and resumes when the system has accepted them, so a client that does not read stops its
  /// writer. An error (the client has gone, or took longer than limits.api_write) ends the answer. The head is sent
  /// with the first write.
  virtual boost::asio::awaitable<net::result<void>> write(std::string_view bytes) = 0;

  /// Sends a few bytes if there is room for them at once and no write() is pending; otherwise drops them.
  virtual void write_now(std::string_view bytes) = 0;

  /// Whether the head has been sent.
  virtual bool begun() const = 0;

 protected:
  ~api_stream() = default;
};

enum class stream_end : std::uint8_t {
  whole,
  broken,   // the connection is reset, so that no client takes the answer for complete
  instead,  // nothing was written, and another answer is sent
};

/// If it has written nothing, it may return another answer in `instead`.
using api_writer = std::function<boost::asio::awaitable<stream_end>(api_stream&, api_response& instead)>;

struct api_response {
  unsigned status = 200;
  std::string body{};
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers{};  // beyond those that every answer has
  api_writer stream{};                                         // writes the body instead
};

}  // namespace app
