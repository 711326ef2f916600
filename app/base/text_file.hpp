#pragma once

// Small files that a user names, read whole.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace app {

/// Why not, in words that begin with the file's name.
struct unread_file {
  std::string why;
};

/// Errors: unreadable, or more than `limit` bytes, which `too_large` words ("larger than 1 MiB, …").
boost::system::result<std::string, unread_file> read_text_file(const std::filesystem::path& file, std::uintmax_t limit,
                                                               std::string_view too_large);

}  // namespace app
