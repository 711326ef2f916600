#include "net/wire/message_head.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace net::wire {
namespace {

using namespace std::string_literals;
using named_values = std::vector<std::pair<std::string, std::string>>;

named_values listed(const header_fields& fields) {
  named_values all;
  for (const header_field& field : fields) all.emplace_back(field.name, field.value);
  return all;
}

TEST(head_length, ends_behind_the_first_empty_line) {
  EXPECT_EQ(head_length("GET / HTTP/1.1\r\nA: b\r\n\r\nbody\r\n\r\n"), 24u);
  EXPECT_EQ(head_length("GET / HTTP/1.1\r\n\r\n"), 18u);
}

TEST(head_length, takes_lines_that_end_in_lf_alone_or_in_both_ways) {
  EXPECT_EQ(head_length("GET / HTTP/1.1\nA: b\n\nbody"), 21u);
  EXPECT_EQ(head_length("GET / HTTP/1.1\r\nA: b\n\r\n"), 23u);
  EXPECT_EQ(head_length("GET / HTTP/1.1\r\nA: b\r\n\n"), 23u);
}

TEST(head_length, is_unknown_while_the_empty_line_is_missing) {
  for (const char* text :
       {"", "\n", "GET", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\n\r", "a\r\nb\r\nc\r\n", "a\n\rb"}) {
    EXPECT_EQ(head_length(text), std::nullopt) << text;
  }
}

TEST(head_length, found_by_looking_again_is_the_same_wherever_the_earlier_look_ended) {
  for (const std::string& head : {"GET / HTTP/1.1\r\nA: b\r\n\r\n", "GET / HTTP/1.1\nA: b\n\n"}) {
    for (std::size_t searched = 0; searched < head.size(); ++searched) {
      ASSERT_EQ(head_length(head.substr(0, searched)), std::nullopt);
      EXPECT_EQ(head_length(head + "tail", searched), head.size()) << searched;
    }
  }
}

TEST(request_head, is_read_in_place) {
  const std::string text = "POST /v1/chat?key=1 HTTP/1.1\r\nHost: a.example\r\nX-Empty:\r\nAccept: \t a, b \t\r\n\r\n";
  const auto head = parse_request_head(text);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->target, "/v1/chat?key=1");
  EXPECT_EQ(head->minor_version, 1);
  EXPECT_EQ(listed(head->fields), (named_values{{"Host", "a.example"}, {"X-Empty", ""}, {"Accept", "a, b"}}));
  EXPECT_EQ(head->method.data(), text.data());
}

TEST(request_head, with_lf_line_ends_reads_the_same) {
  const auto head = parse_request_head("GET * HTTP/1.0\nHost:a\nB: c\r\n\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->target, "*");
  EXPECT_EQ(head->minor_version, 0);
  EXPECT_EQ(listed(head->fields), (named_values{{"Host", "a"}, {"B", "c"}}));
}

TEST(request_head, without_fields_has_none) {
  const auto head = parse_request_head("GET / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->fields.begin(), head->fields.end());
  EXPECT_EQ(header_fields().begin(), header_fields().end());
}

TEST(request_head, that_two_readers_could_read_differently_is_malformed) {
  for (const std::string& text : {
           "GET / HTTP/1.1\r\nA : b\r\n\r\n"s,            // space before the colon
           "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n"s,  // obsolete line folding
           "GET / HTTP/1.1\r\n\tA: b\r\n\r\n"s,           // folding with nothing to fold to
           "GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n"s,       // bare CR
           "GET / HTTP/1.1\r\nA: b\r\r\n\r\n"s,           // bare CR before the line end
           "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n"s,          // NUL
           "GET / HTTP/1.1\r\nno colon\r\n\r\n"s,         //
           "GET / HTTP/1.1\r\n: nameless\r\n\r\n"s,       //
           "GET / HTTP/1.1\r\nA\x01: b\r\n\r\n"s,         //
           "GET /\r HTTP/1.1\r\n\r\n"s,                   // bare CR in the start line
           "GET / a HTTP/1.1\r\n\r\n"s,                   // a space in the target
           "GET  / HTTP/1.1\r\n\r\n"s,                    // two spaces
           "GET / HTTP/1.1 \r\n\r\n"s,                    //
           "GET /\r\n\r\n"s,                              // HTTP/0.9
           "GET / HTTP/2.0\r\n\r\n"s,                     //
           "GET / HTTP/1.10\r\n\r\n"s,                    //
           "GET / http/1.1\r\n\r\n"s,                     //
           "G(T / HTTP/1.1\r\n\r\n"s,                     //
           " / HTTP/1.1\r\n\r\n"s,                        //
           "\r\nGET / HTTP/1.1\r\n\r\n"s,                 // not one head with its empty line
           "GET / HTTP/1.1\r\nA: b\r\n"s,                 //
           "GET / HTTP/1.1\r\n\r\nA: b\r\n\r\n"s,         //
           "GET / HTTP/1.1"s,
           ""s,
       }) {
    EXPECT_EQ(parse_request_head(text).error(), errc::malformed) << text;
  }
}

TEST(response_head, is_read_in_place) {
  const auto head = parse_response_head("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 404u);
  EXPECT_EQ(head->reason, "Not Found");
  EXPECT_EQ(head->minor_version, 1);
  EXPECT_EQ(head->fields.find("content-length"), "0");
}

TEST(response_head, may_lack_the_reason_and_even_the_space_before_it) {
  for (const char* text : {"HTTP/1.0 200 \r\n\r\n", "HTTP/1.0 200\r\n\r\n"}) {
    const auto head = parse_response_head(text);
    ASSERT_TRUE(head) << text;
    EXPECT_EQ(head->status, 200u);
    EXPECT_EQ(head->reason, "");
    EXPECT_EQ(head->minor_version, 0);
  }
}

TEST(response_head, with_a_bad_status_line_is_malformed) {
  for (const char* text : {"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 X\r\n\r\n",
                           "HTTP/1.1  200 OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n", "\r\n\r\n",
                           "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200\rOK\r\n\r\n", "HTTP/1.1 200 O\rK\r\n\r\n",
                           "HTTP/1.1\t200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n"}) {
    EXPECT_EQ(parse_response_head(text).error(), errc::malformed) << text;
  }
}

TEST(header_fields, find_takes_the_first_field_of_that_name_in_any_case) {
  const header_fields fields("A: 1\r\nCONTENT-type: text/event-stream\r\na: 2\r\n");
  EXPECT_EQ(fields.find("a"), "1");
  EXPECT_EQ(fields.find("Content-Type"), "text/event-stream");
  EXPECT_EQ(fields.find("Content"), std::nullopt);
}

TEST(header_fields, keep_repeated_names_apart_and_in_order) {
  EXPECT_EQ(listed(header_fields("B: 1\nA: 2\r\nB: 3:4\n")), (named_values{{"B", "1"}, {"A", "2"}, {"B", "3:4"}}));
}

}  // namespace
}  // namespace net::wire
