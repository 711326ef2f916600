#include <gmock/gmock.h>

#include "app/rewrite/explanation.hpp"

namespace app::rewrite {
namespace {

std::string fault(std::string_view text) {
  const auto read = read_written_request(text);
  return read.has_error() ? read.error().why : "";
}

TEST(written_request, all_of_it_is_read) {
  const auto read = read_written_request(
      R"({"host":"API.openai.com","method":"PUT","path":"/v1/x?y","headers":{"A":"b","c":["d","e"]},"uid":1000,"body":{"n": 1.0 }})");
  ASSERT_TRUE(read.has_value()) << fault("");
  EXPECT_EQ(read->who.host, "api.openai.com");
  EXPECT_EQ(read->who.uid, 1000);
  EXPECT_EQ(read->request.method, "PUT");
  EXPECT_EQ(read->request.target, "/v1/x?y");
  ASSERT_EQ(read->request.fields.size(), 3u);
  EXPECT_EQ(read->request.fields[0].name, "A");
  EXPECT_EQ(read->request.fields[2].name, "c");
  EXPECT_EQ(read->request.fields[2].value, "e");
  EXPECT_EQ(read->request.body, R"({"n": 1.0 })");
}

TEST(written_request, most_may_be_left_out) {
  const auto read = read_written_request(R"({"host":"a.b","path":"/"})");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->request.method, "POST");
  EXPECT_EQ(read->who.uid, std::nullopt);
  EXPECT_TRUE(read->request.body.empty());
}

TEST(written_request, fields_that_describe_a_body_on_the_wire_are_left_out) {
  const auto read = read_written_request(
      R"({"host":"a.b","path":"/","headers":{"Content-Encoding":"gzip","content-length":"7","transfer-encoding":"chunked"}})");
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->request.fields.empty());
}

TEST(written_request, one_that_asks_for_a_websocket_is_known_by_its_fields) {
  const auto form = [](std::string_view fields) {
    return read_written_request(R"({"host":"a.b","path":"/","method":"GET","headers":)" + std::string(fields) + "}")
        ->request.form;
  };
  EXPECT_EQ(form(R"({"connection":"Upgrade","upgrade":"websocket"})"), mitm::request_form::upgrade);
  EXPECT_EQ(form(R"({"connection":"Upgrade","x":"a\r\nupgrade: websocket"})"), mitm::request_form::plain);
}

TEST(written_request, what_is_wrong_is_told) {
  EXPECT_EQ(fault(""), "expected a JSON object");
  EXPECT_EQ(fault("[]"), "expected a JSON object");
  EXPECT_EQ(fault("{"), "expected a JSON object");
  EXPECT_EQ(fault(R"({"path":"/"})"), "host: missing");
  EXPECT_EQ(fault(R"({"host":"a.b"})"), "path: expected one that begins with /");
  EXPECT_EQ(fault(R"({"host":"a.b","path":"x"})"), "path: expected one that begins with /");
  EXPECT_EQ(fault(R"({"host":7,"path":"/"})"), "host: expected text");
  EXPECT_EQ(fault(R"({"host":"a.b","path":"/","uid":"x"})"), "uid: expected a whole number");
  EXPECT_EQ(fault(R"({"host":"a.b","path":"/","headers":[]})"), "headers: expected an object");
  EXPECT_EQ(fault(R"({"host":"a.b","path":"/","headers":{"a":1}})"), "headers.a: expected text");
  EXPECT_EQ(fault(R"({"host":"a.b","path":"/","header":{}})"),
            "header: unknown; expected host, path, method, headers, uid or body");
}

}  // namespace
}  // namespace app::rewrite
