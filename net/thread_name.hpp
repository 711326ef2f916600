#pragma once

// What a thread is called: `top -H`, `ps -T`, a debugger and the word that a crash leaves show it.

#include <string>
#include <string_view>

namespace net {

/// Of the calling thread. The kernel keeps 15 bytes.
void name_thread(std::string_view name) noexcept;

/// Of the calling thread.
std::string thread_name();

}  // namespace net
