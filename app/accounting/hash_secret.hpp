#pragma once

// The key of the hashes that the ledger keeps in place of texts: with it, two texts can be told to be equal; without
// it, a text cannot be guessed from its hash. Made once, in the state directory, readable only by the service's user.
// Read at the start, before any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace app {

using hash_secret = std::array<unsigned char, 32>;

/// Why it failed, for a person: the file, and the command that fixes it.
struct bad_hash_key {
  std::string why;
};

std::filesystem::path hash_key_file(const std::filesystem::path& state_dir);

/// Makes the file of random bytes if there is none. Refuses one that others may read or write, that is not ours (root
/// may read anybody's), or that has another size.
boost::system::result<hash_secret, bad_hash_key> open_or_create_hash_secret(const std::filesystem::path& state_dir);

/// The key of the hashes of one purpose, so that hashes of two purposes tell nothing of each other.
std::array<std::uint64_t, 2> derived_key(const hash_secret& secret, std::string_view purpose);

}  // namespace app
