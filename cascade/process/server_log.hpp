#pragma once

// What a language server says on its stderr (glog lines): the few facts that are used, and the same line made fit for
// our own log. Pure; fed line by line by the supervisor.

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

/// A run of base64 or hex of this length is taken for a secret.
inline constexpr std::size_t max_plain_run = 32;

/// Makes lines fit for a log: no credentials, no mail addresses, no JSON bodies (they hold prompts), no control
/// characters. Errs on the safe side. UUIDs stay, because conversations are known by them; those that are secrets are
/// given by value.
class redactor {
 public:
  explicit redactor(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {}

  std::string clean(std::string_view line) const;

 private:
  std::vector<std::string> secrets_;
};

}  // namespace cascade
