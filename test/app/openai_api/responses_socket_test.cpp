#include "app/openai_api/responses_socket.hpp"

#include "test/app/http/socket_client.hpp"
#include "test/app/turns/turns_fixture.hpp"

namespace app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class responses_socket_test : public turns_fixture {
 protected:
  static constexpr auto responses = "/v1/responses";

  socket_client connect(socket_client::fields more = {}, bool compressed = false) {
    return socket_client(address_, responses, std::move(more), compressed);
  }

  /// A response.create with these members beside the model.
  static std::string create(const std::string& members) {
    return R"({"type":"response.create","model":"tester-high",)" + members + '}';
  }
  static std::string type_of(const boost::json::value& event) { return std::string(event.at("type").as_string()); }

  /// The events up to the end of a turn.
  static std::vector<boost::json::value> turn(socket_client& peer) {
    std::vector<boost::json::value> events;
    do {
      events.push_back(peer.next_json());
    } while (!is_end(type_of(events.back())));
    return events;
  }
  static bool is_end(const std::string& type) {
    return type == "response.completed" || type == "response.failed" || type == "response.incomplete" ||
           type == "error";
  }
  /// Up to the first event of that type.
  static boost::json::value until(socket_client& peer, const std::string& type) {
    auto event = peer.next_json();
    while (type_of(event) != type) event = peer.next_json();
    return event;
  }
  static std::string id_of(const boost::json::value& event) {
    return std::string(event.at("response").at("id").as_string());
  }
  static std::string code_of(const boost::json::value& event) {
    return std::string(event.at("error").at("code").as_string());
  }

  /// Turns go on until they are cancelled.
  void turns_go_on() {
    says_ = [](told_state begun) { return std::vector{begun.says("Hel")}; };
    when_cancelled_ = [](told_state begun) {
      return std::vector{begun.says("Hel", true).ends_by(exa::cortex_pb::EXECUTOR_TERMINATION_REASON_USER_CANCELED)};
    };
  }
};

TEST_F(responses_socket_test, a_turn_says_what_its_stream_would_say) {
  start();
  auto peer = connect();
  const auto events = turn(peer.send(create(R"("input":"hi")")));
  std::vector<std::string> streamed;
  std::string_view rest = "";
  const auto answer = post(responses, R"({"model":"tester-high","input":"hi","stream":true})");
  for (rest = answer.body(); rest.starts_with("event: "); rest.remove_prefix(rest.find("\n\n") + 2)) {
    streamed.emplace_back(rest.substr(7, rest.find('\n') - 7));
  }
  std::vector<std::string> told;
  for (const auto& each : events) told.push_back(type_of(each));
  EXPECT_EQ(told, streamed);
  EXPECT_EQ(told.back(), "response.completed");
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].at("sequence_number").as_int64(), static_cast<std::int64_t>(i));
    EXPECT_EQ(events[i].as_object().if_contains("stream_id"), nullptr);
  }
  EXPECT_EQ(events.back().at("response").at("output").at(0).at("content").at(0).at("text").as_string(), "Hello");
}

TEST_F(responses_socket_test, events_are_compressed_where_the_client_offers_it) {
  start();
  auto peer = connect({}, true);
  EXPECT_THAT(std::string(peer.answer()["Sec-WebSocket-Extensions"]), HasSubstr("permessage-deflate"));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(type_of(turn(peer.send(create(R"("input":"hi")"))).back()), "response.completed");
}

