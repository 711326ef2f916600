#pragma once

// Explains to a person why a file cannot be used: its owner, its mode, who asks, and the command that fixes it. Used
// wherever a file of the state directory or one named in the configuration is opened.

#include <filesystem>
#include <string>

namespace net {

enum class file_access { read, write };

/// "/x/usage.db belongs to root (uid 0), mode 0644; this program runs as zg (uid 999); run: sudo chown zg /x/usage.db".
/// For a missing file, checks whether it may be created in its directory. Empty: no visible reason.
std::string access_words(const std::filesystem::path& file, file_access wanted);

/// "root (uid 0)"; a uid that has no name is a bare "uid 1234".
std::string user_words(unsigned uid);

/// The same for a file that can be opened but has the wrong owner or mode: who owns it, and `command`.
std::string owner_words(const std::filesystem::path& file, const std::string& command);

/// "12 KiB are free on the file system of /x"; empty if the system does not say.
std::string free_space_words(const std::filesystem::path& file);

/// Quoted for a shell where that is needed.
std::string shell_word(const std::filesystem::path& file);

}  // namespace net
