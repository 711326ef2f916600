#include "app/linux/unix_socket_file.hpp"

#include <filesystem>
#include <fstream>
#include <optional>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

namespace app {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class unix_socket_file_test : public testing::Test {
 protected:
  unix_socket_file_test() { fs::create_directories(folder_); }
  ~unix_socket_file_test() override { fs::remove_all(folder_); }

  std::string refusal() {
    const auto opened = listen_at(path_);
    return opened.has_error() ? opened.error().why : "it was opened";
  }

  const fs::path folder_ = fs::temp_directory_path() / ("zg-socket-" + std::to_string(::getpid()));
  const fs::path path_ = folder_ / "api.sock";
};

TEST_F(unix_socket_file_test, is_for_its_own_user_and_gone_at_its_end) {
  {
    const auto opened = listen_at(path_);
    ASSERT_TRUE(opened.has_value());
    struct stat found{};
    ASSERT_EQ(::stat(path_.c_str(), &found), 0);
    EXPECT_TRUE(S_ISSOCK(found.st_mode));
    EXPECT_EQ(found.st_mode & 07777, 0600u);
  }
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(unix_socket_file_test, a_socket_that_answers_is_refused_and_a_dead_one_replaced) {
  auto first = listen_at(path_);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(refusal(), "another service answers there");
  first->socket.reset();  // as after kill -9: the file stays
  ASSERT_TRUE(fs::exists(path_));
  const auto second = listen_at(path_);
  EXPECT_TRUE(second.has_value());
}

TEST_F(unix_socket_file_test, a_file_that_has_taken_its_place_is_left_alone) {
  {
    const auto opened = listen_at(path_);
    fs::remove(path_);
    std::ofstream(path_) << "somebody else's";
  }
  EXPECT_TRUE(fs::exists(path_));
  EXPECT_THAT(refusal(), HasSubstr("something else than a socket"));
}

TEST_F(unix_socket_file_test, a_directory_that_is_not_there_is_named) {
  fs::remove_all(folder_);
  EXPECT_EQ(refusal(), "the directory " + folder_.string() + " does not exist");
}

TEST_F(unix_socket_file_test, another_users_socket_is_refused) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a file away";
  auto dead = listen_at(path_);
  dead->socket.reset();
  ASSERT_EQ(::chown(path_.c_str(), 61'003, 61'003), 0);
  EXPECT_EQ(refusal(), "the socket there belongs to user 61003");
}

}  // namespace
}  // namespace app
