#pragma once

// Which provider answers on a host, and which of its calls have paths that usage/call_shape does not know. Pure and
// immutable. app/config makes it of the providers that are known and of the user's own.

#include <string>
#include <string_view>
#include <vector>

#include "net/text/host_pattern.hpp"
#include "usage/usage_record.hpp"

namespace usage {

/// A model call that is known by its path.
struct path_call {
  std::string path;  // as path_of() gives it; one `*` in it stands for any text
  provider call = provider::unknown;

  bool operator==(const path_call&) const = default;
};

struct provider_entry {
  std::string name;                     // "mistral"
  std::vector<std::string> hosts;       // patterns as net::text::host_pattern has them; others match nothing
  provider family = provider::unknown;  // of all calls that are not known by their path
  std::vector<path_call> paths;

  /// The call that a POST to `path` is; unknown if no path of this provider matches. A final slash is ignored.
  provider call_at(std::string_view path) const noexcept;
};

class provider_table {
 public:
  provider_table() = default;
  explicit provider_table(std::vector<provider_entry> entries);

  /// The first entry with a pattern that matches `host`, or nullptr. Ignores case and a root dot.
  const provider_entry* find(std::string_view host) const noexcept;

 private:
  std::vector<provider_entry> entries_;
  std::vector<std::vector<net::text::host_pattern>> hosts_;  // of each entry
};

}  // namespace usage
