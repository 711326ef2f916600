#include "net/text/host_pattern.hpp"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

#include "net/text/host_name.hpp"

namespace net::text {
namespace {

using testing::HasSubstr;

host_pattern parsed(std::string_view text) {
  auto pattern = host_pattern::parse(text);
  if (!pattern) throw std::invalid_argument(pattern.error().message);
  return *std::move(pattern);
}

TEST(host_pattern, an_exact_pattern_is_that_name_alone) {
  const auto pattern = parsed("api.openai.com");
  EXPECT_TRUE(pattern.matches("api.openai.com"));
  EXPECT_TRUE(pattern.matches("API.OpenAI.com"));
  for (const char* other : {"x.api.openai.com", "openai.com", "api.openai.com.evil.net", "xapi.openai.com", ""}) {
    EXPECT_FALSE(pattern.matches(other)) << other;
  }
}

TEST(host_pattern, a_wildcard_is_every_name_below_at_any_depth_but_not_the_base_itself) {
  const auto pattern = parsed("*.googleapis.com");
  EXPECT_TRUE(pattern.matches("cloudcode-pa.googleapis.com"));
  EXPECT_TRUE(pattern.matches("daily-cloudcode-pa.sandbox.googleapis.com"));
  for (const char* other : {"googleapis.com", ".googleapis.com", "evilgoogleapis.com", "a.googleapis.com.evil.net"}) {
    EXPECT_FALSE(pattern.matches(other)) << other;
  }
}

TEST(host_pattern, a_star_between_labels_is_one_label) {
  const auto pattern = parsed("API.*.GitHubCopilot.com");
  EXPECT_EQ(pattern.text(), "api.*.githubcopilot.com");
  EXPECT_TRUE(pattern.matches("api.business.githubcopilot.com"));
  EXPECT_TRUE(pattern.matches("Api.Business.GithubCopilot.com"));
  for (const char* other : {"api.githubcopilot.com", "api..githubcopilot.com", "api.a.b.githubcopilot.com",
                            "proxy.business.githubcopilot.com", "xapi.business.githubcopilot.com"}) {
    EXPECT_FALSE(pattern.matches(other)) << other;
  }
}

TEST(host_pattern, a_star_before_a_hyphen_begins_the_first_label) {
  const auto pattern = parsed("*-aiplatform.googleapis.com");
  EXPECT_TRUE(pattern.matches("europe-west4-aiplatform.googleapis.com"));
  for (const char* other : {"aiplatform.googleapis.com", "-aiplatform.googleapis.com", "a.b-aiplatform.googleapis.com",
                            "europe-west4-aiplatform.googleapis.com.evil.net"}) {
    EXPECT_FALSE(pattern.matches(other)) << other;
  }
}

TEST(host_pattern, covers_what_matches_no_more_than_it_does) {
  const auto covers = [](std::string_view outer, std::string_view inner) {
    return parsed(outer).covers(parsed(inner));
  };
  EXPECT_TRUE(covers("*.googleapis.com", "a.b.googleapis.com"));
  EXPECT_TRUE(covers("*.googleapis.com", "*.b.googleapis.com"));
  EXPECT_TRUE(covers("*.googleapis.com", "*-aiplatform.googleapis.com"));
  EXPECT_TRUE(covers("*.githubcopilot.com", "api.*.githubcopilot.com"));
  EXPECT_TRUE(covers("api.*.githubcopilot.com", "api.*.githubcopilot.com"));
  EXPECT_TRUE(covers("api.*.githubcopilot.com", "api.business.githubcopilot.com"));
  EXPECT_FALSE(covers("api.*.githubcopilot.com", "*.githubcopilot.com"));
  EXPECT_FALSE(covers("*.googleapis.com", "googleapis.com"));
  EXPECT_FALSE(covers("*.googleapis.com", "*.apis.com"));
  EXPECT_FALSE(covers("api.openai.com", "*.openai.com"));
}

TEST(host_pattern, upper_case_and_a_trailing_dot_are_normalised) {
  EXPECT_EQ(parsed("API.OpenAI.Com.").text(), "api.openai.com");
  EXPECT_EQ(parsed("*.GoogleAPIs.com.").text(), "*.googleapis.com");
}

TEST(host_pattern, the_constraint_of_a_wildcard_is_what_is_behind_its_label) {
  EXPECT_EQ(parsed("*.googleapis.com").constraint(), "googleapis.com");
  EXPECT_EQ(parsed("chatgpt.com").constraint(), "chatgpt.com");
  EXPECT_EQ(parsed("api.*.githubcopilot.com").constraint(), "githubcopilot.com");
  EXPECT_EQ(parsed("*-aiplatform.googleapis.com").constraint(), "googleapis.com");
}

struct bad_pattern {
  std::string text;
  const char* reason;
};

class bad_patterns : public testing::TestWithParam<bad_pattern> {};

TEST_P(bad_patterns, are_refused_with_pattern_and_reason) {
  const auto refused = host_pattern::parse(GetParam().text);
  ASSERT_FALSE(refused) << GetParam().text;
  EXPECT_THAT(refused.error().message, HasSubstr("`" + GetParam().text + "`"));
  EXPECT_THAT(refused.error().message, HasSubstr(GetParam().reason));
  EXPECT_THAT(refused.error().message, HasSubstr("expected a host name"));
}

INSTANTIATE_TEST_SUITE_P(
    all, bad_patterns,
    testing::Values(bad_pattern{"", "empty"}, bad_pattern{"*.", "whole label"}, bad_pattern{".", "empty"},
                    bad_pattern{"*", "whole label"}, bad_pattern{"foo*.example.com", "whole label"},
                    bad_pattern{"a*.example.com", "whole label"}, bad_pattern{"a.*b.example.com", "whole label"},
                    bad_pattern{"*.*.example.com", "whole label"}, bad_pattern{"192.0.2.1", "IP address"},
                    bad_pattern{"*.0.2.1", "IP address"}, bad_pattern{"2001:db8::1", "IP address"},
                    bad_pattern{"[2001:db8::1]:443", "IP address"}, bad_pattern{"api.openai.com:443", "port"},
                    bad_pattern{"https://api.openai.com", "URL"}, bad_pattern{"10.0.0.0/8", "network"},
                    bad_pattern{"com", "single label"}, bad_pattern{"*.com", "single label"},
                    bad_pattern{"a.*.com", "single label"}, bad_pattern{"*-a.com", "single label"},
                    bad_pattern{"*-a", "single label"}, bad_pattern{"a.*", "whole label"},
                    bad_pattern{"-.*.example.com", "not a host name"}, bad_pattern{"*-.example.com", "not a host name"},
                    bad_pattern{"a..example.com", "not a host name"}, bad_pattern{"-a.example.com", "not a host name"},
                    bad_pattern{"a b.example.com", "not a host name"}, bad_pattern{"bücher.example", "xn--"},
                    bad_pattern{std::string(64, 'a') + ".example.com", "not a host name"},
                    bad_pattern{std::string(250, 'a') + ".com", "253"}));

TEST(host_name, subtrees_hold_the_name_and_what_is_below) {
  EXPECT_TRUE(is_in_subtree("a.b.example.com", "example.com"));
  EXPECT_TRUE(is_in_subtree("EXAMPLE.com", "example.com"));
  EXPECT_FALSE(is_in_subtree("notexample.com", "example.com"));
  EXPECT_FALSE(is_in_subtree("com", "example.com"));
}

}  // namespace
}  // namespace net::text
