#include "net/wire/head_collector.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "test/support/split.hpp"

namespace net::wire {
namespace {

const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(head_collector, views_a_head_that_lies_in_one_block) {
  head_collector collector(1024);
  const std::string block = head + "body";
  const auto step = collector.feed(block).value();
  EXPECT_EQ(step.head, head);
  EXPECT_EQ(step.head.data(), block.data());
  EXPECT_EQ(step.consumed, head.size());
  EXPECT_TRUE(collector.empty());
}

TEST(head_collector, gives_the_same_head_and_rest_over_all_splits) {
  const std::string input = head + "body\r\n\r\n";
  support::for_each_split(input, [&](const support::pieces& cut) {
    head_collector collector(head.size());
    std::string found;
    std::string rest;
    for (const std::string_view piece : cut) {
      if (!found.empty()) {
        rest += piece;
        continue;
      }
      const auto step = collector.feed(piece).value();
      found = step.head;
      if (!found.empty()) collector.release();
      rest += piece.substr(step.consumed);
    }
    EXPECT_EQ(found, head) << support::describe(cut);
    EXPECT_EQ(rest, "body\r\n\r\n") << support::describe(cut);
  });
}

TEST(head_collector, refuses_a_head_that_is_one_byte_over_the_limit_over_all_splits) {
  support::for_each_split(head, [&](const support::pieces& cut) {
    head_collector collector(head.size() - 1);
    std::optional<boost::system::error_code> verdict;
    for (const std::string_view piece : cut) {
      const auto step = collector.feed(piece);
      ASSERT_TRUE(step.has_error() || step->head.empty()) << support::describe(cut);
      if (step.has_error() && !verdict) verdict = step.error();
    }
    EXPECT_EQ(verdict, make_error_code(errc::too_large)) << support::describe(cut);
  });
}

TEST(head_collector, holds_nothing_once_released) {
  head_collector collector(1024);
  ASSERT_TRUE(collector.feed("GET / HT").value().head.empty());
  EXPECT_FALSE(collector.empty());
  collector.release();
  EXPECT_TRUE(collector.empty());
  EXPECT_EQ(collector.feed(head).value().head, head);
}

}  // namespace
}  // namespace net::wire
