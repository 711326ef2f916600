#include "app/openai/model_list.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace app::openai {
namespace {

namespace json = boost::json;

model_list sample() {
  return {{{"gemini-pro", "Gemini Pro", true, {"MODEL_PRO"}}, {"vendor/claude", "Claude", false}},
          {{"gpt-5", "gemini-pro"}, {"fast", "MODEL_PRO"}, {"dangling", "nothing"}, {"vendor/claude", "gemini-pro"}},
          1'700'000'000};
}

std::string id_of(const model_list& list, std::string_view name) {
  const auto found = list.resolve(name);
  return found ? (*found)->id : found.error().code;
}

TEST(model_list, ids_aliases_and_other_case_name_a_model) {
  const model_list list = sample();
  EXPECT_EQ(id_of(list, "gemini-pro"), "gemini-pro");
  EXPECT_EQ(id_of(list, "MODEL_PRO"), "gemini-pro");
  EXPECT_EQ(id_of(list, "Gemini-Pro"), "gemini-pro");
  EXPECT_EQ(id_of(list, "gpt-5"), "gemini-pro");
  EXPECT_EQ(id_of(list, "fast"), "gemini-pro");
  EXPECT_EQ(id_of(list, "vendor/claude"), "gemini-pro") << "what is configured wins";
}

TEST(model_list, an_unknown_model_is_told_which_there_are) {
  const model_list list = sample();
  EXPECT_EQ(id_of(list, "dangling"), "model_not_found");
  const auto missing = list.resolve("gpt-4");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().status, 404u);
  EXPECT_NE(missing.error().message.find("gemini-pro, vendor/claude"), std::string::npos);
}

TEST(model_list, the_list_is_in_the_shape_of_openai) {
  const model_list one({{"m", "M", true, {"n"}}}, {}, 5);
  EXPECT_EQ(json::parse(one.render()), json::parse(R"({"object":"list","data":[
      {"id":"m","object":"model","created":5,"owned_by":"zerogravity","root":"m","label":"M","supports_images":true},
      {"id":"n","object":"model","created":5,"owned_by":"zerogravity","root":"m","label":"M","supports_images":true}]})"));
  EXPECT_EQ(json::parse(model_list({}, {}, 0).render()), json::parse(R"({"object":"list","data":[]})"));
}

TEST(model_list, every_name_is_listed_once) {
  const auto list = json::parse(sample().render());
  std::vector<std::string> ids;
  for (const auto& each : list.at("data").as_array()) ids.emplace_back(std::string_view(each.at("id").as_string()));
  EXPECT_EQ(ids, (std::vector<std::string>{"gemini-pro", "vendor/claude", "MODEL_PRO", "fast", "gpt-5"}));
}

TEST(model_list, one_model_is_told_under_the_name_it_was_asked_for) {
  const auto one = json::parse(*sample().render_one("vendor/claude"));
  EXPECT_EQ(one.at("id"), "vendor/claude");
  EXPECT_EQ(one.at("root"), "gemini-pro");
  EXPECT_EQ(sample().render_one("x").error().code, "model_not_found");
}

}  // namespace
}  // namespace app::openai
