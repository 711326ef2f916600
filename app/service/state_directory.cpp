#include "app/service/state_directory.hpp"

#include <string>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "net/file/access_words.hpp"

namespace app {
namespace {

startup_failure bad_state(std::string message) {
  return {exit_code::bad_state, std::move(message)};
}

}  // namespace

startup_result<void> make_state_directory(const std::filesystem::path& directory) {
  namespace fs = std::filesystem;
  std::error_code error;
  constexpr auto of_others = fs::perms::group_write | fs::perms::others_write;
  if (fs::create_directories(directory, error)) fs::permissions(directory, of_others, fs::perm_options::remove, error);
  if (!error && fs::is_directory(directory, error)) {
    const auto mode = fs::status(directory, error).permissions();
    if ((mode & of_others) == fs::perms::none || (mode & fs::perms::sticky_bit) != fs::perms::none) return {};
    return bad_state("others may write to the state directory " + directory.string() +
                     " (state_dir), and so replace the CA and the ledger; " +
                     net::owner_words(directory, "chmod go-w " + net::shell_word(directory)));
  }
  const auto words = net::access_words(directory, net::file_access::write);
  const auto making =
      "; to make it: sudo install -d -o " + std::to_string(::geteuid()) + " " + net::shell_word(directory);
  return bad_state("cannot use the state directory " + directory.string() + ": " +
                   (words.empty() ? error.message() : words) + " (state_dir)" +
                   (fs::exists(fs::symlink_status(directory, error)) ? std::string() : making));
}

startup_result<stored_api_key> api_key_of(const config& values) {
  if (!values.api.key.empty() || values.api.listen.empty()) return stored_api_key{values.api.key};
  auto stored = open_or_create_api_key(values.state_dir);
  if (!stored) return bad_state(stored.error().why);
  return std::move(*stored);
}

}  // namespace app
