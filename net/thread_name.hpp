#pragma once

// Thread names, as `top -H`, `ps -T`, debuggers and our crash message show them.

#include <string>
#include <string_view>

namespace net {

/// Names the calling thread. The kernel keeps 15 bytes.
void name_thread(std::string_view name) noexcept;

/// Of the calling thread.
std::string thread_name();

}  // namespace net
