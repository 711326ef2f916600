#include "usage/end_mark.hpp"

#include <gtest/gtest.h>

#include "test/support/split.hpp"

namespace usage {
namespace {

bool is_end(std::string_view data) {
  bool seen = false;
  bool first = true;
  support::for_each_split(data, [&](const support::pieces& cut) {
    end_mark mark;
    for (const auto piece : cut) mark.feed(piece);
    EXPECT_TRUE(first || mark.seen() == seen) << data << " " << support::describe(cut);
    seen = mark.seen();
    first = false;
  });
  return seen;
}

TEST(end_mark, may_have_blanks_around) {
  for (const char* data : {"[DONE]", "[DONE] ", " [DONE]", "\t[DONE] \r", "[DONE]\n"})
    EXPECT_TRUE(is_end(data)) << data;
}

TEST(end_mark, is_nothing_else) {
  for (const char* data :
       {"", " ", "[DONE", "[DONE]]", "[DONE] x", "x[DONE]", "[ DONE]", "[done]", "{\"a\":\"[DONE]\"}"})
    EXPECT_FALSE(is_end(data)) << data;
}

TEST(end_mark, of_the_next_event_is_looked_for_afresh) {
  end_mark mark;
  mark.feed("{}");
  mark.reset();
  mark.feed("[DONE]");
  EXPECT_TRUE(mark.seen());
}

}  // namespace
}  // namespace usage
