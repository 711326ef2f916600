#include "mitm/ca/ca_error.hpp"

#include <cerrno>
#include <system_error>

#include <openssl/err.h>

#include "net/file/access_words.hpp"

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

ca_error file_error(const std::filesystem::path& path, int code, std::string_view what) {
  std::string message = path.string();
  if (!what.empty()) message.append(": ").append(what);
  message.append(": ").append(std::generic_category().message(code));
  std::string words;
  if (code == EACCES || code == EPERM || code == EROFS) {
    words = net::access_words(path, what.empty() ? net::file_access::read : net::file_access::write);
    // The new file is made beside the old one, so the directory is what refuses.
    if (words.empty())
      words = net::access_words(path.has_parent_path() ? path.parent_path() : ".", net::file_access::write);
  }
  if (code == ENOSPC || code == EDQUOT) words = net::free_space_words(path);
  return {message + (words.empty() ? "" : "; " + words)};
}

}  // namespace mitm
