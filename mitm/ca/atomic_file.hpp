#pragma once

// Writes small files safely against other users: beside the final path (O_EXCL, O_NOFOLLOW), synced, then renamed. A
// reader sees the old content or the new, never a part, and links are never followed.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "mitm/ca/ca_error.hpp"

namespace mitm {

inline constexpr std::size_t max_small_file = 16 * 1024 * 1024;  // bytes; larger ones are refused

enum class existing_file { replace, keep };

/// False: the file exists and was to be kept. Refuses a directory that somebody else owns or may write to (sticky ones
/// such as /tmp are fine), a path through somebody else's link, and a target that is a link, not a regular file, or not
/// ours.
ca_result<bool> write_atomically(const std::filesystem::path& path, std::string_view content, mode_t mode,
                                 existing_file existing = existing_file::replace);

struct small_file {
  std::string content;
  uid_t owner = 0;
  mode_t mode = 0;  // permission bits only
};

enum class links { follow, refuse };

ca_result<small_file> read_small_file(const std::filesystem::path& path, links policy);

/// Creates the directory and missing parents with mode 0755 at most.
ca_result<void> make_directory(const std::filesystem::path& path);

/// True if anything exists at the path, even a dangling link.
bool is_present(const std::filesystem::path& path);

}  // namespace mitm
