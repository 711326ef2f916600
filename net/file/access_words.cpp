#include "net/file/access_words.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace net {
namespace {

namespace fs = std::filesystem;

std::string name_of(unsigned uid) {
  std::array<char, 4096> room{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, room.data(), room.size(), &found) != 0 || found == nullptr) return {};
  return entry.pw_name;
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

std::string described(const fs::path& file, const struct stat& found) {
  return file.string() + " belongs to " + user_words(found.st_uid) + ", mode " + octal(found.st_mode) +
         "; this program runs as " + user_words(::geteuid());
}

/// Paths whose owner must not change: a suggested chown would give away the machine, or somebody's home.
bool belongs_to_the_system(const fs::path& file, const struct stat& found) {
  static constexpr std::array of_the_system{"bin",    "boot", "dev",  "etc", "lib",  "lib32", "lib64",
                                            "libx32", "proc", "root", "run", "sbin", "sys",   "usr"};
  std::error_code error;
  const auto whole = fs::weakly_canonical(file, error).relative_path();
  if (error || whole.empty()) return true;
  if (std::ranges::find(of_the_system, *whole.begin()) != of_the_system.end()) return true;
  return !S_ISREG(found.st_mode) && std::distance(whole.begin(), whole.end()) <= 2;  // /var/lib, /home/somebody
}

/// If we own the file, chmod grants the missing right; if others made it for us, chown makes it ours.
std::string mending(const fs::path& file, const struct stat& found) {
  const bool directory = S_ISDIR(found.st_mode);
  if (found.st_uid != ::geteuid() && belongs_to_the_system(file, found)) {
    return "choose another path, in a directory of " + user_words(::geteuid());
  }
  if (found.st_uid == ::geteuid())
    return std::string("run: chmod u+") + (directory ? "rwx " : "rw ") + shell_word(file);
  const std::string name = name_of(::geteuid());
  return "run: sudo chown " + (name.empty() ? std::to_string(::geteuid()) : name) + " " + shell_word(file);
}

fs::path directory_above(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

int rights(const struct stat& found, file_access wanted) {
  const int asked = wanted == file_access::write ? R_OK | W_OK : R_OK;
  return S_ISDIR(found.st_mode) ? asked | X_OK : asked;
}

std::string refused(const fs::path& file, const struct stat& found, int code) {
  if (code == EROFS) return file.string() + " is on a file system that is mounted read-only; mount it read-write";
  if (code == EPERM && !belongs_to_the_system(file, found)) {
    return file.string() + " is immutable; run: sudo chattr -i " + shell_word(file);
  }
  return described(file, found) + "; " + mending(file, found);
}

std::string about_existing(const fs::path& file, const struct stat& found, file_access wanted) {
  if (::faccessat(AT_FDCWD, file.c_str(), rights(found, wanted), AT_EACCESS) == 0) return {};
  return refused(file, found, errno);
}

}  // namespace

std::string user_words(unsigned uid) {
  const std::string name = name_of(uid);
  return name.empty() ? "uid " + std::to_string(uid) : name + " (uid " + std::to_string(uid) + ")";
}

std::string shell_word(const fs::path& file) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%";
  const std::string text = file.string();
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string access_words(const fs::path& file, file_access wanted) {
  struct stat found{};
  if (::stat(file.c_str(), &found) == 0) return about_existing(file, found, wanted);
  const int code = errno;
  const fs::path directory = directory_above(file);
  if (directory == file) return {};
  if (code == EACCES) return access_words(directory, file_access::read);  // a parent directory
  if (code == ENOTDIR) return directory.string() + " is not a directory";
  if (code != ENOENT) return file.string() + ": " + std::generic_category().message(code);
  if (::stat(directory.c_str(), &found) != 0) {
    if (errno != ENOENT) return access_words(directory, file_access::read);
    return "No such file or directory: " + directory.string() + "; run: mkdir -p " + shell_word(directory);
  }
  if (wanted == file_access::read) return "No such file or directory: " + file.string();
  return about_existing(directory, found, file_access::write);
}

std::string owner_words(const fs::path& file, const std::string& command) {
  struct stat found{};
  if (::lstat(file.c_str(), &found) != 0) return file.string() + ": " + std::generic_category().message(errno);
  return described(file, found) + "; run: " + command;
}

std::string free_space_words(const fs::path& file) {
  struct statvfs found{};
  const fs::path directory = directory_above(file);
  if (::statvfs(directory.c_str(), &found) != 0) return {};
  const auto kib = static_cast<unsigned long long>(found.f_bavail) * found.f_frsize / 1024;
  return std::to_string(kib) + " KiB are free on the file system of " + directory.string();
}

}  // namespace net
