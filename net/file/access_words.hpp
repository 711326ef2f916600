#pragma once

// What to tell a person whose file cannot be used: its owner, its mode, who asks, and the command that mends it. For
// everything that opens a file of the state directory or one that the configuration names.

#include <filesystem>
#include <string>

namespace net {

enum class file_access { read, write };

/// "/x/usage.db belongs to root (uid 0), mode 0644; this program runs as zg (uid 999); run: sudo chown zg /x/usage.db".
/// What does not exist is looked for in its directory: may it be made there? Empty: nothing that can be seen from
/// outside speaks against it.
std::string access_words(const std::filesystem::path& file, file_access wanted);

/// "root (uid 0)"; a uid that has no name is a bare "uid 1234".
std::string user_words(unsigned uid);

/// The same for a file whose owner or mode is not as it must be although it can be opened: who owns it, and `command`.
std::string owner_words(const std::filesystem::path& file, const std::string& command);

/// "12 KiB are free on the file system of /x"; empty if that cannot be asked.
std::string free_space_words(const std::filesystem::path& file);

/// Quoted for a shell where that is needed.
std::string shell_word(const std::filesystem::path& file);

}  // namespace net
