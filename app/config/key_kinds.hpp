#pragma once

// What kinds of keys there are: each makes one from its name, the place of its value in the configuration and its
// meaning. For the sources of the key table only.

#include <concepts>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "app/config/config_keys.hpp"

namespace app {

using key_list = std::vector<config_key>;

// The groups that have a source of their own.
void add_api(key_list& keys);
void add_limits(key_list& keys);
void add_language_server(key_list& keys);
void add_openai(key_list& keys);

// The longest duration that still means something; it also keeps sums of time points far from overflow.
inline constexpr duration_range any_duration{std::chrono::milliseconds(1), std::chrono::hours(24 * 30)};
inline constexpr std::string_view a_duration =
    "a duration from 1ms to 30d, such as \"500ms\", \"10s\", \"5m\" or \"1h\"";
inline constexpr std::string_view a_path = "an absolute path";
inline constexpr std::string_view addresses =
    "addresses such as \"127.0.0.1:8741\", \"[::1]:8741\" or \":8741\" (all addresses)";

template <class Place, class Read, class Write>
config_key any_key(std::string name, std::string expected, std::string meaning, Place place, Read read, Write write) {
  config_key key{std::move(name), std::move(expected), std::move(meaning), false, {}, {}};
  key.read = [=](config& into, const setting_value& value) -> std::optional<refused> {
    auto got = read(value);
    if (got.has_error()) return got.error();
    using target = std::remove_reference_t<decltype(place(into))>;
    if constexpr (std::integral<target>) {
      place(into) = static_cast<target>(*got);
    } else {
      place(into) = std::move(*got);
    }
    return std::nullopt;
  };
  // The place is only read here; a second, const accessor per key would be one more thing to get wrong.
  key.write = [=](const config& from) { return write(place(const_cast<config&>(from))); };
  return key;
}

template <class Place>
config_key duration_key(std::string name, Place place, std::string meaning) {
  return any_key(
      std::move(name), std::string(a_duration), std::move(meaning), place,
      [](const setting_value& value) { return read_duration(value, any_duration); }, toml_duration);
}

template <class Place>
config_key size_key(std::string name, integer_range allowed, Place place, std::string meaning) {
  std::string expected =
      "a size from " + toml_size(allowed.min) + " to " + toml_size(allowed.max) + ", such as \"64KiB\"";
  return any_key(
      std::move(name), std::move(expected), std::move(meaning), place,
      [allowed](const setting_value& value) { return read_size(value, allowed); }, toml_size);
}

template <class Place>
config_key count_key(std::string name, integer_range allowed, Place place, std::string meaning) {
  std::string expected = "a whole number from " + std::to_string(allowed.min) + " to " + std::to_string(allowed.max);
  return any_key(
      std::move(name), std::move(expected), std::move(meaning), place,
      [allowed](const setting_value& value) { return read_integer(value, allowed); },
      [](std::uint64_t number) { return std::to_string(number); });
}

template <class Place>
config_key path_key(std::string name, Place place, std::string meaning) {
  return any_key(std::move(name), std::string(a_path), std::move(meaning), place, read_path,
                 [](const std::filesystem::path& path) { return toml_text(path.native()); });
}

template <class Place>
config_key endpoints_key(std::string name, Place place, std::string meaning) {
  return any_key(std::move(name), std::string(addresses), std::move(meaning), place, read_endpoints, toml_endpoints);
}

template <class Place>
config_key switch_key(std::string name, Place place, std::string meaning) {
  return any_key(std::move(name), "true or false", std::move(meaning), place, read_boolean,
                 [](bool value) { return std::string(value ? "true" : "false"); });
}

template <class Place>
config_key text_key(std::string name, std::string expected, Place place, std::string meaning) {
  return any_key(std::move(name), std::move(expected), std::move(meaning), place, read_text,
                 [](const std::string& text) { return toml_text(text); });
}

}  // namespace app
