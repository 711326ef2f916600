#include "app/linux/cgroup.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

namespace app::scope {
namespace {

using testing::HasSubstr;

class cgroup_test : public testing::Test {
 protected:
  void SetUp() override {
    if (cgroup_root().empty()) GTEST_SKIP() << "no cgroup v2";
  }
};

TEST_F(cgroup_test, a_process_is_in_a_cgroup_and_none_is_nowhere) {
  EXPECT_THAT(cgroup_of(::getpid()), testing::StartsWith("/"));
  EXPECT_EQ(cgroup_of(4194304), "");
}

TEST(cgroup, within_is_itself_and_below_but_not_beside) {
  EXPECT_TRUE(is_within("/a", "/a"));
  EXPECT_TRUE(is_within("/a/b", "/a"));
  EXPECT_FALSE(is_within("/ab", "/a"));
  EXPECT_FALSE(is_within("/a", "/a/b"));
  EXPECT_TRUE(is_within("/a", "/"));
}

TEST_F(cgroup_test, the_root_is_refused_however_it_is_written) {
  for (const auto& root : {std::string("/"), std::string("//"), std::string(), cgroup_root().string() + "/"}) {
    const auto opened = watched_cgroup::named(root);
    ASSERT_FALSE(opened) << root;
    EXPECT_THAT(opened.error().message, HasSubstr("every process is in it")) << root;
  }
}

TEST_F(cgroup_test, what_is_not_there_is_refused) {
  EXPECT_THAT(watched_cgroup::named("/no-such-cgroup").error().message,
              HasSubstr("there is no cgroup /no-such-cgroup"));
  EXPECT_THAT(watched_cgroup::around(4194304).error().message, HasSubstr("there is no process"));
}

TEST_F(cgroup_test, a_process_that_has_started_this_one_is_refused) {
  EXPECT_THAT(watched_cgroup::around(::getppid()).error().message, HasSubstr("would catch its own connections"));
  EXPECT_THAT(watched_cgroup::around(::getpid()).error().message, HasSubstr("would catch its own connections"));
}

}  // namespace
}  // namespace app::scope
