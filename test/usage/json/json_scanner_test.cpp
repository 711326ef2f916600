#include "usage/json/json_scanner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "test/support/split.hpp"

namespace usage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint8_t count = 1, name = 2, whole = 3, reason = 4, id = 5;

const json_paths& paths() {
  static const json_paths instance{
      {"response.usage.count", count},
      {"usage.count", count},
      {"usage", whole, selection::verbatim},
      {"model", name},
      {"id", id},
      {"error.details[*].reason", reason},
      {"a.b.c", id},
  };
  return instance;
}

class recorder final : public json_scanner::sink {
 public:
  void on_scalar(int tag, json_scanner::scalar kind, std::string_view text) override {
    static constexpr std::string_view kinds = "snbz";
    seen.push_back(std::to_string(tag) + kinds[static_cast<std::size_t>(kind)] + ":" + std::string(text));
  }
  void on_verbatim(int tag, std::string_view json) override {
    seen.push_back(std::to_string(tag) + "v:" + std::string(json));
  }

  std::vector<std::string> seen;
};

struct outcome {
  bool well_formed = false;
  std::vector<std::string> seen;

  bool operator==(const outcome&) const = default;
};

outcome scan(const support::pieces& input, std::size_t limit = 1024) {
  recorder found;
  json_scanner scanner(paths(), found, limit);
  bool fed = true;
  // Each piece in memory of its own, so that a sanitizer sees a view kept too long.
  for (const std::string_view piece : input) fed = scanner.feed(std::string(piece));
  const bool ended = scanner.finish();
  EXPECT_EQ(scanner.failed(), !fed);
  return {fed && ended, found.seen};
}

/// The events of `json`, after checking that every way of cutting it gives the same.
std::vector<std::string> events(std::string_view json) {
  const outcome expected = scan({json});
  EXPECT_TRUE(expected.well_formed) << json;
  support::for_each_split(json, [&](const support::pieces& cut) {
    EXPECT_EQ(scan(cut), expected) << json << " " << support::describe(cut);
  });
  return expected.seen;
}

TEST(json_scanner, selected_members_are_delivered_in_the_order_of_the_text) {
  EXPECT_THAT(events(R"({"model":"m","usage":{"count":12},"id":null})"),
              ElementsAre("2s:m", "1n:12", "3v:{\"count\":12}", "5z:null"));
}

TEST(json_scanner, nested_paths_match_at_their_depth_only) {
  EXPECT_THAT(events(R"({"x":{"usage":{"count":1}},"response":{"usage":{"count":2}},"count":3,"a":{"b":{"c":true}}})"),
              ElementsAre("1n:2", "5b:true"));
}

TEST(json_scanner, members_of_the_same_name_elsewhere_do_not_match) {
  EXPECT_THAT(events(R"({"messages":[{"model":"no","usage":{"count":9}}],"y":[[{"id":"no"}]]})"), IsEmpty());
}

TEST(json_scanner, keys_inside_string_values_do_not_match) {
  EXPECT_THAT(events(R"({"text":"\"model\":\"no\",{\"usage\":{\"count\":9}}","model":"yes\\"})"),
              ElementsAre("2s:yes\\"));
}

TEST(json_scanner, escaped_keys_match) {
  EXPECT_THAT(events(R"({"mod\u0065l":"m","\u0069\u0064":"i"})"), ElementsAre("2s:m", "5s:i"));
}

TEST(json_scanner, strings_are_unescaped) {
  EXPECT_THAT(events(R"({"model":"\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00é€"})"),
              ElementsAre("2s:\"\\/\b\f\n\r\té€😀é€"));
}

TEST(json_scanner, lone_surrogates_become_the_replacement_character) {
  EXPECT_THAT(events(R"({"model":"\ud83dx\ude00","id":"\ud83d"})"), ElementsAre("2s:\ufffdx\ufffd", "5s:\ufffd"));
}

TEST(json_scanner, elements_of_an_array_are_reached_by_a_star) {
  EXPECT_THAT(events(R"({"error":{"details":[{"x":1},{"reason":"A"},[{"reason":"no"}],{"reason":"B"}]}})"),
              ElementsAre("4s:A", "4s:B"));
}

