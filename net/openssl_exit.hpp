#pragma once

#include <openssl/crypto.h>

namespace net {

/// OpenSSL registers a clean-up at exit that takes its tables away even from threads that are in a handshake: those of
/// gRPC, which end in their own time, would read what is freed. First thing in every main() that may speak gRPC, before
/// any other use of OpenSSL (OPENSSL_init_crypto(3), OPENSSL_INIT_NO_ATEXIT). What is kept ends with the process.
inline void keep_openssl_until_exit() {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
}

}  // namespace net
