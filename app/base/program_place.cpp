#include "app/base/program_place.hpp"

#include <system_error>

namespace app {

namespace fs = std::filesystem;

std::string script_beside(const fs::path& program, const fs::path& here, std::string_view name) {
  for (auto folder = program.parent_path(); folder.has_relative_path(); folder = folder.parent_path()) {
    const auto script = folder / "scripts" / name;
    std::error_code absent;
    // Any project may have a folder called scripts; ours has the sources beside it.
    if (!fs::is_regular_file(script, absent) || !fs::is_directory(folder / "app" / "scope", absent)) continue;
    return folder == here ? "scripts/" + std::string(name) : script.string();
  }
  return {};
}

std::string script_to_type(std::string_view name) {
  std::error_code unknown;
  return script_beside(fs::read_symlink("/proc/self/exe", unknown), fs::current_path(unknown), name);
}

}  // namespace app