TEST(json_scanner, an_object_where_an_array_was_expected_does_not_match) {
  EXPECT_THAT(events(R"({"error":{"details":{"reason":"no"}},"usage":[1,{"count":2}]})"),
              ElementsAre("3v:[1,{\"count\":2}]"));
}

TEST(json_scanner, elements_of_an_array_at_the_root_are_documents) {
  EXPECT_THAT(events(R"( [ {"model":"a"} , {"model":"b"}, [{"model":"no"}] ] )"), ElementsAre("2s:a", "2s:b"));
}

TEST(json_scanner, documents_may_follow_each_other) {
  EXPECT_THAT(events("{\"id\":1}{\"id\":2}\n[{\"id\":3}] 17"), ElementsAre("5n:1", "5n:2", "5n:3"));
}

TEST(json_scanner, a_selected_object_is_delivered_verbatim_with_its_white_space) {
  EXPECT_THAT(events("{\"usage\" : { \"n\\u0041\" : [ 1 ,\n2 ] } }"), ElementsAre("3v:{ \"n\\u0041\" : [ 1 ,\n2 ] }"));
}

TEST(json_scanner, numbers_of_every_form_pass) {
  EXPECT_THAT(events(R"({"id":-0.5e+10,"n":[1,2.5,-3],"model":1E9})"), ElementsAre("5n:-0.5e+10", "2n:1E9"));
}

TEST(json_scanner, a_repeated_member_is_delivered_each_time) {
  EXPECT_THAT(events(R"({"id":1,"id":2})"), ElementsAre("5n:1", "5n:2"));
}

TEST(json_scanner, values_are_cut_at_the_limit_and_larger_objects_left_out) {
  const std::string json = R"({"model":"abcdefgh","id":123456789,"usage":{"count":1234}})";
  support::for_each_split(json, [&](const support::pieces& cut) {
    const outcome result = scan(cut, 6);
    EXPECT_TRUE(result.well_formed);
    EXPECT_THAT(result.seen, ElementsAre("2s:abcdef", "5n:123456", "1n:1234")) << support::describe(cut);
  });
}

TEST(json_scanner, a_key_cut_at_the_limit_matches_nothing) {
  const std::string json = R"({"idx":1,"\u0069dx":2,"id":3})";
  support::for_each_split(json,
                          [&](const support::pieces& cut) { EXPECT_THAT(scan(cut, 2).seen, ElementsAre("5n:3")); });
}

TEST(json_scanner, malformed_texts_fail_however_they_are_cut) {
  for (const std::string_view json :
       {"{\"id\" 1}", "{\"id\":1,}", "{id:1}", "[1,]", "[1 2]", "{\"id\":1]", "[1}", "]", "}", ",", "{,}",
        "{\"id\":tru}", "nul!", "<html>", "{\"model\":\"\\u12g4\"}", "{\"id\":'1'}", "{\"id\"}", "[DONE]", ":"}) {
    support::for_each_split(json, [&](const support::pieces& cut) {
      recorder found;
      json_scanner scanner(paths(), found, 1024);
      for (const std::string_view piece : cut) scanner.feed(piece);
      EXPECT_TRUE(scanner.failed()) << json << " " << support::describe(cut);
      EXPECT_FALSE(scanner.feed("{}")) << "failure is final";
      EXPECT_FALSE(scanner.finish());
    });
  }
}

TEST(json_scanner, unfinished_texts_do_not_finish) {
  for (const std::string_view json : {"{", "[", "{\"id\"", "{\"id\":", "{\"id\":1", "\"abc", "tru", "[1,", "\"\\"}) {
    support::for_each_split(json, [&](const support::pieces& cut) { EXPECT_FALSE(scan(cut).well_formed) << json; });
  }
  EXPECT_TRUE(scan({""}).well_formed);
  EXPECT_TRUE(scan({" \n"}).well_formed);
  EXPECT_TRUE(scan({"12"}).well_formed);
}

