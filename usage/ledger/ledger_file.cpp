#include "usage/ledger/ledger_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/file/access_words.hpp"
#include "usage/ledger/schema.hpp"
#include "usage/ledger/sqlite_failure.hpp"

namespace usage {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse_file(const std::string& words) {
  throw sqlite_failure(SQLITE_CANTOPEN, words);
}

std::string_view kind_words(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

bool is_trusted_owner(uid_t owner) {
  return owner == 0 || owner == ::geteuid();
}

/// A link is followed if it belongs to us or root, and leads to a file of ours in a directory where no other user can
/// replace that file.
fs::path resolved(const fs::path& named) {
  struct stat found{};
  if (::lstat(named.c_str(), &found) != 0 || !S_ISLNK(found.st_mode)) return named;
  if (!is_trusted_owner(found.st_uid))
    refuse_file("it is a symbolic link of another user: " + net::owner_words(named, "rm " + net::shell_word(named)));
  std::error_code error;
  const fs::path target = fs::canonical(named, error);
  if (error) refuse_file("it is a symbolic link that leads nowhere; run: rm " + net::shell_word(named));
  const fs::path directory = target.parent_path();
  if (::stat(target.c_str(), &found) == 0 && !is_trusted_owner(found.st_uid))
    refuse_file("it is a symbolic link to a file of another user: " +
                net::owner_words(target, "rm " + net::shell_word(named)));
  if (::stat(directory.c_str(), &found) != 0) refuse_file(directory.string() + ": " + std::strerror(errno));
  const bool others_write = (found.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (found.st_mode & S_ISVTX) == 0;
  if (others_write || !is_trusted_owner(found.st_uid))
    refuse_file("it is a symbolic link into a directory that others may change: " +
                net::owner_words(directory, "chmod go-w " + net::shell_word(directory)));
  return target;
}

/// SQLite would create the file readable for everybody.
void create_private(const fs::path& file) {
  const net::descriptor made(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (made.get() < 0 && errno != EEXIST)
    throw sqlite_failure(errno == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN, std::strerror(errno));
}

/// If the mode of our own file keeps us out, the mode is restored.
void mend_mode(const fs::path& file) {
  struct stat found{};
  if (::lstat(file.c_str(), &found) != 0) return;
  constexpr mode_t needed = S_IRUSR | S_IWUSR;
  if (!S_ISREG(found.st_mode) || found.st_uid != ::geteuid() || (found.st_mode & needed) == needed) return;
  std::error_code ignored;
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write, ignored);
}

/// Decided by the first bytes, before anything in a foreign file is changed.
bool looks_like_ledger(const fs::path& file) {
  const net::descriptor opened(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::array<unsigned char, 72> head{};
  const ssize_t got = ::read(opened.get(), head.data(), head.size());
  if (got == 0) return true;
  std::uint32_t id = 0;
  for (int i = 68; i < 72; ++i) id = id << 8 | head[static_cast<std::size_t>(i)];
  return got == static_cast<ssize_t>(head.size()) && id == ledger_application_id;
}

fs::path prepared_file(const fs::path& named) {
  fs::path file = resolved(named);
  create_private(file);
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) refuse_file(std::strerror(errno));
  if (!S_ISREG(found.st_mode))
    refuse_file("it is " + std::string(kind_words(found.st_mode)) +
                " and not a file; move it away, or set ledger.file");
  const bool hidden = found.st_uid == ::geteuid() && (found.st_mode & S_IWUSR) == 0 && (found.st_mode & S_IRUSR) != 0;
  if (hidden && looks_like_ledger(file)) mend_mode(file);
  for (const fs::path& beside : {log_of(file), log_index_of(file)}) {
    mend_mode(beside);
    if (::lstat(beside.c_str(), &found) != 0) continue;
    if (const auto words = net::access_words(beside, net::file_access::write); !words.empty()) refuse_file(words);
  }
  return file;
}

int open_lock(const fs::path& file) {
  const std::string name = file.string() + ".lock";
  const int opened = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  struct stat owner{};
  // A repair by root must not lock out the ledger's user.
  if (opened >= 0 && ::geteuid() == 0 && ::stat(file.c_str(), &owner) == 0 && owner.st_uid != 0)
    static_cast<void>(::fchown(opened, owner.st_uid, owner.st_gid) == 0);
  return opened;
}

}  // namespace

ledger_lock::ledger_lock(const fs::path& file, kind wanted) : held_(open_lock(file)) {
  // If no lock can be created, nothing can be written either.
  if (held_.get() < 0) return;
  const int how = wanted == kind::shared ? LOCK_SH : LOCK_EX;
  if (::flock(held_.get(), how | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  throw sqlite_failure(SQLITE_BUSY, wanted == kind::shared
                                        ? "it is being repaired"
                                        : "a running service or `zerogravity run` writes to it; end that first");
}

ledger_file::ledger_file(const fs::path& named)
    : path_(prepared_file(named)),
      lock_(path_, ledger_lock::kind::shared),
      open_(::open(path_.c_str(), O_PATH | O_CLOEXEC)) {
  if (open_.get() < 0) refuse_file(std::strerror(errno));
}

ledger_file::identity ledger_file::identity_of(const fs::path& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return {};
  return {found.st_dev, found.st_ino};
}

void ledger_file::remember() {
  struct stat found{};
  if (::fstat(open_.get(), &found) == 0) file_ = {found.st_dev, found.st_ino};
  log_ = identity_of(log_of(path_));
  index_ = identity_of(log_index_of(path_));
}

ledger_file::place ledger_file::look() const {
  struct stat found{};
  if (::stat(path_.c_str(), &found) != 0) return errno == ENOENT || errno == ENOTDIR ? place::gone : place::same;
  if (identity{found.st_dev, found.st_ino} != file_) return place::replaced;
  if (found.st_size == 0) return place::emptied;
  const bool log_there = identity_of(log_of(path_)) == log_ && identity_of(log_index_of(path_)) == index_;
  return log_there ? place::same : place::log_moved;
}

bool ledger_file::nameless() const {
  struct stat found{};
  return ::fstat(open_.get(), &found) == 0 && found.st_nlink == 0;
}

void ledger_file::remove_log() const {
  std::error_code ignored;
  if (log_.inode != 0 && identity_of(log_of(path_)) == log_) fs::remove(log_of(path_), ignored);
  if (index_.inode != 0 && identity_of(log_index_of(path_)) == index_) fs::remove(log_index_of(path_), ignored);
}

fs::path log_of(const fs::path& file) {
  return file.string() + "-wal";
}

fs::path log_index_of(const fs::path& file) {
  return file.string() + "-shm";
}

fs::path pending_of(const fs::path& file) {
  return file.string() + ".pending";
}

void remove_ledger(const fs::path& file) {
  std::error_code ignored;
  for (const char* ending : {"-shm", "-wal", "", ".lock"}) fs::remove(file.string() + ending, ignored);
}

}  // namespace usage
