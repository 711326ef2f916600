#pragma once

// The command line of a language server: where its program usually is, the flags of its builds, and the template that
// the configuration may give instead. Pure, except that it checks whether a file exists.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

namespace cascade {

using command_template = std::vector<std::string>;

/// The values of {name} placeholders.
using placeholder_values = std::map<std::string, std::string, std::less<>>;

/// The command with every {name} replaced, or the first unknown name. Braces around anything but lower-case
/// letters and underscores are left alone.
boost::system::result<command_template, std::string> expand(const command_template& command,
                                                            const placeholder_values& values);

bool mentions(const command_template& command, std::string_view placeholder);

/// Flags differ between builds, and a build exits at once on an unknown flag; the next attempt then uses the next form.
/// The program is {language_server}.
const std::vector<command_template>& usual_commands();

/// The program in the places that the editor's packages use; `home` holds the remote editor's.
std::optional<std::filesystem::path> find_language_server(const std::filesystem::path& root,
                                                          const std::filesystem::path& home);

}  // namespace cascade
