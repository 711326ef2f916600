#include "mitm/ca/atomic_file.hpp"

#include <cerrno>
#include <random>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/descriptor.hpp"
#include "net/file/access_words.hpp"

namespace mitm {
namespace {

namespace fs = std::filesystem;

/// A new file beside the final one. It is removed unless it was moved there.
class new_file {
 public:
  new_file(int directory, const std::string& final_name)
      : directory_(directory),
        name_("." + final_name + "." + std::to_string(std::random_device{}()) + ".new"),
        fd_(::openat(directory, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) {}
  ~new_file() {
    if (fd_.get() >= 0 && !moved_) ::unlinkat(directory_, name_.c_str(), 0);
  }
  new_file(const new_file&) = delete;
  new_file& operator=(const new_file&) = delete;

  int get() const noexcept { return fd_.get(); }

  bool replace(const std::string& final_name) {
    moved_ = ::renameat(directory_, name_.c_str(), directory_, final_name.c_str()) == 0;
    return moved_;
  }

  /// Unlike a rename, a link fails where something is in its place.
  bool appear_as(const std::string& final_name) const {
    return ::linkat(directory_, name_.c_str(), directory_, final_name.c_str(), 0) == 0;
  }

 private:
  int directory_;
  std::string name_;
  net::descriptor fd_;
  bool moved_ = false;
};

ca_error refusal(const fs::path& path, std::string_view why) {
  return {path.string() + ": refused, " + std::string(why)};
}

bool is_trusted(uid_t owner) {
  return owner == 0 || owner == ::geteuid();
}

std::string giving_words(const fs::path& path) {
  return net::owner_words(path, "sudo chown " + std::to_string(::geteuid()) + " " + net::shell_word(path));
}

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

ca_result<void> check_links(const fs::path& directory) {
  fs::path prefix;
  for (const fs::path& component : directory) {
    prefix /= component;
    struct stat found{};
    if (::lstat(prefix.c_str(), &found) != 0) return file_error(prefix, errno);
    if (S_ISLNK(found.st_mode) && !is_trusted(found.st_uid)) {
      return refusal(prefix, "it is a symbolic link made by user " + std::to_string(found.st_uid));
    }
  }
  return {};
}

ca_result<net::descriptor> open_directory(const fs::path& path) {
  if (auto checked = check_links(path); !checked) return checked.error();
  net::descriptor opened{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  struct stat found{};
  if (opened.get() < 0 || ::fstat(opened.get(), &found) != 0) return file_error(path, errno);
  if (!is_trusted(found.st_uid)) {
    return refusal(path, "the directory belongs to user " + std::to_string(found.st_uid) + "; " + giving_words(path));
  }
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (found.st_mode & S_ISVTX) == 0) {
    return refusal(path, "others may write to the directory; run: chmod go-w " + path.string());
  }
  return opened;
}

ca_result<void> check_target(int directory, const fs::path& path) {
  struct stat found{};
  if (::fstatat(directory, path.filename().c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};
    return file_error(path, errno);
  }
  if (S_ISLNK(found.st_mode)) return refusal(path, "it is a symbolic link; remove it");
  if (!S_ISREG(found.st_mode)) return refusal(path, "it is not a regular file");
  if (found.st_uid != ::geteuid())
    return refusal(path, "it belongs to user " + std::to_string(found.st_uid) + "; " + giving_words(path));
  return {};
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

ca_result<bool> move_into_place(new_file& file, const fs::path& path, existing_file existing) {
  const std::string name = path.filename();
  if (existing == existing_file::keep) {
    if (file.appear_as(name)) return true;
    if (errno == EEXIST) return false;
  } else if (file.replace(name)) {
    return true;
  }
  return system_error(path.string(), errno);
}

}  // namespace

ca_result<bool> write_atomically(const fs::path& path, std::string_view content, mode_t mode, existing_file existing) {
  auto directory = open_directory(directory_of(path));
  if (!directory) return directory.error();
  if (auto target = check_target(directory->get(), path); !target) return target.error();
  new_file file{directory->get(), path.filename()};
  if (file.get() < 0) return file_error(path, errno, "cannot create a file beside it");
  const bool written = write_all(file.get(), content) && ::fchmod(file.get(), mode) == 0 && ::fsync(file.get()) == 0;
  if (!written) return file_error(path, errno, "cannot write");
  auto moved = move_into_place(file, path, existing);
  // Fails on file systems without directory syncs; the file itself is safe.
  if (moved) ::fsync(directory->get());
  return moved;
}

ca_result<small_file> read_small_file(const fs::path& path, links policy) {
  // O_NONBLOCK: a pipe planted in place of the file must not block us.
  const int nofollow = policy == links::refuse ? O_NOFOLLOW : 0;
  const net::descriptor opened{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | nofollow)};
  if (opened.get() < 0 && errno == ELOOP) return refusal(path, "it is a symbolic link");
  struct stat found{};
  if (opened.get() < 0 || ::fstat(opened.get(), &found) != 0) return file_error(path, errno);
  if (!S_ISREG(found.st_mode)) return refusal(path, "it is not a regular file");
  small_file file{{}, found.st_uid, found.st_mode & 07777};
  char block[16 * 1024];
  for (ssize_t got = 0; (got = ::read(opened.get(), block, sizeof block)) != 0;) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error(path, errno);
    file.content.append(block, static_cast<std::size_t>(got));
    if (file.content.size() > max_small_file) return refusal(path, "it is larger than 16 MiB");
  }
  return file;
}

ca_result<void> make_directory(const fs::path& path) {
  std::error_code failed;
  if (fs::is_directory(path, failed)) return {};
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), failed);
  if (failed) return ca_error{path.parent_path().string() + ": " + failed.message()};
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return file_error(path, errno, "cannot be made");
  return {};
}

bool is_present(const fs::path& path) {
  struct stat found{};
  return ::lstat(path.c_str(), &found) == 0;
}

}  // namespace mitm
