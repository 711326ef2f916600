#include "app/run/trust_places.hpp"

#include <cstdlib>

#include <gmock/gmock.h>

#include "test/mitm/ca/fixtures.hpp"

namespace app::run {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class trust_places_test : public testing::Test {
 protected:
  trust_places_test() {
    for (const char* name : {"JAVA_HOME", "VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_ROOT"}) ::unsetenv(name);
    ::setenv("HOME", scratch_.path().c_str(), 1);
    ::setenv("PATH", (scratch_ / "bin").c_str(), 1);
  }
  ~trust_places_test() override { ::setenv("PATH", path_.c_str(), 1); }

  fs::path file(const fs::path& name) {
    const auto made = scratch_.path() / name;
    fs::create_directories(made.parent_path());
    mitm::test::write(made, "x");
    return fs::canonical(made);
  }
  trust_places find(const std::string& command = "true") { return find_trust_places(command, scratch_ / "root"); }

  mitm::test::scratch_directory scratch_;
  std::string path_ = std::getenv("PATH");
};

TEST_F(trust_places_test, where_nothing_is_installed_there_is_none) {
  EXPECT_THAT(find().java, IsEmpty());
  EXPECT_THAT(find().certifi, IsEmpty());
}

TEST_F(trust_places_test, a_store_of_the_distribution_is_one_place_however_many_javas_link_to_it) {
  const auto store = file("root/etc/ssl/certs/java/cacerts");
  for (const char* each : {"java-17", "java-25"}) {
    const auto security = scratch_ / "root/usr/lib/jvm" / each / "lib/security";
    fs::create_directories(security);
    fs::create_symlink(store, security / "cacerts");
  }
  EXPECT_THAT(find().java, ElementsAre(store));
}

TEST_F(trust_places_test, javas_of_the_path_and_of_java_home_and_of_the_command_have_their_own) {
  file("jdk/bin/java");
  const auto of_path = file("jdk/lib/security/cacerts");
  fs::create_directories(scratch_ / "bin");
  fs::create_symlink(scratch_ / "jdk/bin/java", scratch_ / "bin/java");
  const auto of_home = file("old/jre/lib/security/cacerts");
  ::setenv("JAVA_HOME", (scratch_ / "old").c_str(), 1);
  const auto program = file("ide/jbr/bin/java");
  const auto of_command = file("ide/jbr/lib/security/cacerts");
  EXPECT_THAT(find(program.string()).java, testing::UnorderedElementsAre(of_home, of_path, of_command));
}

TEST_F(trust_places_test, a_virtual_environment_is_found_by_its_variable_and_by_its_program) {
  const auto certifi = file("env/lib/python3.12/site-packages/certifi/cacert.pem");
  const auto pip = file("env/lib/python3.12/site-packages/pip/_vendor/certifi/cacert.pem");
  const auto python = file("env/bin/python");
  EXPECT_THAT(find().certifi, IsEmpty());
  EXPECT_THAT(find(python.string()).certifi, ElementsAre(certifi, pip));
  ::setenv("VIRTUAL_ENV", (scratch_ / "env").c_str(), 1);
  EXPECT_THAT(find().certifi, ElementsAre(certifi, pip));
}

TEST_F(trust_places_test, and_by_the_working_directory_and_conda_by_its_variable) {
  const auto certifi = file("project/.venv/lib/python3.11/site-packages/certifi/cacert.pem");
  const auto conda = file("conda/ssl/cacert.pem");
  ::setenv("CONDA_PREFIX", (scratch_ / "conda").c_str(), 1);
  fs::create_directories(scratch_ / "project/deep");
  const auto before = fs::current_path();
  fs::current_path(scratch_ / "project/deep");
  const auto found = find().certifi;
  fs::current_path(before);
  EXPECT_THAT(found, ElementsAre(conda, certifi));
}

TEST_F(trust_places_test, there_are_no_more_than_the_limit) {
  for (std::size_t i = 0; i < max_trust_places + 5; ++i) {
    file("root/usr/lib/jvm/" + std::to_string(i) + "/lib/security/cacerts");
  }
  EXPECT_EQ(find().java.size(), max_trust_places);
}

TEST(java_options, are_added_to_those_of_the_user_unless_these_name_a_store) {
  EXPECT_EQ(java_options("", "/s"), "-Djavax.net.ssl.trustStore=/s");
  EXPECT_EQ(java_options("-Xmx1g", "/s"), "-Xmx1g -Djavax.net.ssl.trustStore=/s");
  EXPECT_EQ(java_options("-Djavax.net.ssl.trustStore=/own", "/s"), "");
}

}  // namespace
}  // namespace app::run