TEST(json_scanner, members_before_the_cut_of_a_text_are_delivered) {
  EXPECT_THAT(scan({R"({"model":"m","usage":{"count":7,"x)"}).seen, ElementsAre("2s:m", "1n:7"));
}

TEST(json_scanner, nesting_is_bounded) {
  const std::string deepest = std::string(json_scanner::max_depth, '[') + std::string(json_scanner::max_depth, ']');
  EXPECT_TRUE(scan({deepest}).well_formed);
  EXPECT_FALSE(scan({"[" + deepest + "]"}).well_formed);
}

TEST(json_scanner, reset_forgets_what_was_open_and_what_failed) {
  recorder found;
  json_scanner scanner(paths(), found, 1024);
  EXPECT_TRUE(scanner.feed(R"([{"usage":{"count":1,"x":[)"));
  scanner.reset();
  EXPECT_TRUE(scanner.feed(R"({"id":4})"));
  EXPECT_TRUE(scanner.finish());
  EXPECT_FALSE(scanner.feed("}"));
  scanner.reset();
  EXPECT_TRUE(scanner.feed(R"({"id":5})"));
  EXPECT_THAT(found.seen, ElementsAre("1n:1", "5n:4", "5n:5"));
}

// ---- watched values

class watcher final : public json_watcher {
 public:
  void on_begin(int tag) override { seen += std::to_string(tag) + "<"; }
  void on_open(bool object) override { seen += object ? "{" : "["; }
  void on_close() override { seen += ")"; }
  void on_name(std::string_view part) override { seen += part; }
  void on_name_end() override { seen += ":"; }
  void on_text(std::string_view part) override { seen += part; }
  void on_text_end() override { seen += ";"; }
  void on_end() override { seen += ">"; }

  std::string seen;
};

std::string watched_in(const support::pieces& input, std::vector<std::string>& selected) {
  static const json_paths watching{{"messages", 7, selection::watched}, {"model", name}};
  recorder found;
  watcher watched;
  json_scanner scanner(watching, found, 64, &watched);
  for (const std::string_view piece : input) EXPECT_TRUE(scanner.feed(std::string(piece)));
  EXPECT_TRUE(scanner.finish());
  selected = found.seen;
  return watched.seen;
}

std::string watched_in(std::string_view json) {
  std::vector<std::string> expected_selected, selected;
  const std::string expected = watched_in({json}, expected_selected);
  support::for_each_split(json, [&](const support::pieces& cut) {
    EXPECT_EQ(watched_in(cut, selected), expected) << json << " " << support::describe(cut);
    EXPECT_EQ(selected, expected_selected) << json << " " << support::describe(cut);
  });
  return expected;
}

TEST(json_scanner, everything_inside_a_watched_value_is_passed_on_and_nothing_outside) {
  EXPECT_EQ(watched_in(R"({"a":["x"],"messages": [ {"role":"user", "n":[-1.5e2,true,null,""]} ,"y"],"b":{"c":"d"}})"),
            "7<[{role:user;n:[-1.5e2;true;null;;))y;)>");
}

TEST(json_scanner, strings_of_a_watched_value_are_passed_on_as_sent) {
  EXPECT_EQ(watched_in(R"({"messages":{"a\"b":"\\ \"q\" \u00e9\\"}})"), R"(7<{a\"b:\\ \"q\" \u00e9\\;)>)");
}

TEST(json_scanner, a_watched_value_may_be_a_scalar_or_come_twice) {
  EXPECT_EQ(watched_in(R"({"messages":"a","messages":12,"messages":null,"messages":[]})"), "7<a;>7<12;>7<null;>7<[)>");
}

TEST(json_scanner, beside_a_watched_value_members_are_selected_as_ever) {
  std::vector<std::string> selected;
  watched_in({R"({"model":"a","messages":[{"model":"no"}],"model":"b"})"}, selected);
  EXPECT_THAT(selected, ElementsAre("2s:a", "2s:b"));
}

}  // namespace
}  // namespace usage
