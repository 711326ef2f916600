#pragma once

// Reads a language server's stderr (glog lines): extracts the few facts that are used, and cleans lines for our own
// log. Pure. The supervisor passes it each line.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cascade {

struct log_fact {
  enum class kind_of : std::uint8_t { other, started, https_port, http_port, lsp_port, initialized, provider_retry };
  kind_of kind = kind_of::other;
  std::uint64_t number = 0;  // started: pid; *_port: the port; initialized: ms; provider_retry: seconds until then

  bool operator==(const log_fact&) const = default;
};

log_fact read_log_line(std::string_view line);

/// Longest line that redactor::clean() returns, in bytes.
inline constexpr std::size_t max_clean_line = 1024;

/// A run of base64 or hex of at least this length is treated as a secret.
inline constexpr std::size_t max_plain_run = 32;

/// Removes credentials, mail addresses, JSON bodies (they hold prompts) and control characters from a line. Rather
/// removes too much than too little. UUIDs stay, because they identify conversations; UUIDs that are secrets are given
/// by value.
class redactor {
 public:
  explicit redactor(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {}

  std::string clean(std::string_view line) const;

 private:
  std::vector<std::string> secrets_;
};

}  // namespace cascade
