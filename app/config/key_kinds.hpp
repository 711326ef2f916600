#pragma once

// The kinds of configuration values. Each kind knows how a value is read and printed, and what is expected. Only
// config_keys.cpp includes this.

#include <chrono>
#include <type_traits>
#include <utility>

#include "app/config/config_keys.hpp"

namespace app::keys {

// The longest useful duration. It also keeps sums of time points far from overflow.
inline constexpr duration_range any_duration{std::chrono::milliseconds(1), std::chrono::hours(24 * 30)};

/// A kind that needs only a reader and a printer.
template <auto Read, auto Print>
struct value_kind : value_form {
  static auto read(const value_form&, const setting_value& value) { return Read(value); }
  static std::string print(const auto& value) { return Print(value); }
  static std::string expected(const value_form& form) { return std::string(form.words); }
};

struct duration_kind : value_form {
  static auto read(const value_form&, const setting_value& value) { return read_duration(value, any_duration); }
  static std::string print(std::chrono::milliseconds value) { return toml_duration(value); }
  static std::string expected(const value_form& form) { return std::string(form.words); }
};

struct count : value_form {
  constexpr count(std::uint64_t least, std::uint64_t most) : value_form{{}, {least, most}} {}

  static auto read(const value_form& form, const setting_value& value) { return read_integer(value, form.range); }
  static std::string print(std::uint64_t value) { return std::to_string(value); }
  static std::string expected(const value_form& form) {
    return "a whole number from " + print(form.range.min) + " to " + print(form.range.max);
  }
};

struct size : value_form {
  constexpr size(std::uint64_t least, std::uint64_t most) : value_form{{}, {least, most}} {}

  static auto read(const value_form& form, const setting_value& value) { return read_size(value, form.range); }
  static std::string print(std::uint64_t value) { return toml_size(value); }
  static std::string expected(const value_form& form) {
    return "a size from " + print(form.range.min) + " to " + print(form.range.max) + ", such as \"64KiB\"";
  }
};

/// One of the words of an enumeration whose values are 0 … Last.
template <auto Last>
struct word : value_form {
  using enumeration = decltype(Last);

  static read_result<enumeration> read(const value_form&, const setting_value& value) {
    const auto text = read_text(value);
    if (text.has_error()) return text.error();
    for (int i = 0; i <= static_cast<int>(Last); ++i) {
      if (to_string(static_cast<enumeration>(i)) == *text) return static_cast<enumeration>(i);
    }
    return refused(toml_text(*text), {});
  }
  static std::string print(enumeration value) { return toml_text(to_string(value)); }
  static std::string expected(const value_form&) {
    std::string words = "one of ";
    for (int i = 0; i <= static_cast<int>(Last); ++i) {
      words.append(i == 0 ? "" : ", ").append(print(static_cast<enumeration>(i)));
    }
    return words;
  }
};

read_result<std::string> read_api_key(const setting_value& value);
read_result<std::vector<std::string>> read_origins(const setting_value& value);
read_result<std::vector<std::string>> read_hosts(const setting_value& value);
read_result<std::string> read_upstream_proxy(const setting_value& value);
std::string toml_aliases(const std::map<std::string, std::string>& aliases);

/// A row of the table: a kind bound to a member. `Member` takes a config and returns a reference to the member.
template <class Kind, class Member>
consteval config_key key(std::string_view name, const Kind& kind, Member, std::string_view meaning) {
  return {name,
          meaning,
          kind,
          Kind::expected,
          [](const value_form& form, config& values, const setting_value& value) -> std::optional<refused> {
            auto read = Kind::read(form, value);
            if (read.has_error()) return read.error();
            auto& member = Member{}(values);
            using target = std::remove_reference_t<decltype(member)>;
            if constexpr (std::is_same_v<target, std::chrono::seconds>) {
              member = std::chrono::ceil<std::chrono::seconds>(*read);
            } else if constexpr (std::is_integral_v<target>) {
              member = static_cast<target>(*read);  // never truncates: the range is narrower
            } else {
              member = std::move(*read);
            }
            return std::nullopt;
          },
          [](const config& values) { return Kind::print(Member{}(values)); }};
}

}  // namespace app::keys
