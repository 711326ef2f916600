#pragma once

// The interceptor without accounting, to measure what the accounting costs.

#include <cstdint>
#include <filesystem>

namespace bench {

/// Listens on 127.0.0.1:`port` and never returns. It uses the CA in `ca_directory`, which it also trusts for origins.
[[noreturn]] void run_unaccounted(std::uint16_t port, const std::filesystem::path& ca_directory, unsigned threads);

}  // namespace bench
