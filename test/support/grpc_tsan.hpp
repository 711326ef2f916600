#pragma once

// Included once in a program that calls gRPC from Debian, which is not built with ThreadSanitizer: its threads hand TLS
// connections to each other by locks that cannot be seen. Only for such programs: where OpenSSL is called by us it
// stays checked.

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
extern "C" const char* __tsan_default_suppressions() {
  return "race:libssl.so\nrace:libcrypto.so\n";
}
#endif
#endif
