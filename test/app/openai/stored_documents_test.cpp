#include "app/openai/stored_documents.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

namespace app::openai {
namespace {

namespace json = boost::json;

stored_response sample(std::string id) {
  stored_response response;
  response.id = std::move(id);
  return response;
}

using parameters = std::vector<std::pair<std::string, std::string>>;

std::vector<std::string> ids_of(const std::string& page) {
  std::vector<std::string> ids;
  const auto parsed = json::parse(page);
  for (const auto& item : parsed.at("data").as_array()) ids.emplace_back(std::string_view(item.at("id").as_string()));
  return ids;
}

TEST(stored_documents, input_items_are_paged_the_newest_first) {
  stored_response response = sample("resp_1");
  for (int i = 0; i < 3; ++i) response.input_items.push_back(R"({"type":"message","n":)" + std::to_string(i) + "}");
  response.input_items.push_back("{}");
  const auto page = json::parse(*render_input_items(response, *parse_page_query(parameters{{"limit", "2"}})));
  EXPECT_EQ(page, json::parse(R"({"object":"list","data":[{"id":"msg_1_in3"},{"id":"msg_1_in2","type":"message","n":2}],
      "first_id":"msg_1_in3","last_id":"msg_1_in2","has_more":true})"));
  const auto next =
      *render_input_items(response, *parse_page_query(parameters{{"limit", "2"}, {"after", "msg_1_in2"}}));
  EXPECT_EQ(ids_of(next), (std::vector<std::string>{"msg_1_in1", "msg_1_in0"}));
  EXPECT_EQ(json::parse(next).at("has_more"), false);
  EXPECT_EQ(
      ids_of(*render_input_items(response, *parse_page_query(parameters{{"order", "asc"}, {"include", "x"}}))).front(),
      "msg_1_in0");
}

TEST(stored_documents, a_page_can_be_empty) {
  EXPECT_EQ(json::parse(*render_input_items(sample("resp_1"), {})),
            json::parse(R"({"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false})"));
}

TEST(stored_documents, a_page_that_cannot_be_is_refused_by_name) {
  EXPECT_EQ(parse_page_query(parameters{{"limit", "0"}}).error().param, "limit");
  EXPECT_EQ(parse_page_query(parameters{{"limit", "101"}}).error().param, "limit");
  EXPECT_EQ(parse_page_query(parameters{{"limit", "1x"}}).error().param, "limit");
  EXPECT_EQ(parse_page_query(parameters{{"order", "up"}}).error().param, "order");
  EXPECT_EQ(render_input_items(sample("resp_1"), {20, false, "msg_9"}).error().param, "after");
}

TEST(stored_documents, what_was_deleted_is_said_to_be) {
  EXPECT_EQ(json::parse(render_deleted("resp_1")),
            json::parse(R"({"id":"resp_1","object":"response","deleted":true})"));
}

}  // namespace
}  // namespace app::openai
