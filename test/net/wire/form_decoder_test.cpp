#include "net/wire/form_decoder.hpp"

#include <gtest/gtest.h>

#include <string>

#include "test/support/split.hpp"

namespace net::wire {
namespace {

class fields final : public form_decoder::sink {
 public:
  void on_field(std::string_view name) override { text.append("[").append(name).append("]"); }
  void on_value(std::string_view piece) override { text.append(piece); }
  std::string text;
};

const std::string upload =
    "preamble\r\n--b-1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: "
    "audio/wav\r\n\r\n"
    "RIFF\r\n--b-\r\n-\r\n--b-1\r\ncontent-disposition: form-data; "
    "name=model\r\n\r\nwhisper-1\r\n--b-1\r\n\r\nx\r\n--b-1--\r\nbye";
const std::string told = "[file]RIFF\r\n--b-\r\n-[model]whisper-1[]x";

TEST(form_decoder, gives_each_field_wherever_the_body_is_cut) {
  for (std::size_t size = 1; size <= upload.size(); ++size) {
    fields found;
    form_decoder decoder("b-1", found);
    for (const auto piece : support::pieces_of(upload, size)) EXPECT_TRUE(decoder.feed(piece));
    EXPECT_EQ(found.text, told) << size;
  }
}

TEST(form_decoder, the_first_delimiter_may_open_the_body) {
  fields found;
  form_decoder decoder("b", found);
  EXPECT_TRUE(decoder.feed("--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--b--"));
  EXPECT_EQ(found.text, "[model]m");
}

TEST(form_decoder, header_fields_over_the_limit_end_the_reading) {
  fields found;
  form_decoder decoder("b", found);
  EXPECT_FALSE(decoder.feed("--b\r\nX: " + std::string(form_decoder::max_head, 'x')));
  EXPECT_FALSE(decoder.feed("\r\n\r\nvalue"));
  EXPECT_EQ(found.text, "");
}

TEST(form_decoder, a_boundary_is_found_in_a_content_type) {
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=----x1"), "----x1");
  EXPECT_EQ(form_boundary("Multipart/Form-Data; charset=utf-8; boundary=\"a b\""), "a b");
  for (const char* other : {"application/json", "multipart/form-data", "multipart/mixed; boundary=x", ""})
    EXPECT_EQ(form_boundary(other), std::nullopt) << other;
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=" + std::string(71, 'x')), std::nullopt);
}

}  // namespace
}  // namespace net::wire
