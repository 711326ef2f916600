#include "app/config/mock_file.hpp"

#include <filesystem>
#include <memory>
#include <utility>

#include "app/base/text_file.hpp"
#include "app/config/config_value.hpp"

namespace app {
namespace {

std::string_view content_type_of(const std::filesystem::path& file) {
  const auto extension = file.extension();
  if (extension == ".json") return "application/json";
  if (extension == ".sse") return "text/event-stream";
  if (extension == ".txt") return "text/plain; charset=utf-8";
  return {};
}

}  // namespace

boost::system::result<rewrite::mock, mock_fault> read_mock_file(const std::string& path, std::size_t limit) {
  const std::filesystem::path file(path);
  const auto type = content_type_of(file);
  if (type.empty() || !file.is_absolute()) {
    return mock_fault{"expected the absolute path of a .json, .sse or .txt file; got " + toml_text(path)};
  }
  auto text = read_text_file(file, limit, "larger than " + toml_size(limit) + " (limits.rewrite_mock)");
  if (text.has_error()) return mock_fault{std::move(text.error().why)};
  return rewrite::mock{path, std::string(type), std::make_shared<const std::string>(std::move(*text)), 200};
}

}  // namespace app
