#include "app/ledger_api/conversation_routes.hpp"

#include "test/app/ledger_api/filled_ledger.hpp"
#include "test/app/turns/turns_fixture.hpp"

namespace app {
namespace {

using testing::HasSubstr;

class conversation_routes_test : public filled_ledger, protected scripted_server {
 protected:
  void start_with_server() {
    attach(values_, scratch_ / "server.pem");
    start();
    test::until([this] { return get("/readyz").result_int() == 200; });
  }
};

TEST_F(conversation_routes_test, a_conversation_is_told_by_its_id_and_one_that_nobody_knows_is_a_404) {
  start();
  const auto known = get("/v1/usage/conversations/of%20small");
  ASSERT_EQ(known.result_int(), 200u) << known.body();
  EXPECT_THAT(known.body(), HasSubstr(R"("of small")"));
  const auto unknown = get("/v1/usage/conversations/none");
  EXPECT_EQ(unknown.result_int(), 404u);
  EXPECT_EQ(error_code_of(unknown), "unknown_conversation");
}

TEST_F(conversation_routes_test, without_a_language_server_reconciling_tells_what_the_wire_gave) {
  start();
  const auto all = json_of(get("/v1/usage/reconcile?start_time=1700000000"));
  EXPECT_FALSE(all.at("language_server").at("configured").as_bool());
  EXPECT_EQ(all.at("data").as_array().size(), 2u);
  EXPECT_EQ(json_of(get("/v1/usage/reconcile?start_time=1700000000&limit=1")).at("has_more").as_bool(), true);
  EXPECT_EQ(get("/v1/usage/reconcile?conversation=none").result_int(), 404u);
  EXPECT_EQ(get("/v1/usage/reconcile?conversation=%FF").result_int(), 404u) << "no text, so no conversation";
}

TEST_F(conversation_routes_test, reconciling_asks_the_language_server_first_and_names_the_call_that_one_side_lacks) {
  fake_.trajectory = [](const auto&, auto& response) {
    response.set_status(exa::cortex_pb::CASCADE_RUN_STATUS_IDLE);
    *response.mutable_trajectory() = told_state("of small", 0).says("Hello", true).costs(77, 1).now().trajectory();
    response.set_num_total_generator_metadata(1);
    return grpc::Status::OK;
  };
  start_with_server();
  const auto answer = json_of(get("/v1/usage/reconcile?conversation=of%20small"));
  EXPECT_TRUE(answer.at("language_server").at("configured").as_bool());
  EXPECT_EQ(answer.at("language_server").at("cascades").to_number<int>(), 1);
  const auto& one = answer.at("data").at(0);
  EXPECT_EQ(one.at("conversation").as_string(), "of small");
  EXPECT_EQ(one.at("wire").at("calls").to_number<int>(), 2);
  EXPECT_EQ(one.at("server").at("calls").to_number<int>(), 1);
  EXPECT_FALSE(one.at("reconciled").as_bool());
  EXPECT_THAT(boost::json::serialize(one.at("differences")), HasSubstr(R"("input_tokens":77)"));
}

TEST_F(conversation_routes_test, a_language_server_that_cannot_be_asked_makes_the_comparison_incomplete) {
  attach(values_, scratch_ / "server.pem");
  fake_.die();
  start();
  const auto asked = json_of(get("/v1/usage/reconcile?start_time=1700000000")).at("language_server");
  EXPECT_TRUE(asked.at("configured").as_bool());
  EXPECT_NE(asked.at("error").as_string(), "");
}

}  // namespace
}  // namespace app
