#include "app/base/text_file.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace app {

boost::system::result<std::string, unread_file> read_text_file(const std::filesystem::path& file, std::uintmax_t limit,
                                                               std::string_view too_large) {
  const auto refused = [&file](std::string_view why) { return unread_file{file.native() + ": " + std::string(why)}; };
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) return refused(error.message());
  if (size > limit) return refused(too_large);
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return refused(std::generic_category().message(errno));
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) return refused("cannot be read");
  // In place, because the failure could be constructed from a string as well.
  return {boost::system::in_place_value, std::move(text)};
}

}  // namespace app
