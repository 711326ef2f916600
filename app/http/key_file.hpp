#pragma once

// The key of the API that exists by default: made at the service's first start in the state directory, readable by its
// user alone. The commands of that user read it by themselves; `zerogravity key` shows and replaces it.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <boost/system/result.hpp>

namespace app {

/// Keys shorter than this can be guessed.
inline constexpr std::size_t min_api_key = 16;

std::filesystem::path api_key_file(const std::filesystem::path& state_dir);

/// Why not, for a person: names the file, its owner and mode where these are wrong, and the command that mends it.
struct bad_key_file {
  std::string why;
};

struct stored_api_key {
  std::string key;
  std::uint32_t owner = 0;  // of the file
  bool made = false;        // just now
};

/// Refused: a file that others may read or write, that is neither ours nor (for root) anybody's, or that holds no key.
boost::system::result<stored_api_key, bad_key_file> read_api_key_file(const std::filesystem::path& state_dir);

/// Makes the file where there is none: 32 random bytes, as text.
boost::system::result<stored_api_key, bad_key_file> open_or_create_api_key(const std::filesystem::path& state_dir);

/// Another key in its place; a running service takes it at its next start.
boost::system::result<stored_api_key, bad_key_file> replace_api_key(const std::filesystem::path& state_dir);

}  // namespace app
