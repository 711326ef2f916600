#pragma once

// The file providers.toml, which is part of the program. Pure. app/config reads it as it reads a configuration file.

#include <string_view>

namespace app {

std::string_view provider_text() noexcept;

}  // namespace app
