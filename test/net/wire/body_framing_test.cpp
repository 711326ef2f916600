#include "net/wire/body_framing.hpp"

#include <gtest/gtest.h>

#include <string>

namespace net::wire {

void PrintTo(const body_framing& framing, std::ostream* out) {
  *out << "kind " << static_cast<int>(framing.how) << ", length " << framing.length;
}

namespace {

using kind = body_framing::kind;

result<body_framing> of_request(const std::string& fields, const std::string& version = "HTTP/1.1") {
  const std::string text = "POST / " + version + "\r\n" + fields + "\r\n";
  return frame_request(parse_request_head(text).value());
}

struct response_row {
  std::string method;
  std::string status;
  std::string fields;
  body_framing expected;
};

result<body_framing> of_response(const response_row& row, const std::string& version = "HTTP/1.1") {
  const std::string text = version + " " + row.status + " X\r\n" + row.fields + "\r\n";
  return frame_response(parse_response_head(text).value(), row.method);
}

TEST(request_framing, follows_content_length_and_transfer_encoding) {
  EXPECT_EQ(of_request("").value(), (body_framing{kind::none, 0}));
  EXPECT_EQ(of_request("Content-Length: 0\r\n").value(), (body_framing{kind::length, 0}));
  EXPECT_EQ(of_request("content-length:\t7 \r\n").value(), (body_framing{kind::length, 7}));
  EXPECT_EQ(of_request("Content-Length: 18446744073709551615\r\n").value(), (body_framing{kind::length, ~0ull}));
  EXPECT_EQ(of_request("Transfer-Encoding: Chunked\r\n").value(), (body_framing{kind::chunked, 0}));
  EXPECT_EQ(of_request("Transfer-Encoding: gzip, chunked\r\n").value(), (body_framing{kind::chunked, 0}));
  EXPECT_EQ(of_request("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n").value(),
            (body_framing{kind::chunked, 0}));
}

TEST(request_framing, takes_a_length_that_is_repeated_alike) {
  EXPECT_EQ(of_request("Content-Length: 5, 5\r\n").value(), (body_framing{kind::length, 5}));
  EXPECT_EQ(of_request("Content-Length: 5\r\nContent-Length: 5\r\n").value(), (body_framing{kind::length, 5}));
}

TEST(request_framing, that_two_readers_could_see_differently_is_malformed) {
  for (const char* fields : {"Content-Length: 5\r\nContent-Length: 6\r\n",
                             "Content-Length: 5, 6\r\n",
                             "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                             "Content-Length: \r\n",
                             "Content-Length: -1\r\n",
                             "Content-Length: +1\r\n",
                             "Content-Length: 1a\r\n",
                             "Content-Length: 0x1\r\n",
                             "Content-Length: 1 1\r\n",
                             "Content-Length: 5,\r\n",
                             "Content-Length: 18446744073709551616\r\n",
                             "Transfer-Encoding: gzip\r\n",
                             "Transfer-Encoding: identity\r\n",
                             "Transfer-Encoding: chunked, gzip\r\n",
                             "Transfer-Encoding: chunked, chunked\r\n",
                             "Transfer-Encoding:\r\n",
                             "Transfer-Encoding: chunked, identity\r\n",
                             "Transfer-Encoding: chunked,\r\n",
                             "Transfer-Encoding: xchunked\r\n",
                             "Transfer-Encoding: chunked;q=1\r\n"}) {
    EXPECT_EQ(of_request(fields).error(), errc::malformed) << fields;
  }
  EXPECT_EQ(of_request("Transfer-Encoding: chunked\r\n", "HTTP/1.0").error(), errc::malformed);
}

TEST(response_framing, follows_status_method_and_fields) {
  const std::string length = "Content-Length: 9\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  for (const response_row& row : std::initializer_list<response_row>{
           {"GET", "200", length, {kind::length, 9}},
           {"GET", "200", chunked, {kind::chunked, 0}},
           {"GET", "200", "", {kind::until_close, 0}},
           {"GET", "500", "", {kind::until_close, 0}},
           {"GET", "205", length, {kind::length, 9}},
           {"HEAD", "200", length, {kind::none, 0}},
           {"HEAD", "200", chunked, {kind::none, 0}},
           {"HEAD", "200", "", {kind::none, 0}},
           {"head", "200", length, {kind::length, 9}},  // methods are case-sensitive
           {"GET", "204", length, {kind::none, 0}},
           {"GET", "304", length, {kind::none, 0}},
           {"GET", "100", "", {kind::none, 0}},
           {"GET", "103", "", {kind::none, 0}},
           {"GET", "101", "", {kind::tunnel, 0}},
           {"CONNECT", "200", length, {kind::tunnel, 0}},
           {"CONNECT", "204", "", {kind::tunnel, 0}},
           {"CONNECT", "407", length, {kind::length, 9}},
       }) {
    EXPECT_EQ(of_response(row).value(), row.expected) << row.method << " " << row.status << " " << row.fields;
  }
}

