#include "app/rewrite/json_pointer.hpp"

#include <gmock/gmock.h>

namespace app::rewrite {
namespace {

using testing::ElementsAre;

TEST(json_pointer, tokens_are_decoded_and_written_back_as_they_were) {
  const auto at = json_pointer::parse("/a~1b/m~0n//0/~01");
  ASSERT_TRUE(at);
  EXPECT_THAT(at->tokens(), ElementsAre("a/b", "m~n", "", "0", "~1"));
  EXPECT_EQ(at->text(), "/a~1b/m~0n//0/~01");
}

TEST(json_pointer, the_empty_pointer_is_the_whole_document) {
  EXPECT_EQ(json_pointer::parse(""), json_pointer());
}

TEST(json_pointer, what_is_none_is_refused) {
  for (const auto* text : {"a", "a/b", "/~", "/a~2", "/~/a"}) EXPECT_FALSE(json_pointer::parse(text)) << text;
}

TEST(json_pointer, a_place_covers_itself_and_what_is_inside) {
  const json_pointer outer{"a", "b"};
  EXPECT_TRUE(outer.covers(outer));
  EXPECT_TRUE(outer.covers(outer / "c"));
  EXPECT_FALSE((outer / "c").covers(outer));
  EXPECT_FALSE(outer.covers({"a", "bc"}));
}

}  // namespace
}  // namespace app::rewrite
