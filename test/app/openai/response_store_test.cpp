#include "app/openai/response_store.hpp"

#include <gtest/gtest.h>

#include "app/openai/responses_request.hpp"

namespace app::openai {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{};

stored_response sample(std::string id) {
  stored_response response;
  response.object = R"({"id":")" + id + "\"}";
  response.output.push_back({item_kind::message, item_status::completed, 1, "msg_" + id, "said"});
  response.output.push_back({item_kind::function_call, item_status::completed, 0, "fc_" + id, "{}", "call_1", "f"});
  response.id = std::move(id);
  response.cascade_id = "cascade";
  response.in_progress = false;
  return response;
}

TEST(response_store, a_response_is_found_until_it_is_erased) {
  response_store store;
  store.put(sample("resp_1"), start);
  const auto* const found = store.find("resp_1", start);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->cascade_id, "cascade");
  EXPECT_TRUE(store.erase("resp_1", start));
  EXPECT_FALSE(store.erase("resp_1", start));
  EXPECT_EQ(store.find("resp_1", start), nullptr);
  EXPECT_EQ(store.find_item("msg_resp_1", start), nullptr);
  EXPECT_EQ(store.bytes(), 0u);
}

TEST(response_store, the_final_object_replaces_the_one_in_progress) {
  response_store store;
  stored_response begun = sample("resp_1");
  begun.in_progress = true;
  store.put(begun, start);
  stored_response ended = sample("resp_1");
  ended.object = R"({"status":"completed"})";
  store.put(ended, start);
  EXPECT_EQ(store.count(), 1u);
  EXPECT_EQ(store.find("resp_1", start)->object, ended.object);
}

TEST(response_store, the_least_recently_used_make_room) {
  response_store store({2, 1 << 20, 1h});
  store.put(sample("resp_1"), start);
  store.put(sample("resp_2"), start);
  store.find("resp_1", start);
  store.put(sample("resp_3"), start);
  EXPECT_EQ(store.count(), 2u);
  EXPECT_NE(store.find("resp_1", start), nullptr);
  EXPECT_EQ(store.find("resp_2", start), nullptr);
}

TEST(response_store, all_of_them_hold_no_more_bytes_than_the_limit) {
  response_store store({1000, 10'000, 1h});
  for (int i = 0; i < 100; ++i) {
    stored_response large = sample("resp_" + std::to_string(i));
    large.input_items.push_back(std::string(1000, 'x'));
    store.put(large, start);
    EXPECT_LE(store.bytes(), 10'000u);
  }
  EXPECT_GT(store.count(), 1u);
  stored_response larger = sample("resp_x");
  larger.object = std::string(10'001, 'x');
  store.put(larger, start);
  EXPECT_EQ(store.find("resp_x", start), nullptr);
  EXPECT_NE(store.find("resp_99", start), nullptr) << "and nothing was thrown away for it";
}

TEST(response_store, what_was_not_used_for_too_long_is_forgotten) {
  response_store store({10, 1 << 20, 60s});
  store.put(sample("resp_1"), start);
  store.put(sample("resp_2"), start);
  EXPECT_NE(store.find("resp_1", start + 59s), nullptr);
  EXPECT_EQ(store.find("resp_2", start + 60s), nullptr);
  EXPECT_NE(store.find("resp_1", start + 118s), nullptr);
  EXPECT_EQ(store.find("resp_1", start + 178s), nullptr);
  EXPECT_EQ(store.count(), 0u);
}

TEST(response_store, only_what_is_in_progress_can_be_cancelled) {
  response_store store;
  EXPECT_EQ(store.cancel("resp_1", start).error().code, "response_not_found");
  stored_response begun = sample("resp_1");
  begun.in_progress = true;
  store.put(begun, start);
  EXPECT_TRUE(store.cancel("resp_1", start));
  EXPECT_TRUE(store.find("resp_1", start)->cancelled);
  EXPECT_TRUE(store.cancel("resp_1", start)) << "again is no error";
  stored_response over = sample("resp_1");
  over.in_progress = false;
  store.put(over, start);
  EXPECT_TRUE(store.cancel("resp_1", start)) << "nor is it after the end";
  store.put(sample("resp_2"), start);
  EXPECT_EQ(store.cancel("resp_2", start).error().code, "response_already_finished");
}

TEST(response_store, a_cancelled_response_is_shown_as_such_before_its_turn_has_ended) {
  response_store store;
  stored_response begun = sample("resp_1");
  begun.object = R"({"id":"resp_1","status":"in_progress"})";
  begun.in_progress = true;
  store.put(begun, start);
  store.show_cancelled("resp_1", start);
  EXPECT_EQ(store.find("resp_1", start)->object, R"({"id":"resp_1","status":"cancelled"})");
  begun.object = R"({"id":"resp_1","status":"completed"})";
  begun.in_progress = false;
  store.put(begun, start);
  store.show_cancelled("resp_1", start);
  EXPECT_EQ(store.find("resp_1", start)->object, begun.object) << "the turn's own end stands";
  store.erase("resp_1", start);
  EXPECT_EQ(store.bytes(), 0u);
}

TEST(response_store, references_are_filled_in_with_what_was_said) {
  response_store store;
  store.put(sample("resp_1"), start);
  const std::string body =
      R"({"model":"m","input":[{"role":"user","content":"a"},{"type":"item_reference","id":"msg_resp_1"},
      {"type":"item_reference","id":"fc_resp_1"},{"role":"user","content":"b"}]})";
  auto request = *parse_responses_request(body);
  ASSERT_TRUE(resolve_references(request, store, start));
  EXPECT_EQ(request.history[1].text, "said");
  ASSERT_EQ(request.history[2].calls.size(), 1u);
  EXPECT_EQ(request.history[2].calls[0].id, "call_1");

  store.erase("resp_1", start);
  request = *parse_responses_request(body);
  const auto gone = resolve_references(request, store, start);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, "item_not_found");
  EXPECT_EQ(gone.error().status, 404u);
}

}  // namespace
}  // namespace app::openai
