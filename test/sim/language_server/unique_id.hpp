#pragma once

// A random UUID (RFC 9562 §5.4), as the language server names cascades, trajectories and executions.

#include <string>

namespace sim::ls {

std::string unique_id();

}  // namespace sim::ls
