#include "cascade/process/server_log.hpp"

#include <gtest/gtest.h>

namespace {

using cascade::log_fact;
using cascade::read_log_line;
using cascade::redactor;
using kind = log_fact::kind_of;

struct reading {
  const char* line;
  log_fact fact;
};

class server_log_line : public testing::TestWithParam<reading> {};

TEST_P(server_log_line, tells_its_fact) {
  EXPECT_EQ(read_log_line(GetParam().line), GetParam().fact);
}

INSTANTIATE_TEST_SUITE_P(
    server_log, server_log_line,
    testing::Values(
        reading{"I0402 10:00:00.000001 4242 main.go:600] Starting language server process with pid 4242",
                {kind::started, 4242}},
        reading{"I0402 10:00:00.1 4242 server.go:1] Language server listening on random port at 40123 for HTTPS",
                {kind::https_port, 40123}},
        reading{"I0402 10:00:00.1 4242 server.go:1] Language server listening on random port at 40124 for HTTP\r",
                {kind::http_port, 40124}},
        reading{"Language server listening on fixed port at 42100 for HTTPS", {kind::https_port, 42100}},
        reading{"Language server listening on random port at 40125 for LSP", {kind::lsp_port, 40125}},
        reading{"Language server listening on random port at 70000 for HTTPS", {}},
        reading{"Language server listening on random port at  for HTTPS", {}},
        reading{"Created extension server client at port 40126", {}},
        reading{"LS initialized server successfully in 308ms", {kind::initialized, 308}},
        reading{"Encountered retryable api error. retrying in 5s: 503", {kind::provider_retry, 5}},
        reading{"somebody mentions a port at 80 for HTTPS", {}}, reading{"", {}}));

TEST(server_log, a_port_line_is_read_from_the_cleaned_line_too) {
  const redactor log({});
  const std::string line = "Language server listening on random port at 40123 for HTTPS";
  EXPECT_EQ(log.clean(line), line);
}

struct cleaning {
  const char* line;
  const char* clean;
};

class server_log_cleaning : public testing::TestWithParam<cleaning> {};

TEST_P(server_log_cleaning, leaves_no_secret) {
  const redactor log({"known-secret"});
  EXPECT_EQ(log.clean(GetParam().line), GetParam().clean);
}

INSTANTIATE_TEST_SUITE_P(
    server_log, server_log_cleaning,
    testing::Values(cleaning{"started with known-secret/known-secret.", "started with [redacted]/[redacted]."},
                    cleaning{"Authorization: Bearer ya29.short", "Authorization: Bearer [redacted]"},
                    cleaning{"sent 'authorization': 'Bearer abc'", "sent 'authorization': 'Bearer [redacted]'"},
                    cleaning{"got bearer abc.def from it", "got bearer [redacted] from it"},
                    cleaning{"x-codeium-csrf-token: 1b4e28ba", "x-codeium-csrf-token: [redacted]"},
                    cleaning{"args --csrf_token 1b4e28ba --random_port", "args --csrf_token [redacted] --random_port"},
                    cleaning{"args -csrf_token=1b4e28ba -v", "args -csrf_token=[redacted] -v"},
                    cleaning{"GET /x?access_token=abc&alt=sse", "GET /x?access_token=[redacted]&alt=sse"},
                    cleaning{"api_key=\"k 1\"", "api_key=\"[redacted] 1\""},
                    cleaning{"token budget 4000 is nearly used", "token budget 4000 is nearly used"},
                    cleaning{"signed in as jane.doe+x@mail.example.org now", "signed in as [redacted] now"},
                    cleaning{"key 0123456789abcdef0123456789abcdef end", "key [redacted] end"},
                    cleaning{"AIzaSyA1234567890abcdefghijklmnopqrstuv", "[redacted]"},
                    cleaning{"cascade 123e4567-e89b-42d3-a456-426614174000 idle",
                             "cascade 123e4567-e89b-42d3-a456-426614174000 idle"},
                    cleaning{
                        "URL: https://h.example/v1internal:streamGenerateContent?alt=sse Trace: 0x0123456789abcdef",
                        "URL: https://h.example/v1internal:streamGenerateContent?alt=sse Trace: 0x0123456789abcdef"},
                    cleaning{"open /home/someone/projects/nice-thing/src/file.txt",
                             "open /home/someone/projects/nice-thing/src/file.txt"},
                    cleaning{"body {\"contents\":\"my prompt\"}", "body [24 bytes of JSON left out]"},
                    cleaning{"  \"text\": \"my prompt\",", "  [20 bytes of JSON left out]"},
                    cleaning{"red \x1b[31m and\ttab", "red  [31m and tab"}));

TEST(server_log, a_clean_line_is_never_longer_than_its_limit) {
  EXPECT_EQ(redactor({}).clean(std::string(100'000, 'x')).size(), cascade::max_clean_line);
}

TEST(server_log, an_empty_secret_hides_nothing) {
  EXPECT_EQ(redactor({""}).clean("plain"), "plain");
}

}  // namespace
