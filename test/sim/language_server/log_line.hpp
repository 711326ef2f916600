#pragma once

// Lines on stderr as the language server's glog writes them: "I1125 03:37:00.000000   42 server.go:1157] text".

#include <string_view>

namespace sim::ls {

/// `where` is a source file and line, as the real server names them.
void log_line(std::string_view where, std::string_view text);

}  // namespace sim::ls
