#pragma once

// Chats directly over gRPC, with the same calls as the service: start the cascade, send the message, follow the pushed
// updates. The difference to the service is the cost of the service.

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "bench/api/way.hpp"
#include "cascade/rpc/client.hpp"
#include "cascade/stream/update_stream.hpp"

namespace bench {

class direct_way final : public way {
 public:
  /// Throws std::runtime_error.
  explicit direct_way(const cascade::server_address& server);
  ~direct_way() override;

  void begin(std::size_t chat, const std::string& text, bool streamed) override;
  bool wait(std::uint64_t due, const std::function<bool()>& done) override;

 private:
  boost::asio::awaitable<std::string> start(std::string text);
  boost::asio::awaitable<void> talk(std::size_t chat, std::string text);
  void tell(std::size_t chat, std::span<const cascade::event> events);

  boost::asio::io_context io_;
  cascade::stream_kind_memory kinds_;
  std::unique_ptr<cascade::client> client_;
  std::size_t under_way_ = 0;
};

}  // namespace bench
