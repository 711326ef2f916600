#include "usage/transcript/transcript_hasher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "test/support/split.hpp"
#include "usage/json/json_scanner.hpp"

namespace usage {
namespace {

using links = std::vector<std::uint64_t>;

struct nothing final : json_scanner::sink {
  void on_scalar(int, json_scanner::scalar, std::string_view) override {}
  void on_verbatim(int, std::string_view) override {}
};

links hashed(const support::pieces& body, const hash_key& key = {1, 2}) {
  static const json_paths paths{{"messages", 0, selection::watched}};
  nothing found;
  transcript_hasher hasher(key);
  json_scanner scanner(paths, found, 64, &hasher);
  // Each piece in memory of its own, so that a sanitizer sees a view kept too long.
  for (const std::string_view piece : body) EXPECT_TRUE(scanner.feed(std::string(piece)));
  EXPECT_TRUE(scanner.finish());
  return hasher.take_links();
}

/// `messages`: the value of the member.
links links_of(const std::string& messages, const hash_key& key = {1, 2}) {
  return hashed({R"({"model":"m","messages":)" + messages + "}"}, key);
}

std::string user(const std::string& text) {
  return R"({"role":"user","content":")" + text + R"("})";
}

TEST(transcript_hasher, a_transcript_that_grows_begins_with_the_links_it_had) {
  const links before = links_of("[" + user("a") + "," + user("b") + "]");
  const links after = links_of("[" + user("a") + "," + user("b") + "," + user("c") + "]");
  ASSERT_EQ(before.size(), 2u);
  ASSERT_EQ(after.size(), 3u);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
  EXPECT_NE(after[2], after[1]);
}

TEST(transcript_hasher, a_link_depends_on_every_message_before_it) {
  EXPECT_NE(links_of("[" + user("a") + "," + user("c") + "]").back(),
            links_of("[" + user("b") + "," + user("c") + "]").back());
  EXPECT_NE(links_of("[" + user("a") + "," + user("b") + "]").back(),
            links_of("[" + user("b") + "," + user("a") + "]").back());
}

TEST(transcript_hasher, every_way_of_cutting_the_bytes_gives_the_same_links) {
  const std::string body =
      R"({"messages":[{"role":"user","content":"a \"q\" \\ \u00e9\n"},{"role":"assistant","content":[{"x":1}]},)"
      R"({"content":[{"type":"text","text":"b","cache_control":{"type":"ephemeral","ttl":"1h"}},)"
      R"({"n":-1.5e3,"t":true,"z":null}],"role":"user"}]})";
  const links expected = hashed({body});
  ASSERT_EQ(expected.size(), 2u);
  support::for_each_split(
      body, [&](const support::pieces& cut) { EXPECT_EQ(hashed(cut), expected) << support::describe(cut); });
}

TEST(transcript_hasher, answers_and_instructions_do_not_count) {
  const links plain = links_of("[" + user("a") + "," + user("b") + "]");
  for (const std::string role : {"assistant", "model", "system", "developer"}) {
    EXPECT_EQ(links_of("[" + user("a") + R"(,{"role":")" + role + R"(","content":"x"},)" + user("b") + "]"), plain)
        << role;
    EXPECT_EQ(links_of("[" + user("a") + R"(,{"content":"x","role":")" + role + R"("},)" + user("b") + "]"), plain)
        << role << ", named behind its text";
  }
}

TEST(transcript_hasher, of_items_without_a_role_only_those_that_clients_make_count) {
  const links plain = links_of("[" + user("a") + "]");
  for (const std::string type : {"reasoning", "function_call", "custom_tool_call", "web_search_call", "compaction"})
    EXPECT_EQ(links_of("[" + user("a") + R"(,{"type":")" + type + R"(","id":"x"}])"), plain) << type;
  for (const std::string type : {"function_call_output", "custom_tool_call_output", "mcp_approval_response"})
    EXPECT_EQ(links_of("[" + user("a") + R"(,{"type":")" + type + R"(","output":"x"}])").size(), 2u) << type;
  EXPECT_EQ(links_of(R"([{"parts":[{"text":"a"}]}])"), plain) << "without either, it is the user's";
  EXPECT_EQ(links_of(R"([{"role":"tool","content":"x"}])").size(), 1u);
}

