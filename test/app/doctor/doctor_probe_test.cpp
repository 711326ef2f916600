#include "app/doctor/doctor_probe.hpp"

#include <cstdlib>

#include <gmock/gmock.h>

#include "test/support/run.hpp"
#include "test/support/tls_origin.hpp"

namespace app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// The client of the doctor's exchange, and who it meets.
class doctor_probe : public testing::Test {
 protected:
  doctor_probe() : authority_(folder_.path() / "ca", {"api.openai.com"}) {
    ::unsetenv("HTTPS_PROXY");
    ::setenv("SSL_CERT_FILE", authority_.file().c_str(), 1);
  }
  ~doctor_probe() override { ::unsetenv("SSL_CERT_FILE"); }

  void origin(const std::string& host, std::string_view answer) {
    origin_ = std::make_unique<test::tls_origin>(pool_, authority_.context({host}),
                                                 [answer](net::tls_stream& client) -> boost::asio::awaitable<void> {
                                                   co_await test::read_until(client, "\r\n\r\n");
                                                   co_await net::write_all(client, answer);
                                                   client.shutdown_send();
                                                 });
  }

  /// Its status, and what it said in `said_`.
  int probe(const std::string& host) {
    testing::internal::CaptureStdout();
    const int status = run_probe_client(host, "127.0.0.1", std::to_string(origin_->endpoint().port()));
    std::fflush(stdout);
    said_ = testing::internal::GetCapturedStdout();
    return status;
  }

  test::temp_dir folder_;
  net::worker_pool pool_{1};
  test::test_authority authority_;
  std::unique_ptr<test::tls_origin> origin_;
  std::string said_;
};

TEST_F(doctor_probe, says_what_it_was_answered_and_who_signed_the_certificate) {
  origin("api.openai.com", "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(probe("api.openai.com"), 0);
  EXPECT_THAT(said_, StartsWith("HTTP/1.1 204, signed by "));
}

TEST_F(doctor_probe, does_not_trust_a_ca_that_its_environment_does_not_name) {
  ::setenv("SSL_CERT_FILE", "/dev/null", 1);
  origin("api.openai.com", "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_NE(probe("api.openai.com"), 0);
  EXPECT_THAT(said_, StartsWith("TLS with api.openai.com failed"));
}

TEST_F(doctor_probe, does_not_take_the_certificate_of_another_host) {
  test::test_authority wide(folder_.path() / "wide", {"api.openai.com", "other.example"});
  ::setenv("SSL_CERT_FILE", wide.file().c_str(), 1);
  origin_ = std::make_unique<test::tls_origin>(pool_, wide.context({"other.example"}),
                                               [](net::tls_stream&) -> boost::asio::awaitable<void> { co_return; });
  EXPECT_NE(probe("api.openai.com"), 0);
  EXPECT_THAT(said_, HasSubstr("hostname mismatch"));
}

TEST_F(doctor_probe, an_origin_that_says_nothing_or_is_not_there_is_no_exchange) {
  origin("api.openai.com", "");
  EXPECT_NE(probe("api.openai.com"), 0);
  EXPECT_THAT(said_, StartsWith("api.openai.com did not answer"));
  testing::internal::CaptureStdout();
  EXPECT_NE(run_probe_client("api.openai.com", "127.0.0.1", "1"), 0);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), StartsWith("no connection to 127.0.0.1:1"));
}

}  // namespace
}  // namespace app
