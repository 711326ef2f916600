#pragma once

// The directory that holds the CA, the ledger and the API's key.

#include <filesystem>

#include "app/config/config.hpp"
#include "app/http/key_file.hpp"
#include "app/service/startup_failure.hpp"

namespace app {

/// Creates the directory if it is missing. Errors: it cannot be used, or other users may write to it.
startup_result<void> make_state_directory(const std::filesystem::path& directory);

/// The configured key, or the one that the first start generated. Empty if the API has no address.
startup_result<stored_api_key> api_key_of(const config& values);

}  // namespace app
