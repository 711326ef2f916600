#include "app/http/body.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <future>
#include <optional>
#include <thread>

#include "test/support/run.hpp"

namespace app {
namespace {

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, ' ');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

unsigned refused(std::string_view codings, std::string body, std::size_t limit = 1 << 20) {
  const auto decoded = decode_body(codings, {std::move(body)}, limit);
  return decoded.has_error() ? decoded.error().status : 200;
}

TEST(api_body, without_a_coding_it_is_what_it_is) {
  EXPECT_EQ(decode_body("", {"{}"}, 1)->text, "{}");
}

TEST(api_body, a_compressed_one_is_decompressed) {
  const std::string text(100'000, 'x');
  EXPECT_EQ(decode_body("gzip", {gzip(text)}, 1 << 20)->text, text);
}

TEST(api_body, what_cannot_be_decoded_is_refused_by_its_reason) {
  EXPECT_EQ(refused("rot13", "{}"), 415u);
  EXPECT_EQ(refused("gzip", "{}"), 400u);
  EXPECT_EQ(refused("gzip", gzip("{}").substr(0, 10)), 400u);
  EXPECT_EQ(refused("gzip", gzip(std::string(2 << 20, 'x'))), 413u);  // a bomb
}

TEST(api_body, what_it_decodes_to_is_covered_by_the_budget_or_refused) {
  net::memory_budget budget(1 << 20);
  const std::string text(500'000, 'x');
  {
    const auto decoded = decode_body("gzip", {gzip(text), net::memory_budget::share(&budget)}, 1 << 20);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_GE(budget.used(), text.size());
  }
  EXPECT_EQ(budget.used(), 0u);
  net::memory_budget::share others(&budget);
  ASSERT_TRUE(others.cover(600'000));
  const auto refused = decode_body("gzip", {gzip(text), net::memory_budget::share(&budget)}, 1 << 20);
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().status, 503u);
  EXPECT_EQ(refused.error().headers.back(), (std::pair<std::string, std::string>("Retry-After", "1")));
  EXPECT_EQ(budget.used(), others.size());
}

TEST(api_body, decoding_ends_early_once_nobody_waits_for_it) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(decode_body("gzip", {gzip(std::string(500'000, 'x'))}, 1 << 20, stop.get_token()).has_error());
}

class reading_apart : public testing::Test {
 protected:
  api_request request_of(std::size_t size) {
    api_request request;
    request.body.assign(size, ' ');
    request.held = net::memory_budget::share(&budget_);
    EXPECT_TRUE(request.held.cover(size));
    request.apart = &apart_;
    return request;
  }

  /// Where a body of that size was read; nothing if it was refused.
  std::optional<std::thread::id> reader_of(api_request request) {
    const auto read = [](api_request& of) -> boost::asio::awaitable<std::optional<std::thread::id>> {
      const auto where = co_await read_apart(of, [] { return std::this_thread::get_id(); });
      if (where.has_error()) co_return std::nullopt;
      co_return *where;
    };
    const auto loop = test::run(loops_, thread_of_a_loop());
    const auto reader = test::run(loops_, read(request));
    if (reader && *reader == loop) return std::thread::id();
    return reader;
  }

  static boost::asio::awaitable<std::thread::id> thread_of_a_loop() { co_return std::this_thread::get_id(); }

  net::worker_pool loops_{1};
  net::background_pool apart_{{.name = "test", .threads = 1, .queue = 0}};
  net::memory_budget budget_{8 << 20};
};

TEST_F(reading_apart, a_large_body_is_not_read_on_an_event_loop_and_a_small_one_is) {
  EXPECT_EQ(reader_of(request_of(read_at_once)), std::thread::id());
  EXPECT_NE(reader_of(request_of(read_at_once + 1)), std::thread::id());
}

TEST_F(reading_apart, what_reading_takes_is_covered_or_refused) {
  EXPECT_NE(reader_of(request_of(100'000)), std::nullopt);
  net::memory_budget::share others(&budget_);
  ASSERT_TRUE(others.cover(6 << 20));
  EXPECT_EQ(reader_of(request_of(100'000)), std::nullopt);
  EXPECT_EQ(budget_.used(), others.size());
}

TEST_F(reading_apart, a_queue_that_is_full_refuses) {
  std::promise<void> begun;
  std::promise<void> release;
  const auto occupy = [&]() -> boost::asio::awaitable<void> {
    co_await apart_.run([&](std::stop_token) {
      begun.set_value();
      release.get_future().wait();
      return 0;
    });
  };
  auto busy = boost::asio::co_spawn(loops_.strand(), occupy(), boost::asio::use_future);
  begun.get_future().wait();
  EXPECT_EQ(reader_of(request_of(100'000)), std::nullopt);
  release.set_value();
  busy.get();
  EXPECT_NE(reader_of(request_of(100'000)), std::nullopt);
}

}  // namespace
}  // namespace app