struct odd_row {
  std::string fields;
  kind how;
  std::string_view odd;
  std::string version = "HTTP/1.1";
};

TEST(response_framing, that_is_against_the_standards_is_what_clients_take_it_for_and_is_told) {
  constexpr std::string_view both = "Content-Length beside Transfer-Encoding";
  constexpr std::string_view twice = "chunked twice";
  constexpr std::string_view coded = "a transfer coding besides chunked";
  for (const odd_row& row : std::initializer_list<odd_row>{
           {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", kind::chunked, both},
           {"Transfer-Encoding: chunked\r\nContent-Length: 5, 6\r\n", kind::chunked, both},
           {"Transfer-Encoding: chunked, chunked\r\n", kind::chunked, twice},
           {"Transfer-Encoding: chunked\r\nx: y\r\ntransfer-encoding: Chunked\r\n", kind::chunked, twice},
           {"Transfer-Encoding: chunked\r\n", kind::chunked, "chunked in HTTP/1.0", "HTTP/1.0"},
           {"Transfer-Encoding: gzip, chunked\r\n", kind::chunked, coded},
           {"Transfer-Encoding: gzip\r\n", kind::until_close, coded},
           {"Transfer-Encoding: , chunked,\r\n", kind::chunked, ""},
           {"Transfer-Encoding: identity\r\nContent-Length: 5\r\n", kind::length, both},
           {"Transfer-Encoding: identity\r\n", kind::until_close, "Transfer-Encoding without a coding"},
           {"Transfer-Encoding: chunked\r\n", kind::chunked, ""},
           {"Content-Length: 5\r\n", kind::length, ""},
       }) {
    const std::string text = row.version + " 200 X\r\n" + row.fields + "\r\n";
    const auto head = parse_response_head(text).value();
    EXPECT_EQ(frame_response(head, "GET").value().how, row.how) << row.fields;
    EXPECT_EQ(odd_framing(head, "GET"), row.odd) << row.fields;
    EXPECT_EQ(frame_response(head, "HEAD").value(), body_framing{}) << row.fields;
    EXPECT_EQ(odd_framing(head, "HEAD"), "") << row.fields;
  }
}

TEST(response_framing, that_clients_disagree_about_is_malformed) {
  for (const char* fields : {"Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: five\r\n",
                             "Transfer-Encoding: chunked, gzip\r\n", "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n",
                             "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n"}) {
    EXPECT_EQ(of_response({"GET", "200", fields, {}}).error(), errc::malformed) << fields;
  }
}

TEST(connection, closes_when_told_so_or_by_default_of_the_version) {
  const auto closes = [](int minor, const char* lines) { return closes_connection(minor, header_fields(lines)); };
  EXPECT_FALSE(closes(1, ""));
  EXPECT_FALSE(closes(1, "Connection: keep-alive\r\n"));
  EXPECT_FALSE(closes(1, "Connection: closed\r\nX-Connection: close\r\n"));
  EXPECT_TRUE(closes(1, "Connection: close\r\n"));
  EXPECT_TRUE(closes(1, "connection: upgrade, CLOSE\r\n"));
  EXPECT_TRUE(closes(1, "Connection: keep-alive\r\nConnection: close\r\n"));
  EXPECT_TRUE(closes(0, ""));
  EXPECT_FALSE(closes(0, "Connection: Keep-Alive\r\n"));
  EXPECT_TRUE(closes(0, "Connection: keep-alive, close\r\n"));
}

TEST(connection, names_the_seconds_after_which_an_idle_one_ends) {
  const auto timeout = [](const char* lines) { return keep_alive_timeout(header_fields(lines)); };
  EXPECT_EQ(timeout(""), std::nullopt);
  EXPECT_EQ(timeout("Keep-Alive: timeout=5\r\n"), 5u);
  EXPECT_EQ(timeout("keep-alive: max=100, Timeout=75\r\n"), 75u);
  EXPECT_EQ(timeout("Keep-Alive: max=100\r\nKeep-Alive: timeout=0\r\n"), 0u);
  EXPECT_EQ(timeout("Keep-Alive: timeout=soon\r\n"), std::nullopt);
  EXPECT_EQ(timeout("Keep-Alive: timeout=5s\r\n"), std::nullopt);
  EXPECT_EQ(timeout("Keep-Alive: timeout=99999999999\r\n"), std::nullopt);
  EXPECT_EQ(timeout("X-Keep-Alive: timeout=5\r\n"), std::nullopt);
}

}  // namespace
}  // namespace net::wire
