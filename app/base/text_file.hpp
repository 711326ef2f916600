#pragma once

// Reads small files that a user names.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace app {

/// The reason, beginning with the file's name.
struct unread_file {
  std::string why;
};

/// Errors: unreadable, or more than `limit` bytes, for which the message is `too_large` ("larger than 1 MiB, …").
boost::system::result<std::string, unread_file> read_text_file(const std::filesystem::path& file, std::uintmax_t limit,
                                                               std::string_view too_large);

}  // namespace app
