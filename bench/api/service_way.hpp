#pragma once

// Chats over the service's OpenAI API on kept-alive connections, like OpenAI's SDKs.

#include <memory>
#include <unordered_map>
#include <vector>

#include "bench/api/stamp_reader.hpp"
#include "bench/api/way.hpp"
#include "bench/probe/client.hpp"
#include "bench/probe/event_loop.hpp"

namespace bench {

class service_way final : public way {
 public:
  explicit service_way(const sockaddr_in& service);

  void begin(std::size_t chat, const std::string& text, bool streamed) override;
  bool wait(std::uint64_t due, const std::function<bool()>& done) override { return loop_.run(due, done); }

 private:
  struct talk {
    std::string unsent;  // kept until the connection is open
    stamp_reader stamps;
  };

  client::listener listener();

  route to_;
  event_loop loop_;
  std::unordered_map<const client*, talk> talks_;
  std::vector<client*> free_;
  probes connections_;  // last: they are destroyed before what they refer to
};

/// A request for a chat that says `text`.
std::string chat_request(const std::string& host, const std::string& text, bool streamed);

}  // namespace bench
