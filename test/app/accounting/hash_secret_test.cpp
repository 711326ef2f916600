#include "app/accounting/hash_secret.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

namespace app {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class hash_secret_test : public testing::Test {
 protected:
  hash_secret_test() { fs::create_directories(state_); }
  ~hash_secret_test() override { fs::remove_all(state_); }

  void write(const std::string& text, mode_t mode = 0600) {
    fs::remove(file_);
    std::ofstream(file_) << text;
    ::chmod(file_.c_str(), mode);
  }

  std::string refusal() {
    const auto opened = open_or_create_hash_secret(state_);
    return opened.has_error() ? opened.error().why : "it was taken";
  }

  const fs::path state_ = fs::temp_directory_path() / ("zg-hash-key-" + std::to_string(::getpid()));
  const fs::path file_ = hash_key_file(state_);
};

TEST_F(hash_secret_test, the_first_start_makes_a_secret_that_later_ones_find) {
  const auto first = open_or_create_hash_secret(state_);
  ASSERT_TRUE(first.has_value());
  EXPECT_NE(*first, hash_secret{});
  struct stat found{};
  ASSERT_EQ(::stat(file_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600u);
  EXPECT_EQ(found.st_size, 32);
  EXPECT_EQ(*open_or_create_hash_secret(state_), *first);
}

TEST_F(hash_secret_test, two_directories_have_two_secrets) {
  const auto first = *open_or_create_hash_secret(state_);
  fs::remove(file_);
  EXPECT_NE(*open_or_create_hash_secret(state_), first);
}

TEST_F(hash_secret_test, a_file_of_another_size_is_refused_and_stays) {
  write("too short");
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr(file_.string()), HasSubstr("it has 9"), HasSubstr("rm ")));
  EXPECT_EQ(fs::file_size(file_), 9u);
  write(std::string(33, 'x'));
  EXPECT_THAT(refusal(), HasSubstr("it has 33"));
}

TEST_F(hash_secret_test, a_file_that_others_can_read_is_refused) {
  write(std::string(32, 'x'), 0640);
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr(file_.string()), HasSubstr("others can read")));
}

TEST_F(hash_secret_test, a_link_is_not_followed) {
  const auto target = state_ / "elsewhere";
  std::ofstream(target) << std::string(32, 'x');
  ::chmod(target.c_str(), 0600);
  fs::create_symlink(target, file_);
  EXPECT_NE(refusal(), "it was taken");
}

TEST_F(hash_secret_test, a_directory_that_does_not_exist_is_an_error_that_names_it) {
  fs::remove_all(state_);
  EXPECT_THAT(refusal(), HasSubstr(state_.string()));
}

TEST_F(hash_secret_test, each_purpose_has_a_key_of_its_own) {
  const auto secret = *open_or_create_hash_secret(state_);
  EXPECT_EQ(derived_key(secret, "transcripts"), derived_key(secret, "transcripts"));
  EXPECT_NE(derived_key(secret, "transcripts"), derived_key(secret, "accounts"));
  EXPECT_NE(derived_key(secret, "transcripts"), derived_key(hash_secret{}, "transcripts"));
}

}  // namespace
}  // namespace app
