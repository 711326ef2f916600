#include "bench/probe/websocket_end.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using net::wire::websocket_sender;
using testing::ElementsAre;

/// The messages that `to` finds in `bytes`, which come in pieces of `size`.
std::vector<std::string> messages_in(bench::websocket_end& to, std::string_view bytes, std::size_t size) {
  std::vector<std::string> found;
  std::string open;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    EXPECT_TRUE(to.feed(bytes.substr(at, size), {[&](std::string_view piece) { open += piece; },
                                                 [&] { found.push_back(std::exchange(open, {})); }}));
  }
  return found;
}

net::wire::websocket_terms terms(bool deflate) {
  net::wire::websocket_terms agreed;
  agreed.client.on = agreed.server.on = deflate;
  return agreed;
}

TEST(websocket_end, each_end_reads_what_the_other_says_in_any_split) {
  for (const bool deflate : {false, true}) {
    for (const std::size_t size : {1, 3, 1000}) {
      bench::websocket_end client(websocket_sender::client, terms(deflate));
      bench::websocket_end server(websocket_sender::server, terms(deflate));
      const std::string up = client.text("ask") + client.text("stop");
      const std::string down = server.text("first") + server.text("second");
      EXPECT_THAT(messages_in(server, up, size), ElementsAre("ask", "stop"));
      EXPECT_THAT(messages_in(client, down, size), ElementsAre("first", "second"));
    }
  }
}

TEST(websocket_end, what_is_no_frame_of_the_other_end_is_refused) {
  bench::websocket_end server(websocket_sender::server, {});
  bench::websocket_end other(websocket_sender::server, {});
  EXPECT_FALSE(server.feed(other.text("a client masks"), {[](std::string_view) {}, [] {}}));
}

}  // namespace
