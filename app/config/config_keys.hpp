#pragma once

// The one table of configuration keys: name, meaning, what is expected, reader and writer. The file, the environment,
// the flags, check-config and the documentation all walk it, so none of them can forget a key.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/config/config_value.hpp"

namespace app {

struct config_key {
  std::string name;      // "limits.stream_idle"; without a dot: top level
  std::string expected;  // completes "expected …"
  std::string meaning;
  bool secret = false;  // never printed

  /// Nothing on success.
  std::function<std::optional<refused>(config&, const setting_value&)> read;
  /// The value as TOML.
  std::function<std::string(const config&)> write;

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
