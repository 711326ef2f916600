#pragma once

// The default API key: created in the state directory at the service's first start, readable only by its user. That
// user's commands read it automatically; `zerogravity key` shows and replaces it.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <boost/system/result.hpp>

namespace app {

/// Keys shorter than this can be guessed.
inline constexpr std::size_t min_api_key = 16;

std::filesystem::path api_key_file(const std::filesystem::path& state_dir);

/// Why it failed, for a person: the file, its owner and mode if these are wrong, and the command that fixes it.
struct bad_key_file {
  std::string why;
};

struct stored_api_key {
  std::string key;
  std::uint32_t owner = 0;  // of the file
  bool made = false;        // created by this call
};

/// Refuses a file that others may read or write, that is not ours (root may read anybody's), or that holds no key.
boost::system::result<stored_api_key, bad_key_file> read_api_key_file(const std::filesystem::path& state_dir);

/// Creates the file if there is none: 32 random bytes, as text.
boost::system::result<stored_api_key, bad_key_file> open_or_create_api_key(const std::filesystem::path& state_dir);

/// Replaces the key. A running service uses it from its next start.
boost::system::result<stored_api_key, bad_key_file> replace_api_key(const std::filesystem::path& state_dir);

}  // namespace app
