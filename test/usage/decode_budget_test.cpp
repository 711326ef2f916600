#include "usage/decode_budget.hpp"

#include <gtest/gtest.h>

#include <string>

#include "test/usage/compress.hpp"
#include "usage/content_decoder.hpp"
#include "usage/exchange_account.hpp"

namespace usage {
namespace {

struct counter final : content_decoder::sink {
  void on_content(std::string_view piece) override { bytes += piece.size(); }
  std::size_t bytes = 0;
};

TEST(decode_budget, gives_a_block_at_once_and_more_only_for_what_comes) {
  decode_budget budget({.ratio = 10, .block = 100});
  EXPECT_TRUE(budget.spend(100));
  EXPECT_EQ(budget.spend(1).error(), errc::too_dense);
  budget.earn(3);
  EXPECT_TRUE(budget.spend(30));
  EXPECT_EQ(budget.spend(1).error(), errc::too_dense);
}

TEST(decode_budget, saves_up_no_more_than_a_block) {
  decode_budget budget({.ratio = 10, .block = 100});
  budget.earn(1'000'000);
  EXPECT_TRUE(budget.spend(100));
  EXPECT_EQ(budget.spend(1).error(), errc::too_dense);
}

TEST(decode_budget, counts_the_total_beside) {
  decode_budget budget({.total = 150, .ratio = 10, .block = 100});
  EXPECT_TRUE(budget.spend(100));
  budget.earn(100);
  EXPECT_EQ(budget.spend(51).error(), errc::too_large);
  EXPECT_TRUE(budget.spend(50));
}

TEST(decode_budget, without_limits_is_never_spent) {
  decode_budget budget({});
  budget.earn(1 << 20);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(budget.spend(1ull << 50));
}

TEST(decode_budget, bounds_what_one_block_of_a_bomb_costs_whatever_the_coding) {
  const std::string zeros(64 << 20, '\0');
  const decode_limits bounds = account_limits().decoding();
  for (const std::string_view coding : {"gzip", "deflate", "br", "zstd"}) {
    auto decoder = content_decoder::make(coding, bounds);
    counter out;
    EXPECT_EQ(decoder->feed(compress::as(coding, zeros), out).error(), errc::too_dense) << coding;
    EXPECT_LE(out.bytes, bounds.block) << coding;
  }
}

TEST(decode_budget, counts_all_stages_of_nested_codings) {
  auto decoder = content_decoder::make("gzip, gzip", {.ratio = 256, .block = 64 << 10});
  counter out;
  EXPECT_EQ(decoder->feed(compress::gzip(compress::gzip(std::string(64 << 20, '\0'))), out).error(), errc::too_dense);
  EXPECT_LE(out.bytes, 64u << 10);
}

TEST(decode_budget, is_spent_on_work_as_well) {
  decode_budget budget({.total = 10, .ratio = 10, .block = 100});
  EXPECT_TRUE(budget.work(100)) << "which is not of the total";
  EXPECT_EQ(budget.work(1).error(), errc::too_dense);
}

/// What is dense in structure takes longer to read than text of the same size.
TEST(decode_budget, bounds_the_steps_of_the_scanner_too) {
  struct costly final : content_decoder::sink {
    void on_content(std::string_view piece) override { bytes += piece.size(); }
    std::size_t take_cost() override { return 1 << 20; }
    std::size_t bytes = 0;
  } out;
  auto decoder = content_decoder::make("zstd", account_limits().decoding());
  EXPECT_EQ(decoder->feed(compress::zstd(std::string(1 << 20, ' ')), out).error(), errc::too_dense);
  EXPECT_LE(out.bytes, 5 * content_decoder::piece_size);
}

TEST(decode_budget, is_not_touched_by_a_body_that_is_not_coded) {
  auto decoder = content_decoder::make("", {.total = 1, .ratio = 1, .block = 1});
  counter out;
  EXPECT_TRUE(decoder->feed(std::string(1 << 20, 'x'), out));
  EXPECT_EQ(out.bytes, 1u << 20);
}

/// Megabytes of log lines in a prompt, and an answer that says the same again and again.
TEST(decode_budget, lets_repetitive_text_pass) {
  std::string log;
  for (int i = 0; log.size() < (8u << 20); ++i)
    log +=
        "2026-01-31T12:00:" + std::to_string(10 + i % 50) + " INFO request " + std::to_string(i) + " served in 3 ms\n";
  const std::string same(4 << 20, 'x');
  for (const std::string_view coding : {"gzip", "br", "zstd"}) {
    for (const std::string* text : {static_cast<const std::string*>(&log), &same}) {
      const std::string coded = compress::as(coding, *text);
      auto decoder = content_decoder::make(coding, account_limits().decoding());
      counter out;
      for (std::size_t at = 0; at < coded.size(); at += 16 << 10)
        ASSERT_TRUE(decoder->feed(std::string_view(coded).substr(at, 16 << 10), out)) << coding;
      EXPECT_EQ(out.bytes, text->size());
    }
  }
}

}  // namespace
}  // namespace usage
