#pragma once

#include <openssl/crypto.h>

namespace net {

/// OpenSSL registers an atexit handler that frees its tables even while threads are in a handshake. gRPC's threads end
/// in their own time and would read freed memory. Call this first in every main() that may use gRPC, before any other
/// use of OpenSSL (OPENSSL_init_crypto(3), OPENSSL_INIT_NO_ATEXIT). The system frees the tables with the process.
inline void keep_openssl_until_exit() {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
}

}  // namespace net
