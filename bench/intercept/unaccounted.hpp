#pragma once

// The interceptor without a usage meter: what is left of its cost is not the accounting.

#include <cstdint>
#include <filesystem>

namespace bench {

/// Listens on 127.0.0.1:`port` and serves for ever, with the CA in `ca_directory`, which it also trusts for origins.
[[noreturn]] void run_unaccounted(std::uint16_t port, const std::filesystem::path& ca_directory, unsigned threads);

}  // namespace bench
