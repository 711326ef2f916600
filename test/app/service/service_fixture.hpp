#pragma once

// A whole service in a directory of its own, with ports of its own. For the tests of the service and of routes that
// need most of it.

#include <filesystem>
#include <memory>
#include <string>

#include <gmock/gmock.h>

#include "app/config/config_load.hpp"
#include "app/service/service.hpp"
#include "test/app/http/api_user.hpp"
#include "test/mitm/ca/fixtures.hpp"
#include "test/support/run.hpp"

namespace app {

class service_fixture : public testing::Test, protected api_user {
 protected:
  service_fixture() {
    const auto loaded = load_config({{}, {{"HOME", scratch_.path().native()}}, {}, false});
    values_ = loaded->values;
    values_.state_dir = scratch_.path() / "state";
    values_.ledger.file = values_.state_dir / "usage.db";
    values_.mitm.bundle_file = values_.state_dir / "bundle.pem";
    values_.api.listen.tcp = {{asio::ip::address_v4::loopback(), 0}};
    values_.mitm.listen = {{asio::ip::address_v4::loopback(), 0}};
    values_.threads = 2;
  }

  ~service_fixture() override { end(); }

  void start() {
    auto begun = service::start(values_, log_);
    ASSERT_TRUE(begun.has_value()) << begun.error().message;
    running_ = std::move(*begun);
    address_ = place_in(running_->ready_line(), "api=http://");
  }

  void end() {
    if (!running_) return;
    test::run(running_->workers(), running_->drain());
    running_.reset();
  }

  /// Why it does not start.
  startup_failure refusal() {
    auto begun = service::start(values_, log_);
    if (begun.has_error()) return begun.error();
    running_ = std::move(*begun);
    return {exit_code::ok, "it started"};
  }

  /// "127.0.0.1:8741" of a line with "<mark>127.0.0.1:8741 …".
  static endpoint place_in(const std::string& line, const std::string& mark) {
    const auto at = line.find(mark) + mark.size();
    const auto colon = line.find(':', at);
    return {asio::ip::make_address(line.substr(at, colon - at)),
            static_cast<std::uint16_t>(std::stoi(line.substr(colon + 1)))};
  }

  static bool can_connect(const endpoint& to) {
    asio::io_context io;
    tcp::socket peer(io);
    boost::system::error_code refused;
    peer.connect(to, refused);
    return !refused;
  }

  mitm::test::scratch_directory scratch_;
  logger log_{log_level::error, log_format::json};
  config values_;
  std::unique_ptr<service> running_;
};

}  // namespace app
