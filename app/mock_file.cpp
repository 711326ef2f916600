#include "app/mock_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>

#include "app/config_value.hpp"

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
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) return mock_fault{path + ": " + error.message()};
  if (size > limit) return mock_fault{path + ": larger than " + toml_size(limit) + " (limits.rewrite_mock)"};
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return mock_fault{path + ": " + std::generic_category().message(errno)};
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) return mock_fault{path + ": cannot be read"};
  return rewrite::mock{path, std::string(type), std::make_shared<const std::string>(std::move(text)), 200};
}

}  // namespace app
