#include "app/doctor/doctor_trust.hpp"

#include <algorithm>
#include <cstdlib>

#include <gmock/gmock.h>

#include "mitm/ca/java_store.hpp"
#include "test/mitm/ca/fixtures.hpp"

namespace app {
namespace {

using enum finding::state_of;
using testing::HasSubstr;

class doctor_trust : public testing::Test {
 protected:
  finding of(const std::string& topic, const run::trust_places& places = {}) const {
    for (const auto& each : look_at_runtimes(ca_->certificate(), scratch_ / "ca.pem", places)) {
      if (each.topic == topic) return each;
    }
    return {"", broken, "not there", ""};
  }

  mitm::test::scratch_directory scratch_;
  std::shared_ptr<const mitm::certificate_authority> ca_ =
      mitm::test::new_authority(scratch_.path(), std::chrono::system_clock::now());
};

TEST_F(doctor_trust, each_runtime_with_a_variable_is_looked_at) {
  for (const char* runtime : {"git", "gRPC", "Deno", "curl", "Node"}) {
    EXPECT_NE(of("trust of " + std::string(runtime)).detail, "not there") << runtime;
  }
  ::setenv("DENO_CERT", (scratch_ / "ca.pem").c_str(), 1);
  EXPECT_EQ(of("trust of Deno").state, works);
  ::unsetenv("DENO_CERT");
  EXPECT_EQ(of("trust of Deno").next, "eval \"$(zerogravity ca env)\"");
}

TEST_F(doctor_trust, a_store_of_java_holds_the_ca_or_the_command_says_how_it_gets_it) {
  mitm::test::scratch_directory other;
  const auto foreign = mitm::test::new_authority(other.path());
  const auto store = scratch_ / "cacerts";
  mitm::test::write(store, mitm::compose_java_store(foreign->certificate().pem(), {}).value());
  EXPECT_EQ(of("trust of Java", {{store}, {}}).state, absent);
  EXPECT_THAT(of("trust of Java", {{store}, {}}).next, HasSubstr("keytool -importcert"));
  mitm::test::write(store, mitm::compose_java_store(ca_->certificate().pem(), {}).value());
  EXPECT_EQ(of("trust of Java", {{store}, {}}).state, works);
  EXPECT_EQ(of("trust of Java").detail, "not there") << "where there is no Java";
}

TEST_F(doctor_trust, a_bundle_of_certifi_that_does_not_hold_the_ca_is_named) {
  const auto with = scratch_ / "with.pem";
  const auto without = scratch_ / "without.pem";
  mitm::test::write(with, "others\n" + ca_->certificate().pem());
  mitm::test::write(without, "others\n");
  EXPECT_EQ(of("trust of Python's certifi", {{}, {with}}).state, works);
  EXPECT_THAT(of("trust of Python's certifi", {{}, {with, without}}).detail, HasSubstr(without.string()));
}

}  // namespace
}  // namespace app
