#include "app/service/service.hpp"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "app/config/config.hpp"
#include "test/mitm/ca/fixtures.hpp"
#include "test/support/run.hpp"

namespace app {
namespace {

using asio::ip::tcp;
using testing::HasSubstr;

class service_start : public testing::Test {
 protected:
  config values() const {
    const auto loaded = load_config({{}, {{"HOME", scratch_.path().native()}}, {}, false});
    config made = loaded->values;
    made.state_dir = scratch_.path() / "state";
    made.ledger.file = made.state_dir / "usage.db";
    made.mitm.bundle_file = made.state_dir / "bundle.pem";
    made.api.listen.tcp = {free_address()};
    made.mitm.listen = {{asio::ip::address_v4::loopback(), 0}};
    made.threads = 2;
    return made;
  }

  /// Nobody else is given that port so soon.
  static endpoint free_address() {
    asio::io_context io;
    return tcp::acceptor(io, {asio::ip::address_v4::loopback(), 0}).local_endpoint();
  }

  static std::string answer_of(const endpoint& api, const std::string& path) {
    asio::io_context io;
    tcp::socket peer(io);
    boost::system::error_code error;
    peer.connect(api, error);
    if (error) return {};
    asio::write(peer, asio::buffer("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), error);
    std::string text;
    asio::read(peer, asio::dynamic_buffer(text), error);
    return text;
  }

  mitm::test::scratch_directory scratch_;
  logger log_{log_level::error, log_format::json};
};

TEST_F(service_start, whoever_asks_meanwhile_is_answered_once_all_is_there) {
  const auto wanted = values();
  for (int round = 0; round < 5; ++round) {
    std::atomic<bool> over{false};
    std::atomic<int> answered{0};
    std::atomic<int> broken{0};
    std::vector<std::jthread> clients;
    for (const char* path : {"/readyz", "/metrics"}) {
      clients.emplace_back([&, path] {
        while (!over) {
          const auto text = answer_of(wanted.api.listen.tcp.front(), path);
          if (text.empty()) continue;  // nobody listens yet
          ++(text.find("listening on 127.0.0.1") != std::string::npos ||
                     text.find("zerogravity_build_info") != std::string::npos
                 ? answered
                 : broken);
        }
      });
    }
    auto started = service::start(wanted, log_);
    ASSERT_TRUE(started.has_value()) << started.error().message;
    while (answered + broken < 20) std::this_thread::yield();
    over = true;
    clients.clear();
    EXPECT_EQ(broken, 0);
    test::run((*started)->workers(), (*started)->drain());
  }
}

TEST_F(service_start, it_can_end_at_once) {
  for (int round = 0; round < 5; ++round) {
    auto started = service::start(values(), log_);
    ASSERT_TRUE(started.has_value()) << started.error().message;
    test::run((*started)->workers(), (*started)->drain());
  }
}

}  // namespace
}  // namespace app
