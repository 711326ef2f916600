#include "app/http/answer_fields.hpp"

#include <gmock/gmock.h>

namespace app {
namespace {

using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;

api_exchange current() {
  return {"req_1", std::chrono::steady_clock::now()};
}

TEST(api_answer_fields, an_answer_says_its_request_and_that_nobody_may_keep_it) {
  const auto fields = answer_fields({}, current());
  EXPECT_THAT(fields, Contains(Pair("x-request-id", "req_1")));
  EXPECT_THAT(fields, Contains(Pair("Content-Type", "application/json")));
  EXPECT_THAT(fields, Contains(Pair("Cache-Control", "no-store")));
  EXPECT_THAT(fields, Contains(Key("Date")));
  EXPECT_THAT(fields, Not(Contains(Key("Access-Control-Allow-Origin"))));
}

TEST(api_answer_fields, a_browser_may_neither_guess_its_type_nor_show_it_in_a_page) {
  const auto fields = answer_fields({}, current());
  EXPECT_THAT(fields, Contains(Pair("x-content-type-options", "nosniff")));
  EXPECT_THAT(fields, Contains(Pair("cross-origin-resource-policy", "same-origin")));
  EXPECT_THAT(fields, Contains(Pair("content-security-policy", "default-src 'none'; frame-ancestors 'none'")));
}

TEST(api_answer_fields, a_stream_asks_proxies_not_to_hold_it) {
  api_response answer;
  answer.stream = [](api_stream&, api_response&) -> boost::asio::awaitable<stream_end> { co_return stream_end::whole; };
  EXPECT_THAT(answer_fields(answer, current()), Contains(Pair("x-accel-buffering", "no")));
}

TEST(api_answer_fields, the_page_that_may_ask_is_named) {
  auto exchange = current();
  exchange.allowed_origin = "https://app.example";
  EXPECT_THAT(answer_fields({}, exchange), Contains(Pair("Access-Control-Allow-Origin", "https://app.example")));
}

TEST(api_answer_fields, the_answers_own_header_takes_the_place_of_the_usual_one) {
  api_response answer;
  answer.headers = {{"cache-control", "max-age=1"}, {"Allow", "GET"}};
  const auto fields = answer_fields(answer, current());
  EXPECT_THAT(fields, Contains(Pair("Cache-Control", "max-age=1")));
  EXPECT_THAT(fields, Not(Contains(Key("cache-control"))));
  EXPECT_THAT(fields, Contains(Pair("Allow", "GET")));
}

}  // namespace
}  // namespace app
