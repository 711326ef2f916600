#pragma once

// The server's self-signed certificate, made anew at each start as the real one does. Nobody's store trusts it: a
// client pins it.

#include <string>

namespace sim::ls {

struct certificate {
  std::string chain_pem;
  std::string key_pem;
};

/// For localhost, 127.0.0.1 and ::1. Throws std::runtime_error.
certificate make_certificate();

}  // namespace sim::ls
