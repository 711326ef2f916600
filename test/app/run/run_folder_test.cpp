#include "app/run/run_folder.hpp"

#include <fstream>
#include <optional>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace app::run {
namespace {

namespace fs = std::filesystem;

class run_folder_test : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "zg-runs.XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    state_ = name;
  }
  void TearDown() override { fs::remove_all(state_); }

  run_folder make() {
    auto made = run_folder::make(state_);
    EXPECT_TRUE(made) << made.error().what;
    return std::move(*made);
  }
  static std::string content(const fs::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::size_t folders() const {
    std::size_t count = 0;
    for (const auto& each : fs::directory_iterator(state_ / "runs")) count += each.is_directory();
    return count;
  }

  fs::path state_;
};

TEST_F(run_folder_test, each_run_has_its_own_and_takes_it_away) {
  std::optional<run_folder> one(make());
  std::optional<run_folder> other(make());
  EXPECT_NE(one->path(), other->path());
  EXPECT_EQ(folders(), 2u);
  one.reset();
  EXPECT_EQ(folders(), 1u);
  EXPECT_TRUE(fs::exists(other->path()));
  other.reset();
  EXPECT_EQ(folders(), 0u);
}

TEST_F(run_folder_test, what_a_killed_run_has_left_goes_with_the_next) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto left = run_folder::make(state_);
    std::ofstream(left->bundle()) << "left";
    ::_exit(0);  // as if killed: nothing is destroyed
  }
  ::waitpid(child, nullptr, 0);
  ASSERT_EQ(folders(), 1u);
  const auto next = make();
  EXPECT_EQ(folders(), 1u);
  EXPECT_TRUE(fs::exists(next.path()));
  EXPECT_FALSE(fs::exists(next.bundle()));
}

TEST_F(run_folder_test, the_cas_of_others_are_taken_over_and_never_written_through) {
  const std::string others = "# made from here\nthe system's\n# zerogravity's own\n";
  std::optional<run_folder> first(make());
  std::ofstream(first->bundle()) << others << "first";
  first->keep_bundle();
  std::optional<run_folder> second(make());
  EXPECT_EQ(content(second->bundle()), others) << "nothing of the first run's CA";
  // Bundles are replaced by a name.
  std::ofstream(second->path() / "new") << "# made from there\n# zerogravity's own\nsecond";
  fs::rename(second->path() / "new", second->bundle());
  EXPECT_EQ(content(make().bundle()), others);
  second->keep_bundle();
  EXPECT_EQ(content(make().bundle()), "# made from there\n# zerogravity's own\n");
}

TEST_F(run_folder_test, a_bundle_of_another_kind_is_not_left_to_the_next_run) {
  const auto first = make();
  std::ofstream(first.bundle()) << "who knows";
  first.keep_bundle();
  EXPECT_FALSE(fs::exists(make().bundle()));
}

TEST_F(run_folder_test, a_services_bundle_is_taken_over_where_no_run_has_left_one) {
  std::ofstream(state_ / "combined-ca.pem") << "service";
  EXPECT_EQ(content(make().bundle()), "service");
}

TEST_F(run_folder_test, a_state_directory_that_cannot_be_written_is_named) {
  std::ofstream(state_ / "runs") << "a file";
  const auto made = run_folder::make(state_);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().what.find((state_ / "runs").string()), std::string::npos);
}

}  // namespace
}  // namespace app::run