TEST_F(responses_socket_test, a_turn_continues_the_one_before_and_only_what_is_new_is_sent) {
  start();
  auto peer = connect();
  const auto first = id_of(turn(peer.send(create(R"("input":"one")"))).back());
  const auto second = turn(peer.send(create(R"("input":"two","previous_response_id":")" + first + '"'))).back();
  EXPECT_EQ(message().cascade_id(), "c-1");
  EXPECT_EQ(text(), "two");
  EXPECT_EQ(second.at("response").at("previous_response_id").as_string(), first);
  const auto stored = json_of(get(responses + ("/" + id_of(second))));
  EXPECT_EQ(stored, second.at("response")) << "as that of a POST";
}

TEST_F(responses_socket_test, also_a_response_that_is_not_stored_is_continued_on_its_socket) {
  start();
  auto peer = connect();
  const auto first = id_of(turn(peer.send(create(R"("input":"one","store":false)"))).back());
  const auto next = create(R"("input":"two","store":false,"previous_response_id":")" + first + '"');
  EXPECT_EQ(type_of(turn(peer.send(next)).back()), "response.completed");
  EXPECT_EQ(message().cascade_id(), "c-1");
  EXPECT_EQ(get(responses + ("/" + first)).result_int(), 404u);
  auto other = connect();
  const auto refused = turn(other.send(next)).back();
  EXPECT_EQ(refused.at("status").as_int64(), 400);
  EXPECT_EQ(code_of(refused), "previous_response_not_found");
}

TEST_F(responses_socket_test, a_prewarm_costs_no_turn_and_the_next_turn_continues_it) {
  start();
  auto peer = connect();
  const auto events =
      turn(peer.send(create(R"("input":"one","instructions":"be brief","store":false,"generate":false)")));
  EXPECT_EQ(type_of(events.front()), "response.created");
  EXPECT_EQ(type_of(events.back()), "response.completed");
  EXPECT_EQ(events.back().at("response").at("usage").at("total_tokens").as_int64(), 0);
  EXPECT_TRUE(messages().empty());
  const auto id = id_of(events.back());
  const auto end = turn(peer.send(create(R"("input":"two","store":false,"previous_response_id":")" + id + '"'))).back();
  EXPECT_EQ(type_of(end), "response.completed");
  ASSERT_EQ(messages().size(), 1u);
  EXPECT_THAT(text(), testing::AllOf(HasSubstr("be brief"), HasSubstr("one"), HasSubstr("two")));
}

TEST_F(responses_socket_test, a_turn_is_cancelled_by_the_id_of_its_response_or_by_its_stream) {
  turns_go_on();
  start();
  auto peer = connect();
  for (const bool by_id : {true, false}) {
    const auto id = id_of(until(peer.send(create(R"("input":"hi","store":false)")), "response.created"));
    peer.send(by_id ? R"({"type":"response.cancel","response_id":")" + id + "\"}" : R"({"type":"response.cancel"})");
    const auto end = until(peer, "response.failed");
    EXPECT_EQ(end.at("response").at("status").as_string(), "cancelled");
    EXPECT_EQ(id_of(end), id);
  }
  EXPECT_THAT(cancelled(), ElementsAre("c-1", "c-2"));
}

TEST_F(responses_socket_test, a_turn_of_a_socket_is_cancelled_from_elsewhere_too) {
  turns_go_on();
  start();
  auto peer = connect();
  const auto id = id_of(until(peer.send(create(R"("input":"hi")")), "response.created"));
  EXPECT_EQ(json_of(post(responses + ("/" + id + "/cancel"), "{}")).at("status").as_string(), "cancelled");
  EXPECT_EQ(until(peer, "response.failed").at("response").at("status").as_string(), "cancelled");
}

TEST_F(responses_socket_test, what_is_not_running_cannot_be_cancelled) {
  start();
  auto peer = connect();
  const auto over = id_of(turn(peer.send(create(R"("input":"hi")"))).back());
  const auto code = [&](const std::string& id) {
    return code_of(peer.send(R"({"type":"response.cancel","response_id":")" + id + "\"}").next_json());
  };
  EXPECT_EQ(code(over), "response_already_finished");
  EXPECT_EQ(code("resp_unknown"), "response_not_found");
  EXPECT_EQ(code_of(peer.send(R"({"type":"response.cancel"})").next_json()), "missing_required_parameter");
}

TEST_F(responses_socket_test, what_is_no_request_is_answered_with_an_error_and_the_socket_stays_open) {
  start();
  auto peer = connect();
  for (const char* wrong : {"{", "7", R"({"type":"response.destroy"})", R"({"type":"response.create","input":"hi"})"}) {
    const auto event = peer.send(wrong).next_json();
    EXPECT_EQ(type_of(event), "error") << wrong;
    EXPECT_EQ(event.at("status").as_int64(), 400) << wrong;
  }
  peer.send_binary(create(R"("input":"hi")"));
  EXPECT_EQ(code_of(peer.next_json()), "bad_request");
  EXPECT_EQ(
      turn(peer.send(R"({"type":"response.create","model":"other","input":"hi"})")).back().at("status").as_int64(),
      404);
  EXPECT_TRUE(messages().empty());
  EXPECT_EQ(type_of(turn(peer.send(create(R"("input":"hi")"))).back()), "response.completed");
}

TEST_F(responses_socket_test, a_turn_that_fails_at_once_is_an_error_that_says_whether_to_try_again) {
  says_ = [](told_state begun) { return std::vector{begun.fails("RESOURCE_EXHAUSTED (code 429): slow down")}; };
  start();
  auto peer = connect();
  const auto events = turn(peer.send(create(R"("input":"hi")")));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("status").as_int64(), 429);
  EXPECT_THAT(std::string(events[0].at("error").at("message").as_string()), HasSubstr("slow down"));
  EXPECT_EQ(events[0].at("headers").at("x-should-retry").as_string(), "false") << "it was executed";
}

TEST_F(responses_socket_test, without_a_language_server_clients_are_told_to_try_again) {
  fake_.die();
  start(false);
  auto peer = connect();
  const auto event = turn(peer.send(create(R"("input":"hi")"))).back();
  EXPECT_EQ(event.at("status").as_int64(), 503);
  EXPECT_EQ(event.at("headers").at("x-should-retry").as_string(), "true");
}

TEST_F(responses_socket_test, a_stream_has_one_turn_at_a_time_and_several_streams_run_at_once) {
  turns_go_on();
  values_.openai.socket_turns = 2;
  start();
  auto peer = connect();
  until(peer.send(create(R"("input":"hi")")), "response.output_text.delta");
  EXPECT_EQ(code_of(peer.send(create(R"("input":"hi")")).next_json()), "response_in_progress");
  const auto created = until(peer.send(create(R"("input":"hi","stream_id":"two")")), "response.created");
  EXPECT_EQ(created.at("stream_id").as_string(), "two");
  EXPECT_EQ(until(peer, "response.output_text.delta").at("stream_id").as_string(), "two");
  const auto refused = peer.send(create(R"("input":"hi","stream_id":"three")")).next_json();
  EXPECT_EQ(refused.at("status").as_int64(), 429);
  EXPECT_EQ(refused.at("stream_id").as_string(), "three");
  EXPECT_EQ(messages().size(), 2u);
  EXPECT_EQ(messages()[1].cascade_id(), "c-2");
  peer.send(R"({"type":"response.cancel","stream_id":"two"})");
  const auto end = until(peer, "response.failed");
  EXPECT_EQ(end.at("stream_id").as_string(), "two");
  EXPECT_THAT(cancelled(), ElementsAre("c-2"));
}

TEST_F(responses_socket_test, a_client_that_leaves_ends_its_turns) {
  turns_go_on();
  start();
  {
    auto peer = connect();
    until(peer.send(create(R"("input":"hi")")), "response.output_text.delta");
  }
  test::until([this] { return !cancelled().empty(); });
}

TEST_F(responses_socket_test, a_foreign_page_gets_no_socket_and_without_an_upgrade_nobody_does) {
  start();
  EXPECT_EQ(connect({{"Origin", "https://evil.example"}}).answer().result_int(), 403u);
  const auto answer = get(responses);
  EXPECT_EQ(answer.result_int(), 426u);
  EXPECT_EQ(answer["Sec-WebSocket-Version"], "13");
}

TEST_F(responses_socket_test, the_end_of_the_service_lets_a_turn_come_to_its_end_and_begins_no_other) {
  says_ = [](told_state begun) { return std::vector{begun.says("Hel")}; };
  start();
  auto peer = connect();
  until(peer.send(create(R"("input":"hi")")), "response.output_text.delta");
  auto drained = drain(std::chrono::minutes(1));
  const auto asked_again = create(R"("input":"hi","stream_id":"two","generate":false)");
  auto refused = turn(peer.send(asked_again)).back();
  while (type_of(refused) != "error") refused = turn(peer.send(asked_again)).back();  // it has not heard of it yet
  EXPECT_EQ(code_of(refused), "overloaded");
  tell(begun().says("Hello", true).over());
  EXPECT_EQ(until(peer, "response.completed").at("response").at("status").as_string(), "completed");
  EXPECT_EQ(peer.closed_with(), websocket::close_code::going_away);
  drained.get();
}

}  // namespace
}  // namespace app
