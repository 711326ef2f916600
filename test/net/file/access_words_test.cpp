#include "net/file/access_words.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace net {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr unsigned somebody = 61'234;  // a uid without a name

class access_words_of : public ::testing::Test {
 protected:
  access_words_of() {
    std::string name = (fs::temp_directory_path() / "access-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    fs::permissions(directory_, fs::perms::all);
  }
  ~access_words_of() override { fs::remove_all(directory_); }

  /// What a user without privileges is told.
  std::string told(const fs::path& file, file_access wanted) const {
    const fs::path answer = directory_ / "answer";
    const pid_t child = ::fork();
    if (child == 0) {
      std::ofstream out(answer);
      if (::geteuid() == 0 && (::setgid(somebody) != 0 || ::setuid(somebody) != 0)) ::_exit(1);
      out << access_words(file, wanted) << std::flush;
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    std::ifstream in(answer);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  fs::path make(const char* name, mode_t mode) const {
    const fs::path file = directory_ / name;
    std::ofstream(file) << "x";
    ::chmod(file.c_str(), mode);
    return file;
  }

  fs::path directory_;
};

TEST_F(access_words_of, nothing_is_said_of_a_file_that_can_be_used) {
  EXPECT_EQ(access_words(make("file", 0600), file_access::write), "");
  EXPECT_EQ(access_words(directory_ / "new", file_access::write), "");
}

TEST_F(access_words_of, another_users_file_is_told_with_owner_mode_and_command) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root has files that others cannot read";
  const auto file = make("file", 0600);
  EXPECT_EQ(told(file, file_access::read),
            file.string() + " belongs to root (uid 0), mode 0600; this program runs as uid " +
                std::to_string(somebody) + "; run: sudo chown " + std::to_string(somebody) + " " + file.string());
}

TEST_F(access_words_of, nobody_is_told_to_give_away_what_is_the_systems) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can ask as somebody else";
  for (const char* path :
       {"/etc/usage.db", "/etc/shadow", "/var/lib/zg", "/zg", "/usr/bin/zg", "/dev/sda-none", "/root/zg", "/home/zg"}) {
    const auto words = told(path, file_access::write);
    EXPECT_THAT(words, HasSubstr("choose another path")) << path;
    EXPECT_THAT(words, ::testing::Not(HasSubstr("sudo"))) << path;
  }
}

TEST_F(access_words_of, a_file_of_ours_gets_its_mode_back) {
  const auto file = make("file", 0400);
  if (::geteuid() == 0) ASSERT_EQ(::chown(file.c_str(), somebody, somebody), 0);
  EXPECT_THAT(told(file, file_access::write), HasSubstr("mode 0400"));
  EXPECT_THAT(told(file, file_access::write), HasSubstr("run: chmod u+rw " + file.string()));
  EXPECT_EQ(told(file, file_access::read), "");
}

TEST_F(access_words_of, a_new_file_is_refused_by_its_directory_and_a_hidden_one_by_the_one_that_hides_it) {
  fs::create_directory(directory_ / "closed");
  ::chmod((directory_ / "closed").c_str(), 0);
  if (::geteuid() == 0) ASSERT_EQ(::chown((directory_ / "closed").c_str(), somebody, somebody), 0);
  const auto closed = (directory_ / "closed").string();
  EXPECT_THAT(told(closed + "/new", file_access::write), HasSubstr(closed + " belongs to"));
  EXPECT_THAT(told(closed + "/inner/file", file_access::read), HasSubstr("run: chmod u+rwx " + closed));
  ::chmod((directory_ / "closed").c_str(), 0700);
}

TEST_F(access_words_of, what_is_missing_is_named) {
  EXPECT_EQ(access_words(directory_ / "none", file_access::read),
            "No such file or directory: " + (directory_ / "none").string());
  EXPECT_EQ(
      access_words(directory_ / "no/where", file_access::write),
      "No such file or directory: " + (directory_ / "no").string() + "; run: mkdir -p " + (directory_ / "no").string());
  EXPECT_EQ(access_words(make("file", 0600) / "below", file_access::read),
            (directory_ / "file").string() + " is not a directory");
}

TEST_F(access_words_of, a_command_can_be_pasted_whatever_the_files_name) {
  EXPECT_EQ(shell_word("/var/lib/usage.db"), "/var/lib/usage.db");
  EXPECT_EQ(shell_word("/tmp/it's; rm -rf x"), "'/tmp/it'\\''s; rm -rf x'");
}

}  // namespace
}  // namespace net
