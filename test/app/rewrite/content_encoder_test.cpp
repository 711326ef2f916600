#include "app/rewrite/content_encoder.hpp"

#include <gmock/gmock.h>

#include "usage/content/content_decoder.hpp"

namespace app::rewrite {
namespace {

struct collector final : usage::content_decoder::sink {
  void on_content(std::string_view piece) override { text.append(piece); }
  std::string text;
};

std::string decoded(std::string_view codings, std::string_view body) {
  collector out;
  auto decoder = usage::content_decoder::make(codings, 1 << 30);
  EXPECT_TRUE(decoder->feed(body, out).has_value());
  EXPECT_TRUE(decoder->finish().has_value());
  return out.text;
}

TEST(content_encoder, what_is_encoded_decodes_to_the_same) {
  std::string large;
  for (std::uint64_t i = 0; large.size() < 3'000'000; ++i) large += std::to_string(i * 7919) + "\n";
  for (const std::string codings :
       {"gzip", "X-Gzip", "deflate", "br", "zstd", "gzip, br", " zstd ,identity, gzip", "", "identity"}) {
    for (const std::string& text : {std::string(), std::string("{}"), large}) {
      const auto body = encode_content(codings, text);
      ASSERT_TRUE(body.has_value()) << codings;
      EXPECT_TRUE(decoded(codings, *body) == text) << codings << ' ' << text.size();
    }
  }
}

TEST(content_encoder, the_codings_are_really_applied) {
  const std::string text(10'000, 'x');
  for (const auto* coding : {"gzip", "deflate", "br", "zstd"})
    EXPECT_LT(encode_content(coding, text)->size(), 1000u) << coding;
  EXPECT_EQ(encode_content("identity", text).value(), text);
}

TEST(content_encoder, an_unknown_coding_is_refused) {
  EXPECT_EQ(encode_content("gzip, compress", "x").error(), usage::errc::unsupported);
}

}  // namespace
}  // namespace app::rewrite
