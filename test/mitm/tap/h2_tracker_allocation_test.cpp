// The tap runs beside every block that passes, so between the head and the end of an answer nothing may be allocated.
#if !defined(__has_feature)
#define __has_feature(feature) 0
#endif
#if !__has_feature(thread_sanitizer)

#include <gtest/gtest.h>

#include <string>

#include "mitm/tap/h2_tracker.hpp"
#include "test/support/counted_new.hpp"
#include "test/support/h2_frames.hpp"
#include "test/support/split.hpp"

namespace mitm {
namespace {

using namespace support;

/// Counts what it is told of bodies.
struct listener final : exchange_observer {
  struct tap final : exchange_tap {
    explicit tap(std::size_t& bytes) : bytes_(bytes) {}
    void on_request_body(std::string_view) override {}
    void on_request_end() override {}
    void on_response(const net::wire::response_head&) override {}
    void on_response_body(std::string_view piece) override { bytes_ += piece.size(); }
    void on_end(exchange_outcome, std::string_view) override {}
    std::size_t& bytes_;
  };
  std::unique_ptr<exchange_tap> on_request(const net::wire::request_head&) override {
    return std::make_unique<tap>(bytes);
  }
  std::size_t bytes = 0;
};

TEST(h2_tracker_allocation, an_open_stream_allocates_nothing_however_its_frames_are_cut) {
  listener heard;
  h2_tracker tracker(heard, {});
  hpack_encoder down;
  hpack_encoder up;
  tracker.observe(side::downstream, h2_preface + settings() + down.headers(1, get_fields("/a"), true) +
                                        down.headers(3, get_fields("/b"), true));
  tracker.observe(side::upstream, settings() + settings_ack() + up.headers(1, status_fields("200")) +
                                      up.headers(3, status_fields("200")));
  const std::string block = data(1, "an event") + ping() + data(3, std::string(3000, 'x')) + data(1, "");
  const std::string window = frame(h2_type::window_update, 0, 1, big_endian(100)) + ping() + settings({{4, 100}});
  const auto before = allocations.load();
  for (int i = 0; i < 100; ++i) {
    for (std::string_view rest = block; !rest.empty(); rest.remove_prefix(std::min<std::size_t>(7, rest.size()))) {
      tracker.observe(side::upstream, rest.substr(0, 7));
    }
    tracker.observe(side::downstream, window);
  }
  EXPECT_EQ(allocations.load() - before, 0u);
  EXPECT_EQ(heard.bytes, 100u * 3008);
  EXPECT_EQ(tracker.detached_reason(), "");
}

}  // namespace
}  // namespace mitm

#endif
