#include "mitm/ca/ca_error.hpp"

#include <system_error>

#include <openssl/err.h>

namespace mitm {

ca_error openssl_error(std::string_view what) {
  std::string message{what};
  const unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  if (reason != nullptr) {
    message.append(": ").append(reason);
  } else if (code != 0) {
    message.append(": OpenSSL error ").append(std::to_string(code));
  }
  ERR_clear_error();
  return {message};
}

ca_error system_error(std::string_view what, int code) {
  return {std::string(what) + ": " + std::generic_category().message(code)};
}

}  // namespace mitm
