#include "app/http/key_file.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

namespace app {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class api_key_file_test : public testing::Test {
 protected:
  api_key_file_test() { fs::create_directories(state_); }
  ~api_key_file_test() override { fs::remove_all(state_); }

  void write(const std::string& text, mode_t mode = 0600) {
    fs::remove(file_);
    std::ofstream(file_) << text;
    ::chmod(file_.c_str(), mode);
  }

  std::string refusal() {
    const auto opened = open_or_create_api_key(state_);
    return opened.has_error() ? opened.error().why : "it was taken";
  }

  const fs::path state_ = fs::temp_directory_path() / ("zg-key-" + std::to_string(::getpid()));
  const fs::path file_ = api_key_file(state_);
};

TEST_F(api_key_file_test, the_first_start_makes_a_key_that_later_ones_find) {
  const auto first = open_or_create_api_key(state_);
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(first->made);
  EXPECT_GE(first->key.size(), 64u);
  struct stat found{};
  ASSERT_EQ(::stat(file_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600u);
  const auto second = open_or_create_api_key(state_);
  EXPECT_FALSE(second->made);
  EXPECT_EQ(second->key, first->key);
  EXPECT_EQ(read_api_key_file(state_)->key, first->key);
  EXPECT_EQ(read_api_key_file(state_)->owner, ::geteuid());
}

TEST_F(api_key_file_test, a_key_is_replaced_by_another) {
  const auto first = open_or_create_api_key(state_)->key;
  const auto second = replace_api_key(state_)->key;
  EXPECT_NE(second, first);
  EXPECT_EQ(read_api_key_file(state_)->key, second);
}

TEST_F(api_key_file_test, a_file_that_others_can_read_is_refused_with_its_mode_and_what_to_do) {
  write("a-key-of-some-length\n", 0640);
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr(file_.string()), HasSubstr("mode 0640"),
                                        HasSubstr("of user " + std::to_string(::geteuid())),
                                        HasSubstr("chmod 600 " + file_.string())));
}

TEST_F(api_key_file_test, another_users_file_is_refused_with_its_owner_and_what_to_do) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a file away";
  write("a-key-of-some-length\n");
  ASSERT_EQ(::chown(file_.c_str(), 61'003, 61'003), 0);
  ASSERT_TRUE(read_api_key_file(state_).has_value());  // root reads all keys
  EXPECT_EQ(read_api_key_file(state_)->owner, 61'003u);
  ASSERT_EQ(::seteuid(61'002), 0);
  const auto refused = read_api_key_file(state_);
  ASSERT_EQ(::seteuid(0), 0);
  ASSERT_TRUE(refused.has_error());
  EXPECT_THAT(refused.error().why, HasSubstr(file_.string()));
}

TEST_F(api_key_file_test, what_is_no_key_is_refused) {
  for (const char* text : {"", "short\n", "two words of some length\n", "two-lines-of\nsome-length\n"}) {
    write(text);
    EXPECT_THAT(refusal(), HasSubstr("holds no key")) << text;
  }
}

TEST_F(api_key_file_test, a_link_in_its_place_is_not_followed) {
  fs::create_symlink("/etc/passwd", file_);
  EXPECT_THAT(refusal(), HasSubstr("symbolic link"));
}

}  // namespace
}  // namespace app
