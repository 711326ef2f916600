#pragma once

// The one table of configuration keys. The file, the environment, the flags, check-config and the documentation all
// walk it, so none of them can forget a key.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/config/config_value.hpp"

namespace app {

/// What a row of the table says of its values.
struct value_form {
  std::string_view words;  // complete "expected …"
  integer_range range{};   // of counts and sizes
  bool secret = false;     // never printed
};

/// A row of the table. Its default is what the member has in a config{}.
struct config_key {
  std::string_view name;  // "limits.stream_idle"; without a dot: top level
  std::string_view meaning;
  value_form form;

  // What the kind of the value, bound to its member, does.
  std::string (*expected_of)(const value_form&);
  std::optional<refused> (*read_into)(const value_form&, config&, const setting_value&);
  std::string (*written)(const config&);

  /// Completes "expected …".
  std::string expected() const { return expected_of(form); }
  /// Sets the member. Returns why the value was refused.
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

/// "limits" and the like: keys begin with it and a dot.
bool is_section(std::string_view name);

/// The known key that `name` was probably meant to be, or nullptr.
const config_key* nearest_key(std::string_view name);

}  // namespace app
