#pragma once

// Values of the configuration. A setting_value is the text from a file, a variable or a flag. The readers turn it into
// durations, sizes, addresses and so on, and the toml_ functions turn those back into text. Pure. Driven by
// config_keys.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

#include "app/config/config.hpp"

namespace app {

struct setting_value {
  /// `untyped` comes from the environment or a flag, where numbers and lists are text.
  enum class kind_of : std::uint8_t { untyped, text, integer, boolean, list, section, other };

  kind_of kind = kind_of::untyped;
  std::vector<std::string>
      items;  // one item, except in a list; for `section` (an empty table) and `other`: the name of its type

  /// A repeated flag has several items, which are a list.
  static setting_value untyped(std::string text) { return {kind_of::untyped, {std::move(text)}}; }
};

/// A key with a value, as found in one place.
struct setting {
  std::string key;
  setting_value value;
  std::string origin;  // "/etc/zerogravity/config.toml:3:1", "ZEROGRAVITY_API_LISTEN" or "--api-listen"
};

/// Why a value was refused: "got 10 (a number has no unit)".
struct refused {
  refused() = default;
  refused(std::string_view found, std::string_view hint);

  std::string why;
};

template <class T>
using read_result = boost::system::result<T, refused>;

template <class T>
struct range {
  T min;
  T max;
};

using duration_range = range<std::chrono::milliseconds>;
using integer_range = range<std::uint64_t>;

read_result<std::string> read_text(const setting_value& value);
/// In the environment and in flags, a list is separated by commas, or written as in the file: ["a", "b"].
read_result<std::vector<std::string>> read_list(const setting_value& value);
read_result<std::uint64_t> read_integer(const setting_value& value, integer_range allowed);
/// "500ms", "10s", "5m", "1h", "7d".
read_result<std::chrono::milliseconds> read_duration(const setting_value& value, duration_range allowed);
/// "512B", "64KiB", "10MiB", "2GiB".
read_result<std::uint64_t> read_size(const setting_value& value, integer_range allowed);
/// Absolute or empty. In flags and in the environment, a relative path is completed with the working directory. In
/// files it is refused.
read_result<std::filesystem::path> read_path(const setting_value& value);
/// "127.0.0.1:8741", "[::1]:8741", "localhost:8741" (both loopbacks), ":8741" (all addresses of both families).
read_result<endpoints> read_endpoints(const setting_value& value);
/// Like read_endpoints(), and also "unix:/run/zerogravity/api.sock".
read_result<api_addresses> read_api_addresses(const setting_value& value);
read_result<bool> read_boolean(const setting_value& value);
/// "name=model" pairs.
read_result<std::map<std::string, std::string>> read_aliases(const setting_value& value);

/// As TOML, which reads back as the same value.
std::string toml_text(std::string_view text);
std::string toml_list(const std::vector<std::string>& items);
std::string toml_duration(std::chrono::milliseconds duration);
std::string toml_size(std::uint64_t bytes);
std::string toml_endpoints(const endpoints& listen);
std::string toml_addresses(const api_addresses& listen);

}  // namespace app
