#include "usage/content/content_decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "test/support/split.hpp"
#include "test/usage/compress.hpp"
#include "usage/exchange_account.hpp"

namespace usage {
namespace {

constexpr std::uint64_t plenty = 1 << 30;

class collector final : public content_decoder::sink {
 public:
  void on_content(std::string_view piece) override {
    largest = std::max(largest, piece.size());
    text += piece;
  }

  std::string text;
  std::size_t largest = 0;
};

struct outcome {
  std::string text;
  boost::system::error_code error;
};

outcome decode(std::string_view codings, const support::pieces& input, std::uint64_t limit = plenty) {
  auto decoder = content_decoder::make(codings, limit);
  if (decoder.has_error()) return {{}, decoder.error()};
  collector out;
  for (const std::string_view piece : input) {
    const auto fed = decoder->feed(std::string(piece), out);
    if (fed.has_error()) return {out.text, fed.error()};
  }
  const auto ended = decoder->finish();
  return {out.text, ended.has_error() ? ended.error() : boost::system::error_code{}};
}

std::string sample() {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "data: {\"n\":" + std::to_string(i * 7919 % 1000) + ",\"s\":\"é€😀\"}\n\n";
  return text;
}

struct form {
  std::string_view codings;
  std::string coded;
};

std::vector<form> forms(std::string_view text) {
  using namespace compress;
  return {{"", std::string(text)},
          {"identity", std::string(text)},
          {"gzip", gzip(text)},
          {"x-gzip", gzip(text)},
          {"GZIP", gzip(text)},
          {"deflate", deflate(text, wrapper::zlib)},
          {"deflate", deflate(text, wrapper::raw)},
          {"br", brotli(text)},
          {"zstd", zstd(text)},
          {"gzip, br", brotli(gzip(text))},
          {"br,identity, zstd , gzip", gzip(zstd(brotli(text)))}};
}

TEST(content_decoder, every_coding_decodes_the_same_however_it_is_cut) {
  const std::string text = sample();
  for (const form& f : forms(text)) {
    support::for_each_split(f.coded, [&](const support::pieces& cut) {
      const outcome result = decode(f.codings, cut);
      EXPECT_FALSE(result.error) << f.codings << " " << result.error.message() << " " << support::describe(cut);
      EXPECT_EQ(result.text, text) << f.codings << " " << support::describe(cut);
    });
  }
}

TEST(content_decoder, a_truncated_body_gives_what_was_complete_and_says_so) {
  const std::string text = sample();
  for (const form& f : forms(text)) {
    if (f.coded == text) continue;
    for (const std::size_t left : {std::size_t{1}, std::size_t{8}, f.coded.size() / 2, f.coded.size() - 1}) {
      const outcome result = decode(f.codings, {std::string_view(f.coded).substr(0, left)});
      EXPECT_EQ(result.error, errc::truncated) << f.codings << " " << left;
      EXPECT_EQ(result.text, text.substr(0, result.text.size())) << f.codings;
    }
  }
}

TEST(content_decoder, an_empty_body_is_not_truncated) {
  for (const form& f : forms("")) EXPECT_FALSE(decode(f.codings, {}).error) << f.codings;
}

TEST(content_decoder, an_empty_text_decodes_to_nothing) {
  for (const form& f : forms("")) {
    const outcome result = decode(f.codings, {f.coded});
    EXPECT_FALSE(result.error) << f.codings;
    EXPECT_EQ(result.text, "");
  }
}

TEST(content_decoder, what_was_flushed_is_delivered_before_the_stream_ends) {
  const std::string event = "data: {\"usage\":\"" + std::string(100'000, 'x') + "\"}\n\n";
  for (const auto& [coding, coded] :
       {std::pair("gzip", compress::flushed_gzip(event)), std::pair("zstd", compress::flushed_zstd(event)),
        std::pair("br", compress::flushed_brotli(event))}) {
    auto decoder = content_decoder::make(coding, plenty);
    collector out;
    ASSERT_TRUE(decoder->feed(coded, out).has_value()) << coding;
    EXPECT_EQ(out.text.size(), event.size()) << coding;
    EXPECT_TRUE(out.text == event) << coding;
  }
}

TEST(content_decoder, members_of_gzip_and_frames_of_zstd_follow_each_other) {
  const std::string gzip = compress::gzip("one ") + compress::gzip("") + compress::gzip("two");
  support::for_each_split(gzip, [&](const support::pieces& cut) {
    const outcome result = decode("gzip", cut);
    EXPECT_FALSE(result.error) << support::describe(cut);
    EXPECT_EQ(result.text, "one two");
  });
  const std::string zstd = compress::zstd("one ") + compress::zstd("two");
  support::for_each_split(zstd, [&](const support::pieces& cut) {
    EXPECT_EQ(decode("zstd", cut).text, "one two") << support::describe(cut);
  });
  EXPECT_EQ(decode("gzip", {std::string_view(gzip).substr(0, gzip.size() - 3)}).error, errc::truncated);
}

TEST(content_decoder, zero_bytes_behind_a_gzip_member_are_padding_and_others_are_not) {
  const std::string padded = compress::gzip("text") + std::string(3, '\0');
  support::for_each_split(padded, [&](const support::pieces& cut) { EXPECT_FALSE(decode("gzip", cut).error); });
  EXPECT_EQ(decode("gzip", {compress::gzip("text") + "tail"}).error, errc::malformed);
}

TEST(content_decoder, bytes_behind_the_end_are_malformed) {
  EXPECT_EQ(decode("deflate", {compress::deflate("text", compress::wrapper::zlib) + "tail"}).error, errc::malformed);
  EXPECT_EQ(decode("deflate", {compress::deflate("text", compress::wrapper::raw), "tail"}).error, errc::malformed);
  EXPECT_EQ(decode("br", {compress::brotli("text") + "tail"}).error, errc::malformed);
  EXPECT_EQ(decode("br", {compress::brotli("text"), "tail"}).error, errc::malformed);
  EXPECT_EQ(decode("zstd", {compress::zstd("text") + "tail"}).error, errc::malformed);
}

TEST(content_decoder, garbage_is_malformed) {
  const std::string garbage = "\xff\xfe<html>this is no coded body at all</html>";
  for (const std::string_view coding : {"gzip", "deflate", "br", "zstd"})
    EXPECT_EQ(decode(coding, support::pieces_of(garbage, 7)).error, errc::malformed) << coding;
}

TEST(content_decoder, a_bomb_stops_at_the_limit_in_bounded_pieces) {
  const std::string zeros(64 << 20, '\0');
  constexpr std::uint64_t limit = 1 << 20;
  for (const std::string_view coding : {"gzip", "deflate", "br", "zstd"}) {
    const std::string bomb = compress::as(coding, zeros);
    ASSERT_LT(bomb.size(), 128u << 10) << coding;
    auto decoder = content_decoder::make(coding, limit);
    collector out;
    EXPECT_EQ(decoder->feed(bomb, out).error(), errc::too_large) << coding;
    EXPECT_LE(out.text.size(), limit);
    EXPECT_LE(out.largest, content_decoder::piece_size);
  }
}

TEST(content_decoder, a_bomb_inside_a_bomb_stops_at_the_limit) {
  const std::string bomb = compress::gzip(compress::gzip(std::string(64 << 20, '\0')));
  EXPECT_EQ(decode("gzip, gzip", {bomb}, 32 << 10).error, errc::too_large);
}

TEST(content_decoder, exactly_the_limit_passes) {
  const std::string text(5000, 'x');
  for (const std::string_view coding : {"gzip", "deflate", "br", "zstd"}) {
    EXPECT_FALSE(decode(coding, {compress::as(coding, text)}, 5000).error) << coding;
    EXPECT_EQ(decode(coding, {compress::as(coding, text)}, 4999).error, errc::too_large) << coding;
  }
}

TEST(content_decoder, one_block_of_a_bomb_costs_no_more_than_the_budget_whatever_the_coding) {
  const std::string zeros(64 << 20, '\0');
  const decode_limits bounds = account_limits().decoding();
  for (const std::string_view coding : {"gzip", "deflate", "br", "zstd"}) {
    auto decoder = content_decoder::make(coding, bounds);
    collector out;
    EXPECT_EQ(decoder->feed(compress::as(coding, zeros), out).error(), errc::too_dense) << coding;
    EXPECT_LE(out.text.size(), bounds.block) << coding;
  }
}

TEST(content_decoder, all_stages_of_nested_codings_spend_one_budget) {
  auto decoder = content_decoder::make("gzip, gzip", {.ratio = 256, .block = 64 << 10});
  collector out;
  EXPECT_EQ(decoder->feed(compress::gzip(compress::gzip(std::string(64 << 20, '\0'))), out).error(), errc::too_dense);
  EXPECT_LE(out.text.size(), 64u << 10);
}

/// What is dense in structure takes longer to read than text of the same size.
TEST(content_decoder, the_steps_of_a_reader_spend_it_too) {
  struct costly final : content_decoder::sink {
    void on_content(std::string_view piece) override { bytes += piece.size(); }
    std::size_t take_cost() override { return 1 << 20; }
    std::size_t bytes = 0;
  } out;
  auto decoder = content_decoder::make("zstd", account_limits().decoding());
  EXPECT_EQ(decoder->feed(compress::zstd(std::string(1 << 20, ' ')), out).error(), errc::too_dense);
  EXPECT_LE(out.bytes, 5 * content_decoder::piece_size);
}

TEST(content_decoder, a_body_that_is_not_coded_is_free) {
  auto decoder = content_decoder::make("", {.total = 1, .ratio = 1, .block = 1});
  collector out;
  EXPECT_TRUE(decoder->feed(std::string(1 << 20, 'x'), out));
  EXPECT_EQ(out.text.size(), 1u << 20);
}

/// Megabytes of log lines in a prompt, and an answer that says the same again and again.
TEST(content_decoder, repetitive_text_passes) {
  std::string log;
  for (int i = 0; log.size() < (8u << 20); ++i)
    log +=
        "2026-01-31T12:00:" + std::to_string(10 + i % 50) + " INFO request " + std::to_string(i) + " served in 3 ms\n";
  const std::string same(4 << 20, 'x');
  for (const std::string_view coding : {"gzip", "br", "zstd"}) {
    for (const std::string* text : {static_cast<const std::string*>(&log), &same}) {
      const std::string coded = compress::as(coding, *text);
      auto decoder = content_decoder::make(coding, account_limits().decoding());
      collector out;
      for (std::size_t at = 0; at < coded.size(); at += 16 << 10)
        ASSERT_TRUE(decoder->feed(std::string_view(coded).substr(at, 16 << 10), out)) << coding;
      EXPECT_EQ(out.text.size(), text->size());
    }
  }
}

TEST(content_decoder, zstd_from_before_its_rfc_is_refused_however_it_is_cut) {
  for (const char version : {'\x25', '\x26', '\x27'}) {
    const std::string frame = std::string(1, version) + std::string("\xB5\x2F\xFD\0Q\xFD,x", 8);
    support::for_each_split(frame, [&](const support::pieces& cut) {
      EXPECT_EQ(decode("zstd", cut).error, errc::malformed) << support::describe(cut);
    });
    EXPECT_EQ(decode("zstd", {compress::zstd("text") + frame}).error, errc::malformed);
  }
}

TEST(content_decoder, a_zstd_window_over_the_web_limit_is_refused) {
  std::string text(20 << 20, '\0');
  for (std::size_t i = 0; i < text.size(); i += 97) text[i] = static_cast<char>(i * 31 % 251);
  EXPECT_FALSE(decode("zstd", {compress::zstd(text, content_decoder::max_zstd_window)}).error);
  EXPECT_EQ(decode("zstd", {compress::zstd(text, content_decoder::max_zstd_window + 1)}).error, errc::malformed);
}

TEST(content_decoder, unknown_codings_and_too_many_are_unsupported) {
  for (const std::string_view codings : {"compress", "gzip, lzma", "gzip;q=1", "gzip,gzip,gzip,gzip,gzip"})
    EXPECT_EQ(decode(codings, {}).error, errc::unsupported) << codings;
  EXPECT_FALSE(decode("gzip,gzip,gzip,gzip", {}).error);
  EXPECT_FALSE(decode(" , ", {}).error);
}

TEST(content_decoder, every_error_has_words_of_its_own) {
  EXPECT_EQ(make_error_code(errc::too_large).message(), "the decoded body passed its limit");
  EXPECT_EQ(make_error_code(errc::truncated).category().name(), std::string_view("usage"));
}

}  // namespace
}  // namespace usage
