#pragma once

// The one table of configuration keys. The file, the environment, the flags, check-config and the documentation are all
// driven by it, so none of them can miss a key.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/config/config_value.hpp"

namespace app {

/// What a row of the table says about its values.
struct value_form {
  std::string_view words;  // the end of "expected …"
  integer_range range{};   // of counts and sizes
  bool secret = false;     // never printed
};

/// A row of the table. Its default is the value in a config{}.
struct config_key {
  std::string_view name;  // "limits.stream_idle"; without a dot: top level
  std::string_view meaning;
  value_form form;

  // The functions of the kind of value, bound to the member.
  std::string (*expected_of)(const value_form&);
  std::optional<refused> (*read_into)(const value_form&, config&, const setting_value&);
  std::string (*written)(const config&);

  /// The end of "expected …".
  std::string expected() const { return expected_of(form); }
  /// Sets the member, or returns why the value was refused.
  std::optional<refused> read(config& values, const setting_value& value) const {
    return read_into(form, values, value);
  }
  /// The value as TOML.
  std::string write(const config& values) const { return written(values); }
  /// ZEROGRAVITY_LIMITS_STREAM_IDLE.
  std::string variable() const;
};

std::span<const config_key> config_keys();

const config_key* find_key(std::string_view name);

/// True if keys begin with `name` and a dot, as with "limits".
bool is_section(std::string_view name);

/// The key that was probably meant by `name`, or nullptr.
const config_key* nearest_key(std::string_view name);

}  // namespace app
