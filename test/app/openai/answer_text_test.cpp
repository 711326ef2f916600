#include "app/openai/answer_text.hpp"

#include <gtest/gtest.h>

namespace app::openai {
namespace {

std::string words(answer_text::addition added) {
  return std::string(added.before) + std::string(added.text);
}

TEST(answer_text, replies_of_two_steps_are_parted_by_an_empty_line) {
  answer_text text(true, 100);
  EXPECT_EQ(words(text.append(1, "one")), "one");
  EXPECT_EQ(words(text.append(1, " more")), " more");
  EXPECT_EQ(words(text.append(4, "two")), "\n\ntwo");
  EXPECT_EQ(text.held(), "one more\n\ntwo");
}

TEST(answer_text, a_rewriting_that_goes_on_from_what_was_sent_is_its_suffix) {
  answer_text text(true, 100);
  text.append(1, "Hello");
  EXPECT_EQ(words(text.rewrite(1, "Hello world")), " world");
  EXPECT_EQ(words(text.rewrite(1, "Hello world")), "");
  EXPECT_EQ(text.held(), "Hello world");
}

TEST(answer_text, any_other_rewriting_is_sent_whole_after_a_mark) {
  answer_text text(true, 200);
  text.append(1, "Helo");
  const std::string again = std::string(rewritten_mark) + "Hello";
  EXPECT_EQ(words(text.rewrite(1, "Hello")), again);
  EXPECT_EQ(words(text.append(1, " world")), " world");
  EXPECT_EQ(words(text.rewrite(1, "Hello world!")), "!");
  EXPECT_EQ(text.held(), "Helo" + again + " world!");
}

TEST(answer_text, a_withdrawn_reply_is_said_to_be) {
  answer_text text(true, 200);
  text.append(1, "Oops");
  EXPECT_EQ(words(text.rewrite(1, "")), withdrawn_mark);
  EXPECT_EQ(words(text.append(2, "Better")), "\n\nBetter");
}

TEST(answer_text, an_earlier_step_is_rewritten_whole_even_if_it_goes_on) {
  answer_text text(true, 200);
  text.append(1, "one");
  text.append(2, "two");
  EXPECT_EQ(words(text.rewrite(1, "one more")), std::string(rewritten_mark) + "one more");
  EXPECT_EQ(words(text.rewrite(2, "two")), "");
}

TEST(answer_text, without_a_stream_only_the_last_wording_is_told) {
  answer_text text(false, 100);
  text.append(1, "Helo");
  text.append(2, "gone");
  text.append(3, "end");
  text.rewrite(1, "Hello");
  text.rewrite(2, "");
  EXPECT_EQ(text.held(), "Hello\n\nend");
  text.rewrite(7, "new");
  EXPECT_EQ(text.held(), "Hello\n\nend\n\nnew");
}

TEST(answer_text, no_more_is_kept_than_the_limit_and_no_character_is_halved) {
  answer_text whole(false, 6);
  whole.append(1, "abcdé");
  EXPECT_FALSE(whole.cut());
  whole.append(1, "é");
  EXPECT_TRUE(whole.cut());
  EXPECT_EQ(whole.held(), "abcdé");
  answer_text halved(false, 5);
  halved.append(1, "abcdé");
  EXPECT_EQ(halved.held(), "abcd");
}

TEST(answer_text, a_stream_goes_on_beyond_the_limit) {
  answer_text text(true, 4);
  text.append(1, "abc");
  EXPECT_EQ(words(text.append(1, "def")), "def");
  EXPECT_TRUE(text.cut());
  EXPECT_EQ(words(text.rewrite(1, "abcdef!")), std::string(rewritten_mark) + "abcdef!");
}

TEST(answer_text, a_stream_that_is_rewritten_again_and_again_keeps_no_more_than_the_limit) {
  answer_text text(true, 1000);
  for (int i = 0; i < 100; ++i) text.rewrite(1, std::to_string(i) + std::string(50, 'x'));
  EXPECT_TRUE(text.cut());
  EXPECT_LE(text.held().size(), 1000u);
}

}  // namespace
}  // namespace app::openai
