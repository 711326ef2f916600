#pragma once

// Small files that other users must be unable to steer: written beside their final place (O_EXCL, O_NOFOLLOW), synced,
// and moved there in one step, so a reader sees the old content or the new, never half, and no link is ever written
// through.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "mitm/ca/ca_error.hpp"

namespace mitm {

inline constexpr std::size_t max_small_file = 16 * 1024 * 1024;  // bytes; larger ones are refused

enum class existing_file { replace, keep };

/// False: the file exists and was to be kept. Refused: a directory that somebody else owns or may write to (sticky ones
/// such as /tmp are fine), a path through a link that somebody else owns, and a target that is a link, no regular file,
/// or not ours.
ca_result<bool> write_atomically(const std::filesystem::path& path, std::string_view content, mode_t mode,
                                 existing_file existing = existing_file::replace);

struct small_file {
  std::string content;
  uid_t owner = 0;
  mode_t mode = 0;  // permission bits only
};

enum class links { follow, refuse };

ca_result<small_file> read_small_file(const std::filesystem::path& path, links policy);

/// Creates the directory (0755 whatever the umask allows beyond it) and its parents where missing.
ca_result<void> make_directory(const std::filesystem::path& path);

/// The path exists, as anything, a dangling link included.
bool is_present(const std::filesystem::path& path);

}  // namespace mitm
