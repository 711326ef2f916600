#include "app/http/key_file.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <openssl/rand.h>
#include <unistd.h>

#include "mitm/ca/atomic_file.hpp"
#include "net/text/hex.hpp"

namespace app {
namespace {

constexpr mode_t private_mode = 0600;
constexpr std::size_t random_bytes = 32;

using stored_or_not = boost::system::result<stored_api_key, bad_key_file>;

std::string octal_mode(mode_t mode) {
  std::string text = "0000";
  for (auto place = text.rbegin(); place != text.rend(); ++place, mode >>= 3)
    *place = static_cast<char>('0' + (mode & 7));
  return text;
}

/// The prefix lets secret scanners recognise a leaked key.
std::optional<std::string> new_key() {
  std::array<unsigned char, random_bytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return std::nullopt;
  return "zg-" + net::text::to_hex(bytes);
}

bad_key_file mended_by_hand(const std::filesystem::path& file, const std::string& what) {
  return {file.string() + ": " + what + "; to have a new key: rm " + file.string() + " and start the service again"};
}

stored_or_not usable_key(const std::filesystem::path& file, const mitm::small_file& found) {
  if (found.owner != ::geteuid() && ::geteuid() != 0) {
    return bad_key_file{file.string() + ": the API's key belongs to user " + std::to_string(found.owner) +
                        ", and the service runs as user " + std::to_string(::geteuid()) + "; run: sudo chown " +
                        std::to_string(::geteuid()) + ' ' + file.string()};
  }
  if ((found.mode & 077) != 0) {
    return bad_key_file{file.string() + ": the API's key of user " + std::to_string(found.owner) + " has mode " +
                        octal_mode(found.mode) + ", so others may have read it; run: rm " + file.string() +
                        " (the next start makes a new one), or chmod 600 " + file.string() + " to keep it"};
  }
  auto key = found.content;
  if (key.ends_with('\n')) key.pop_back();
  const bool printable = std::ranges::all_of(key, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (key.size() < min_api_key || key.size() > 4096 || !printable) {
    return mended_by_hand(file, "holds no key: one line of at least " + std::to_string(min_api_key) +
                                    " printable characters without spaces is expected");
  }
  return stored_api_key{std::move(key), found.owner};
}

stored_or_not write_new(const std::filesystem::path& state_dir, mitm::existing_file existing) {
  const auto file = api_key_file(state_dir);
  auto key = new_key();
  if (!key) return bad_key_file{file.string() + ": no random bytes for the API's key could be had"};
  const auto written = mitm::write_atomically(file, *key + '\n', private_mode, existing);
  if (!written) return bad_key_file{written.error().message};
  if (!*written) return read_api_key_file(state_dir);  // another process was faster
  return stored_api_key{std::move(*key), ::geteuid(), true};
}

}  // namespace

std::filesystem::path api_key_file(const std::filesystem::path& state_dir) {
  return state_dir / "api-key";
}

stored_or_not read_api_key_file(const std::filesystem::path& state_dir) {
  const auto file = api_key_file(state_dir);
  const auto found = mitm::read_small_file(file, mitm::links::refuse);
  if (!found) return bad_key_file{found.error().message};
  return usable_key(file, *found);
}

stored_or_not open_or_create_api_key(const std::filesystem::path& state_dir) {
  if (mitm::is_present(api_key_file(state_dir))) return read_api_key_file(state_dir);
  return write_new(state_dir, mitm::existing_file::keep);
}

stored_or_not replace_api_key(const std::filesystem::path& state_dir) {
  return write_new(state_dir, mitm::existing_file::replace);
}

}  // namespace app
