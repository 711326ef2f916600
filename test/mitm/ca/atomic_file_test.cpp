#include "mitm/ca/atomic_file.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "test/mitm/ca/fixtures.hpp"

namespace mitm {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr uid_t somebody_else = 65534;

TEST(atomic_file, writes_content_and_mode_whatever_the_umask_and_leaves_nothing_beside) {
  const scratch_directory scratch;
  const mode_t before = ::umask(0077);
  const auto written = write_atomically(scratch / "file", "content", 0644);
  ::umask(before);
  EXPECT_TRUE(written.value());
  EXPECT_EQ(content_of(scratch / "file"), "content");
  EXPECT_EQ(mode_of(scratch / "file"), 0644u);
  EXPECT_THAT(files_in(scratch.path()), ElementsAre("file"));
}

TEST(atomic_file, an_old_file_is_replaced_and_its_open_readers_keep_the_old_content) {
  const scratch_directory scratch;
  write(scratch / "file", "old");
  std::ifstream reader{scratch / "file"};
  ASSERT_TRUE(write_atomically(scratch / "file", "new", 0600));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "old");
  EXPECT_EQ(content_of(scratch / "file"), "new");
}

TEST(atomic_file, a_file_to_be_kept_is_kept) {
  const scratch_directory scratch;
  write(scratch / "file", "old");
  EXPECT_FALSE(write_atomically(scratch / "file", "new", 0600, existing_file::keep).value());
  EXPECT_EQ(content_of(scratch / "file"), "old");
  EXPECT_THAT(files_in(scratch.path()), ElementsAre("file"));
}

TEST(atomic_file, a_symbolic_link_in_the_place_of_the_file_is_neither_followed_nor_replaced) {
  const scratch_directory scratch;
  write(scratch / "victim", "precious");
  fs::create_symlink(scratch / "victim", scratch / "file");
  const auto written = write_atomically(scratch / "file", "new", 0644);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("symbolic link"));
  EXPECT_EQ(content_of(scratch / "victim"), "precious");
  EXPECT_TRUE(fs::is_symlink(scratch / "file"));
}

TEST(atomic_file, a_dangling_link_is_refused_too) {
  const scratch_directory scratch;
  fs::create_symlink(scratch / "nowhere", scratch / "file");
  EXPECT_FALSE(write_atomically(scratch / "file", "new", 0644));
  EXPECT_FALSE(fs::exists(scratch / "nowhere"));
}

TEST(atomic_file, what_is_no_regular_file_is_refused) {
  const scratch_directory scratch;
  ASSERT_EQ(::mkfifo((scratch / "file").c_str(), 0600), 0);
  EXPECT_THAT(write_atomically(scratch / "file", "new", 0644).error().message, HasSubstr("not a regular file"));
  EXPECT_THAT(read_small_file(scratch / "file", links::refuse).error().message, HasSubstr("not a regular file"));
}

TEST(atomic_file, a_directory_others_may_write_to_is_refused_unless_it_is_sticky) {
  const scratch_directory scratch;
  ::chmod(scratch.path().c_str(), 0777);
  const auto refused = write_atomically(scratch / "file", "new", 0644);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("chmod go-w " + scratch.path().string()));
  ::chmod(scratch.path().c_str(), 01777);
  EXPECT_TRUE(write_atomically(scratch / "file", "new", 0644));
}

TEST(atomic_file, a_file_or_directory_of_somebody_else_is_refused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  const scratch_directory scratch;
  write(scratch / "file", "theirs");
  ASSERT_EQ(::chown((scratch / "file").c_str(), somebody_else, somebody_else), 0);
  EXPECT_THAT(write_atomically(scratch / "file", "new", 0644).error().message, HasSubstr("belongs to user 65534"));
  EXPECT_EQ(content_of(scratch / "file"), "theirs");
  ASSERT_EQ(::chown(scratch.path().c_str(), somebody_else, somebody_else), 0);
  EXPECT_THAT(write_atomically(scratch / "other", "new", 0644).error().message, HasSubstr("directory belongs to user"));
}

TEST(atomic_file, a_directory_reached_through_a_link_of_somebody_else_is_refused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give links away";
  const scratch_directory scratch;
  fs::create_directory(scratch / "real");
  fs::create_directory_symlink(scratch / "real", scratch / "link");
  EXPECT_TRUE(write_atomically(scratch / "link" / "file", "ours", 0644)) << "our own link is fine";
  ASSERT_EQ(::lchown((scratch / "link").c_str(), somebody_else, somebody_else), 0);
  EXPECT_THAT(write_atomically(scratch / "link" / "file", "new", 0644).error().message,
              HasSubstr("made by user 65534"));
  EXPECT_EQ(content_of(scratch / "real" / "file"), "ours");
}

TEST(atomic_file, a_missing_directory_is_an_error_that_names_it) {
  const scratch_directory scratch;
  const auto written = write_atomically(scratch / "missing" / "file", "new", 0644);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("missing: No such file or directory"));
}

TEST(atomic_file, reading_reports_owner_and_mode_and_follows_links_only_if_told) {
  const scratch_directory scratch;
  write(scratch / "file", "content");
  ::chmod((scratch / "file").c_str(), 0640);
  fs::create_symlink(scratch / "file", scratch / "link");
  const auto file = read_small_file(scratch / "link", links::follow).value();
  EXPECT_EQ(file.content, "content");
  EXPECT_EQ(file.mode, 0640u);
  EXPECT_EQ(file.owner, ::geteuid());
  EXPECT_THAT(read_small_file(scratch / "link", links::refuse).error().message, HasSubstr("symbolic link"));
}

TEST(atomic_file, a_file_beyond_the_limit_is_not_read) {
  const scratch_directory scratch;
  write(scratch / "file", "");
  fs::resize_file(scratch / "file", max_small_file + 1);
  EXPECT_THAT(read_small_file(scratch / "file", links::follow).error().message, HasSubstr("16 MiB"));
}

TEST(atomic_file, a_new_directory_is_not_writable_by_others_whatever_the_umask) {
  const scratch_directory scratch;
  const mode_t before = ::umask(0);
  const auto made = make_directory(scratch / "a" / "b");
  ::umask(before);
  ASSERT_TRUE(made);
  EXPECT_EQ(mode_of(scratch / "a" / "b"), 0755u);
  EXPECT_TRUE(make_directory(scratch / "a" / "b")) << "once more is fine";
}

}  // namespace
}  // namespace mitm
