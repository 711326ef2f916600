#include "mitm/policy/intercept_policy.hpp"

#include <set>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

namespace mitm {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;

using names = std::vector<std::string>;

intercept_policy policy_of(const names& patterns) {
  auto made = intercept_policy::make(patterns);
  if (!made) throw std::invalid_argument(made.error().front().message);
  return *std::move(made);
}

const names some_hosts{"daily-cloudcode-pa.sandbox.googleapis.com", "api.openai.com", "chatgpt.com"};

TEST(intercept_policy, intercepts_the_configured_hosts_and_nothing_beside_them) {
  const auto policy = policy_of(some_hosts);
  for (const std::string& host : some_hosts) EXPECT_EQ(policy.decide(host).what, action::intercept) << host;
  for (const char* other :
       {"www.google.com", "googleapis.com", "storage.googleapis.com", "openai.com", "example.org"}) {
    EXPECT_EQ(policy.decide(other).what, action::splice) << other;
    EXPECT_EQ(policy.decide(other).why, decision_reason::not_configured) << other;
  }
}

TEST(intercept_policy, a_connection_without_a_server_name_is_spliced_with_that_reason) {
  const decision made = policy_of(some_hosts).decide("");
  EXPECT_EQ(made.what, action::splice);
  EXPECT_EQ(made.why, decision_reason::no_server_name);
}

TEST(intercept_policy, case_and_a_trailing_dot_of_the_server_name_make_no_difference) {
  EXPECT_EQ(policy_of(some_hosts).decide("API.OpenAI.com.").what, action::intercept);
}

TEST(intercept_policy, a_server_name_that_is_no_host_name_never_matches_a_wildcard) {
  const auto policy = policy_of({"*.example.com"});
  for (const std::string& name : {"evil.org\0.example.com"s, "a b.example.com"s, "a..example.com"s, ".example.com"s,
                                  std::string(300, 'a') + ".example.com"}) {
    EXPECT_FALSE(policy.watches(name)) << name;
  }
  EXPECT_TRUE(policy.watches("a.example.com"));
}

TEST(intercept_policy, without_a_server_name_one_watched_name_of_the_certificate_is_enough) {
  const auto policy = policy_of({"api.openai.com", "*.example.com"});
  EXPECT_EQ(policy.decide(names{"other.org", "api.openai.com"}).what, action::intercept);
  EXPECT_EQ(policy.decide(names{"*.example.com"}).what, action::intercept);
  EXPECT_EQ(policy.decide(names{"*.openai.com"}).what, action::splice) << "stands for more than is configured";
  EXPECT_EQ(policy.decide(names{}).what, action::splice);
}

TEST(intercept_policy, what_the_ca_does_not_cover_is_watched_but_spliced) {
  const auto policy = policy_of({"api.openai.com", "*.googleapis.com"}).limited_to({"cloudcode-pa.googleapis.com"});
  EXPECT_EQ(policy.decide("api.openai.com").what, action::splice);
  EXPECT_EQ(policy.decide("api.openai.com").why, decision_reason::outside_ca);
  EXPECT_TRUE(policy.watches("api.openai.com"));
  EXPECT_EQ(policy.decide("cloudcode-pa.googleapis.com").what, action::intercept);
  EXPECT_EQ(policy.decide("storage.googleapis.com").why, decision_reason::outside_ca);
  EXPECT_EQ(policy.decide(names{"api.openai.com"}).why, decision_reason::outside_ca);
}

TEST(intercept_policy, a_ca_that_permits_nothing_intercepts_nothing) {
  EXPECT_EQ(policy_of(some_hosts).limited_to({}).decide("chatgpt.com").what, action::splice);
}

TEST(intercept_policy, a_wildcard_name_of_the_certificate_counts_where_a_pattern_covers_all_that_it_matches) {
  const auto policy = policy_of({"api.*.example.com", "*-ai.example.com"});
  EXPECT_EQ(policy.decide(names{"api.eu.example.com"}).what, action::intercept);
  for (const char* wider : {"*.eu.example.com", "*.example.com", "*.api.example.com"})
    EXPECT_EQ(policy.decide(names{wider}).what, action::splice) << wider;
}

TEST(intercept_policy, knows_hosts_of_providers_whether_or_not_they_are_watched) {
  const auto known = [](const char* text) { return *net::text::host_pattern::parse(text); };
  const auto made =
      intercept_policy::make(names{"api.openai.com"}, {known("api.mistral.ai"), known("*.openai.azure.com")});
  ASSERT_TRUE(made);
  for (const auto& policy : {*made, made->limited_to({"api.openai.com"})}) {
    EXPECT_TRUE(policy.knows("API.Mistral.AI."));
    EXPECT_TRUE(policy.knows("mine.openai.azure.com"));
    for (const char* other : {"", "mistral.ai", "xapi.mistral.ai", "a b.openai.azure.com"})
      EXPECT_FALSE(policy.knows(other)) << other;
    EXPECT_EQ(policy.decide("api.mistral.ai").why, decision_reason::not_configured);
  }
}

TEST(intercept_policy, constraints_are_the_bases_without_those_below_another) {
  const auto policy = policy_of({"chatgpt.com", "*.googleapis.com", "cloudcode-pa.googleapis.com", "CHATGPT.com"});
  EXPECT_THAT(policy.constraints(), ElementsAre("chatgpt.com", "googleapis.com"));
}

TEST(intercept_policy, a_name_is_hidden_where_an_operators_stands_for_another) {
  net::wire::client_hello hello;
  hello.server_name = "cloudflare-ech.com";
  EXPECT_FALSE(hides_its_name(hello));
  hello.encrypted = true;
  EXPECT_TRUE(hides_its_name(hello));
  hello.server_name = "example.com";
  EXPECT_FALSE(hides_its_name(hello)) << "browsers send the extension at random";
}

TEST(intercept_policy, every_bad_pattern_is_reported) {
  const auto made = intercept_policy::make(names{"*", "api.openai.com", "1.2.3.4"});
  ASSERT_FALSE(made);
  ASSERT_EQ(made.error().size(), 2u);
  EXPECT_THAT(made.error()[0].message, HasSubstr("`*`"));
  EXPECT_THAT(made.error()[1].message, HasSubstr("`1.2.3.4`"));
}

TEST(intercept_policy, every_reason_has_words_of_its_own) {
  std::set<std::string_view> words;
  for (const auto reason : {decision_reason::configured, decision_reason::not_configured,
                            decision_reason::no_server_name, decision_reason::outside_ca}) {
    words.insert(to_string(reason));
  }
  EXPECT_EQ(words.size(), 4u);
}

}  // namespace
}  // namespace mitm