TEST(transcript_hasher, where_the_cache_ends_does_not_count) {
  const links plain = links_of(R"([{"role":"user","content":[{"type":"text","text":"a"}]}])");
  EXPECT_EQ(
      links_of(R"([{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"e","ttl":"1h"}}]}])"),
      plain);
  EXPECT_EQ(links_of(R"([{"role":"user","content":[{"type":"text","cache_control":"x","text":"a"}]}])"), plain);
  EXPECT_EQ(links_of(R"([{"cache_control":[[1]],"role":"user","content":[{"type":"text","text":"a"}]}])"), plain);
  EXPECT_EQ(links_of(user("a").insert(0, "[") + "]"), plain) << "a text is the list of its one part";
}

TEST(transcript_hasher, spaces_between_the_values_do_not_count_and_those_inside_do) {
  const links plain = links_of("[" + user("a b") + "]");
  EXPECT_EQ(links_of("[ { \"role\" :\t\"user\" ,\r\n \"content\" : \"a b\" } ]"), plain);
  EXPECT_NE(links_of("[" + user("a  b") + "]"), plain);
}

TEST(transcript_hasher, where_one_text_ends_and_the_next_begins_counts) {
  EXPECT_NE(links_of(R"([{"content":["ab","c"]}])"), links_of(R"([{"content":["a","bc"]}])"));
  EXPECT_NE(links_of(R"([{"content":["ab",""]}])"), links_of(R"([{"content":["ab"]}])"));
}

TEST(transcript_hasher, names_that_only_begin_like_those_that_do_not_count_count) {
  const links plain = links_of(R"([{"content":"a"}])");
  EXPECT_NE(links_of(R"([{"content":"a","cache_control_x":"b"}])"), plain);
  EXPECT_NE(links_of(R"([{"content":"a","typ":"b"}])"), plain);
  EXPECT_NE(links_of(R"([{"content":"a","a_name_that_is_longer_than_any_that_is_looked_for":"b"}])"), plain);
}

TEST(transcript_hasher, the_role_is_that_of_the_message_not_of_what_is_inside) {
  EXPECT_EQ(links_of(R"([{"role":"user","content":[{"role":"assistant","text":"a"}]}])").size(), 1u);
}

TEST(transcript_hasher, one_message_need_not_stand_in_a_list) {
  EXPECT_EQ(links_of(R"("a")"), links_of("[" + user("a") + "]"));
  EXPECT_EQ(links_of(user("a")), links_of("[" + user("a") + "]"));
  EXPECT_EQ(links_of(R"("")").size(), 1u);
}

TEST(transcript_hasher, what_is_no_message_gives_no_link) {
  for (const char* each : {"[]", R"(["a","b"])", "[1,2]", "[[1,2],[3]]", R"([[{"content":"a"}]])"})
    EXPECT_TRUE(links_of(each).empty()) << each;
}

TEST(transcript_hasher, of_a_member_given_twice_the_last_counts) {
  EXPECT_EQ(hashed({R"({"messages":[)" + user("x") + R"(],"messages":[)" + user("a") + "]}"}),
            links_of("[" + user("a") + "]"));
}

TEST(transcript_hasher, another_key_gives_other_links) {
  EXPECT_NE(links_of("[" + user("a") + "]", {1, 2}), links_of("[" + user("a") + "]", {1, 3}));
}

TEST(transcript_hasher, of_a_long_text_the_beginning_and_the_length_count) {
  const std::string long_text(transcript_hasher::max_text, 'x');
  const links plain = links_of("[" + user(long_text + "a") + "]");
  EXPECT_EQ(links_of("[" + user(long_text + "b") + "]"), plain);
  EXPECT_NE(links_of("[" + user(long_text + "ab") + "]"), plain);
  EXPECT_NE(links_of("[" + user("y" + long_text) + "]"), plain);
}

TEST(transcript_hasher, of_many_links_the_first_and_the_last_are_kept_in_order) {
  constexpr std::size_t first = transcript_hasher::kept_first, last = transcript_hasher::kept_last;
  std::string messages = "[" + user("0");
  std::vector<std::uint64_t> ends{links_of(messages + "]").back()};
  for (std::size_t i = 1; i < first + last + 5; ++i) {
    messages += "," + user(std::to_string(i));
    ends.push_back(links_of(messages + "]").back());
  }
  const links kept = links_of(messages + "]");
  ASSERT_EQ(kept.size(), first + last);
  EXPECT_TRUE(std::equal(kept.begin(), kept.begin() + first, ends.begin()));
  EXPECT_TRUE(std::equal(kept.rbegin(), kept.rbegin() + last, ends.rbegin()));
}

}  // namespace
}  // namespace usage
