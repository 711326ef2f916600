#pragma once

// What a route of the HTTP API sees of a request, and what it answers. The session turns both into bytes.

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
  std::string method;                  // a HEAD request comes as GET; the session leaves the body away
  std::string path;                    // as sent, without the query and one trailing slash
  std::string query;                   // as sent, without '?'
  std::vector<std::string> arguments;  // what stands in the path for each {…} of the route, percent-decoded
  std::string content_type;
  std::string body;
  std::string request_id;  // what x-request-id says
  bool with_key = false;   // it carries the service's key, not only comes from its user

  // For who reads the body, see read_apart().
  net::memory_budget::share held{};       // covers it
  net::background_pool* apart = nullptr;  // where large ones are read; null: here

  /// The first parameter of that name, percent-decoded; nothing if it is absent.
  std::optional<std::string> parameter(std::string_view name) const;
};

struct api_response;

/// Where an answer is written as it is made.
class api_stream {
 public:
  /// Sent at once and as it is; resumes when the system has taken it, so a client that does not read stops its writer.
  /// An error (the client is gone, or took longer than limits.api_write) ends the answer. The head goes out with the
  /// first write.
  virtual boost::asio::awaitable<net::result<void>> write(std::string_view bytes) = 0;

  /// Sends a few bytes if there is room for them at once and no write() is under way, or else forgets them.
  virtual void write_now(std::string_view bytes) = 0;

  /// Whether the head has gone out.
  virtual bool begun() const = 0;

 protected:
  ~api_stream() = default;
};

enum class stream_end : std::uint8_t {
  whole,
  broken,   // the connection is reset, so that no client takes the answer for whole
  instead,  // nothing was written, and the answer that follows is sent
};

/// The answer that is sent where nothing was written comes back in `instead`.
using api_writer = std::function<boost::asio::awaitable<stream_end>(api_stream&, api_response& instead)>;

struct api_response {
  unsigned status = 200;
  std::string body{};
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers{};  // beyond those that every answer has
  api_writer stream{};                                         // writes the body instead
};

}  // namespace app
