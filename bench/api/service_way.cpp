#include "bench/api/service_way.hpp"

#include <spdlog/fmt/fmt.h>
#include <boost/json/serialize.hpp>

#include "bench/common/process_cost.hpp"

namespace bench {

std::string chat_request(const std::string& host, const std::string& text, bool streamed) {
  const boost::json::object body{{"model", "gemini-3-flash"},
                                 {"stream", streamed},
                                 {"messages", boost::json::array{{{"role", "user"}, {"content", text}}}}};
  const std::string content = boost::json::serialize(body);
  return fmt::format(
      "POST /v1/chat/completions HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer bench\r\naccept: application/json\r\n"
      "content-type: application/json\r\ncontent-length: {}\r\n\r\n{}",
      host, content.size(), content);
}

service_way::service_way(const sockaddr_in& service)
    : to_{service, 0, fmt::format("127.0.0.1:{}", ntohs(service.sin_port))} {}

client::listener service_way::listener() {
  client::listener told;
  told.on_open = [this](client& at) { at.send(std::move(talks_[&at].unsent)); };
  told.on_body = [this](client& at, std::string_view text) {
    const std::uint64_t now = monotonic_ns();
    talks_[&at].stamps.feed(text, [&](std::uint64_t stamp) {
      if (told_.on_stamp) told_.on_stamp(at.number, stamp, now);
    });
  };
  told.on_answered = [this](client& at) {
    free_.push_back(&at);
    if (told_.on_end) told_.on_end(at.number);
  };
  told.on_closed = [this](client& at) {
    std::erase(free_, &at);
    if (told_.on_lost) told_.on_lost(fmt::format("chat {} was refused or cut off", at.number));
  };
  return told;
}

void service_way::begin(std::size_t chat, const std::string& text, bool streamed) {
  std::string request = chat_request(to_.host, text, streamed);
  if (free_.empty()) {
    client& made = connections_.add(client::open(loop_, to_, nullptr, listener()));
    made.number = chat;
    talks_[&made] = {std::move(request), {}};
    return;
  }
  client& kept = *free_.back();
  free_.pop_back();
  kept.number = chat;
  talks_[&kept].stamps = {};
  kept.send(std::move(request));
}

}  // namespace bench
