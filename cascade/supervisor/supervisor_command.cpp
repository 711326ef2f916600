#include "cascade/supervisor/supervisor_command.hpp"

#include <algorithm>
#include <array>
#include <system_error>

namespace cascade {

namespace fs = std::filesystem;

namespace {

#if defined(__aarch64__)
constexpr std::string_view program = "language_server_linux_arm";
#else
constexpr std::string_view program = "language_server_linux_x64";
#endif

bool is_placeholder(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

boost::system::result<std::string, std::string> expand(std::string_view word, const placeholder_values& values) {
  std::string text;
  while (!word.empty()) {
    const auto open = std::min(word.find('{'), word.size());
    text += word.substr(0, open);
    word.remove_prefix(open);
    const auto close = word.find('}');
    const auto name = close == std::string_view::npos ? std::string_view() : word.substr(1, close - 1);
    if (word.empty()) break;
    if (!is_placeholder(name)) {
      text += word.front();
      word.remove_prefix(1);
      continue;
    }
    const auto value = values.find(name);
    if (value == values.end()) return {boost::system::in_place_error, name};
    text += value->second;
    word.remove_prefix(close + 1);
  }
  return {boost::system::in_place_value, std::move(text)};
}

std::optional<fs::path> program_in(const fs::path& folder) {
  for (const auto name : {program, std::string_view("language_server")}) {
    std::error_code absent;
    if (fs::is_regular_file(folder / name, absent)) return folder / name;
  }
  return std::nullopt;
}

/// The remote editor keeps one folder per version; the last in order is the newest.
std::vector<fs::path> remote_folders(const fs::path& home) {
  std::vector<fs::path> folders;
  std::error_code absent;
  for (fs::directory_iterator entry(home / ".antigravity-ide-server/bin", absent), end; !absent && entry != end;
       entry.increment(absent)) {
    folders.push_back(entry->path() / "extensions/antigravity/bin");
  }
  std::ranges::sort(folders, std::greater{});
  return folders;
}

}  // namespace

boost::system::result<command_template, std::string> expand(const command_template& command,
                                                            const placeholder_values& values) {
  command_template expanded;
  for (const auto& word : command) {
    auto text = expand(std::string_view(word), values);
    if (!text) return {boost::system::in_place_error, text.error()};
    expanded.push_back(std::move(*text));
  }
  return expanded;
}

bool mentions(const command_template& command, std::string_view placeholder) {
  const std::string text = "{" + std::string(placeholder) + "}";
  return std::ranges::any_of(command, [&](const std::string& word) { return word.find(text) != std::string::npos; });
}

const std::vector<command_template>& usual_commands() {
  static const std::vector<command_template> forms{
      // Ports chosen by the server, no editor to call back.
      {"{language_server}", "--standalone=true", "--https_server_port=0", "--extension_server_port=0",
       "--csrf_token={csrf_token}", "--cloud_code_endpoint={cloud_code_endpoint}", "--app_data_dir=antigravity",
       "--parent_pipe_path={parent_pipe}"},
      // "standalone" ends some builds at once.
      {"{language_server}", "--https_server_port=0", "--extension_server_port=0", "--csrf_token={csrf_token}",
       "--cloud_code_endpoint={cloud_code_endpoint}", "--app_data_dir=antigravity", "--parent_pipe_path={parent_pipe}"},
      // Before https_server_port had its name.
      {"{language_server}", "--enable_lsp", "--random_port", "--csrf_token={csrf_token}",
       "--cloud_code_endpoint={cloud_code_endpoint}", "--app_data_dir=antigravity", "--parent_pipe_path={parent_pipe}"},
  };
  return forms;
}

std::optional<fs::path> find_language_server(const fs::path& root, const fs::path& home) {
  static constexpr std::array<std::string_view, 2> packages{"usr/share/antigravity", "opt/Antigravity"};
  for (const auto package : packages) {
    if (auto found = program_in(root / package / "resources/app/extensions/antigravity/bin")) return found;
    if (auto found = program_in(root / package / "resources/bin")) return found;
  }
  for (const auto& folder : remote_folders(home)) {
    if (auto found = program_in(folder)) return found;
  }
  return std::nullopt;
}

}  // namespace cascade
