#include "bench/probe/websocket_end.hpp"

#include <optional>

namespace bench {
namespace {

namespace wire = net::wire;

constexpr wire::websocket_mask any_mask{'m', 'a', 's', 'k'};

struct teller final : wire::websocket_decoder::sink {
  explicit teller(const websocket_end::listener& to) : told(to) {}
  void on_message(bool) override {}
  void on_content(std::string_view piece) override { told.on_content(piece); }
  void on_message_end(std::uint64_t) override { told.on_message_end(); }
  void on_control(wire::websocket_opcode, std::string_view) override {}

  const websocket_end::listener& told;
};

wire::websocket_sender other(wire::websocket_sender of) {
  return of == wire::websocket_sender::client ? wire::websocket_sender::server : wire::websocket_sender::client;
}

wire::websocket_deflate deflate_of(wire::websocket_sender who, const wire::websocket_terms& agreed) {
  return who == wire::websocket_sender::client ? agreed.client : agreed.server;
}

}  // namespace

websocket_end::websocket_end(wire::websocket_sender self, const wire::websocket_terms& agreed)
    : masks_(self == wire::websocket_sender::client),
      encoder_(deflate_of(self, agreed)),
      decoder_(other(self), deflate_of(other(self), agreed)) {}

std::string websocket_end::text(std::string_view content) {
  std::string frame;
  encoder_.encode(wire::websocket_opcode::text, true, content, masks_ ? std::optional(any_mask) : std::nullopt, frame);
  return frame;
}

bool websocket_end::feed(std::string_view bytes, const listener& told) {
  teller to(told);
  return !decoder_.feed(bytes, to).has_error();
}

}  // namespace bench
