#include "app/api_body.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

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
  const auto decoded = decode_body(codings, std::move(body), limit);
  return decoded.has_error() ? decoded.error().status : 200;
}

TEST(api_body, without_a_coding_it_is_what_it_is) {
  EXPECT_EQ(*decode_body("", "{}", 1), "{}");
}

TEST(api_body, a_compressed_one_is_decompressed) {
  const std::string text(100'000, 'x');
  EXPECT_EQ(*decode_body("gzip", gzip(text), 1 << 20), text);
}

TEST(api_body, what_cannot_be_decoded_is_refused_by_its_reason) {
  EXPECT_EQ(refused("rot13", "{}"), 415u);
  EXPECT_EQ(refused("gzip", "{}"), 400u);
  EXPECT_EQ(refused("gzip", gzip("{}").substr(0, 10)), 400u);
  EXPECT_EQ(refused("gzip", gzip(std::string(2 << 20, 'x'))), 413u);  // a bomb
}

}  // namespace
}  // namespace app
