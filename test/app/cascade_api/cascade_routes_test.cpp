#include "app/cascade_api/cascade_routes.hpp"

#include "test/app/turns/turns_fixture.hpp"

namespace app {
namespace {

using exa::cortex_pb::CORTEX_STEP_STATUS_DONE;
using exa::cortex_pb::CORTEX_STEP_STATUS_WAITING;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class cascade_routes_test : public turns_fixture {
 protected:
  static constexpr auto cascades = "/v1/cascades";
  static constexpr auto with_key = "Authorization: Bearer the-key\r\n";

  cascade_routes_test() { api_.key = "the-key"; }

  static std::vector<std::string> types_of(const http_answer& answer) {
    std::vector<std::string> types;
    std::istringstream lines(answer.body());
    for (std::string line; std::getline(lines, line);) {
      types.emplace_back(boost::json::parse(line).at("type").as_string());
    }
    return types;
  }

  static std::string answer_to_step(std::string_view kind, bool allow) {
    return R"({"step":1,"trajectory_id":"trajectory","kind":")" + std::string(kind) + R"(","allow":)" +
           (allow ? "true" : "false") + "}";
  }

  /// The cascades' step 1 asks to run a command.
  void a_step_waits() {
    fake_.steps = [](const auto& request, auto& response) {
      if (request.step_offset() == 1)
        *response.add_steps() = support::tool_call_step("run_command", CORTEX_STEP_STATUS_WAITING);
      return grpc::Status::OK;
    };
  }
};

TEST_F(cascade_routes_test, a_turn_is_told_line_by_line_from_its_cascade_to_its_end) {
  says_ = [](const told_state& begun) {
    auto first = begun;
    auto last = begun;
    return std::vector{first.says("Hel", false, "Hm."), last.says("Hello", true, "Hm.").costs(10, 3).over()};
  };
  start();
  const auto answer = post(cascades, R"({"text":"say hello","model":"tester-low"})");
  EXPECT_EQ(answer["content-type"], "application/x-ndjson");
  EXPECT_EQ(answer["x-zerogravity-cascade-id"], "c-1");
  const auto types = types_of(answer);
  EXPECT_EQ(types.front(), "cascade");
  EXPECT_EQ(types.back(), "finished");
  EXPECT_THAT(types, testing::IsSupersetOf({"text", "reasoning", "usage"}));
  EXPECT_THAT(answer.body(), HasSubstr(R"({"type":"cascade","id":"c-1"})"));
  EXPECT_EQ(text(), "say hello");
  EXPECT_EQ(message().cascade_config().planner_config().requested_model().model(), 1002);
}

TEST_F(cascade_routes_test, a_cascade_goes_on_by_its_id_and_one_that_is_not_known_is_a_404) {
  start();
  post(cascades, R"({"text":"one"})");
  EXPECT_EQ(types_of(post("/v1/cascades/c-1/turns", R"({"text":"two"})")).back(), "finished");
  EXPECT_EQ(message().cascade_id(), "c-1");
  const auto unknown = post("/v1/cascades/c-9/turns", R"({"text":"two"})");
  EXPECT_EQ(unknown.result_int(), 404u);
  EXPECT_THAT(unknown.body(), HasSubstr("c-9"));
  EXPECT_EQ(post("/v1/cascades/%FF/turns", R"({"text":"two"})").result_int(), 404u) << "no text, so no id";
}

TEST_F(cascade_routes_test, a_turn_that_breaks_off_ends_with_an_error_event) {
  says_ = [](told_state begun) { return std::vector{begun.says("Hel")}; };
  start();
  auto peer = client();
  follow(peer, cascades, R"({"text":"x"})", "Hel");
  fake_.die();
  EXPECT_THAT(peer.rest(), AllOf(HasSubstr(R"("type":"error")"), HasSubstr("upstream_unreachable")));
}

TEST_F(cascade_routes_test, what_is_no_wish_is_refused_and_nothing_is_sent) {
  start();
  EXPECT_EQ(post(cascades, R"({"text":""})").result_int(), 400u);
  EXPECT_EQ(post(cascades, "[]").result_int(), 400u);
  EXPECT_EQ(post(cascades, R"({"text":"x","model":"other"})").result_int(), 404u);
  EXPECT_THAT(messages(), IsEmpty());
}

TEST_F(cascade_routes_test, a_client_may_have_more_than_is_granted_only_with_the_key_and_where_that_is_configured) {
  constexpr auto wish = R"({"text":"x","permissions":"allow"})";
  start();
  const auto refused = ask("POST", cascades, wish, with_key);
  EXPECT_EQ(refused.result_int(), 403u);
  EXPECT_EQ(error_code_of(refused), "permission_not_granted");
  EXPECT_EQ(ask("POST", cascades, R"({"text":"x","permissions":"deny"})").result_int(), 200u);
}

TEST_F(cascade_routes_test, a_client_with_the_key_decides_where_that_is_configured) {
  values_.api.permissions = permission_source::client;
  says_ = [](told_state begun) { return std::vector{begun.calls_tool(CORTEX_STEP_STATUS_WAITING)}; };
  when_answered_ = [](told_state begun) {
    return std::vector{begun.calls_tool(CORTEX_STEP_STATUS_DONE).says("Done", true).over()};
  };
  constexpr auto wish = R"({"text":"x","permissions":"allow"})";
  start();
  EXPECT_EQ(ask("POST", cascades, wish).result_int(), 403u);
  EXPECT_EQ(types_of(ask("POST", cascades, wish, with_key)).back(), "finished");
  ASSERT_EQ(answers().size(), 1u);
  EXPECT_TRUE(answers()[0].run_command().confirm());
}

TEST_F(cascade_routes_test, the_cascades_of_the_language_server_are_listed) {
  fake_.list = [](const auto&, auto& response) {
    auto& one = (*response.mutable_trajectory_summaries())["c-7"];
    one.set_summary("a title");
    one.set_step_count(12);
    one.set_status(exa::cortex_pb::CASCADE_RUN_STATUS_RUNNING);
    return grpc::Status::OK;
  };
  start();
  const auto one = json_of(get(cascades)).at("data").at(0);
  EXPECT_EQ(one.at("id").as_string(), "c-7");
  EXPECT_EQ(one.at("title").as_string(), "a title");
  EXPECT_EQ(one.at("steps").to_number<int>(), 12);
  EXPECT_TRUE(one.at("running").as_bool());
}

TEST_F(cascade_routes_test, cancelling_tells_the_language_server_and_a_cascade_it_does_not_know_is_a_404) {
  start();
  post(cascades, R"({"text":"x"})");
  EXPECT_TRUE(json_of(post("/v1/cascades/c-1/cancel", "{}")).at("ok").as_bool());
  EXPECT_THAT(cancelled(), ElementsAre("c-1"));
  fake_.cancel = [](const auto& request, auto&) {
    return grpc::Status(grpc::StatusCode::UNKNOWN, "trajectory not found: " + request.cascade_id());
  };
  EXPECT_EQ(post("/v1/cascades/c-1/cancel", "{}").result_int(), 404u);
}

TEST_F(cascade_routes_test, a_step_that_waits_is_denied_by_anybody_who_may_ask) {
  start();
  EXPECT_TRUE(json_of(post("/v1/cascades/c-1/interactions", answer_to_step("run_command", false))).at("ok").as_bool());
  ASSERT_EQ(answers().size(), 1u);
  EXPECT_EQ(answers()[0].step_index(), 1u);
  EXPECT_EQ(answers()[0].trajectory_id(), "trajectory");
  EXPECT_FALSE(answers()[0].run_command().confirm());
}

TEST_F(cascade_routes_test, a_step_is_allowed_only_where_that_is_granted_and_as_what_it_asks_for) {
  values_.language_server.permissions.run_command = cascade::permission::report;
  a_step_waits();
  start();
  const auto path = "/v1/cascades/c-1/interactions";
  EXPECT_EQ(post(path, answer_to_step("file", true)).result_int(), 403u);
  EXPECT_TRUE(json_of(post(path, answer_to_step("run_command", true))).at("ok").as_bool());
  EXPECT_TRUE(answers().at(0).run_command().confirm());
}

TEST_F(cascade_routes_test, the_kind_of_a_step_is_the_language_servers_to_say) {
  values_.language_server.permissions = {cascade::permission::deny, cascade::permission::report,
                                         cascade::permission::deny};
  a_step_waits();
  start();
  const auto path = "/v1/cascades/c-1/interactions";
  const auto disguised = post(path, answer_to_step("file", true));
  EXPECT_EQ(disguised.result_int(), 400u);
  EXPECT_THAT(disguised.body(), HasSubstr("run_command"));
  EXPECT_EQ(post(path, R"({"step":5,"trajectory_id":"t","kind":"file","allow":true})").result_int(), 400u)
      << "there is no such step";
  EXPECT_THAT(answers(), IsEmpty());
}

TEST_F(cascade_routes_test, an_answer_that_cannot_be_given_or_that_nobody_waits_for_is_an_error) {
  start();
  const auto path = "/v1/cascades/c-1/interactions";
  EXPECT_EQ(post(path, answer_to_step("browser", false)).result_int(), 400u);
  fake_.interaction = [](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::UNKNOWN, "input not registered for step");
  };
  const auto late = post(path, answer_to_step("run_command", false));
  EXPECT_EQ(late.result_int(), 404u);
  EXPECT_EQ(error_code_of(late), "step_not_waiting");
}

TEST_F(cascade_routes_test, without_a_language_server_nothing_is_promised) {
  fake_.die();
  start(false);
  for (const auto& answer : {get(cascades), post(cascades, R"({"text":"x"})"), post("/v1/cascades/c-1/cancel", "{}"),
                             post("/v1/cascades/c-1/interactions", answer_to_step("run_command", false))}) {
    EXPECT_EQ(answer.result_int(), 503u) << answer.body();
  }
}

}  // namespace
}  // namespace app
