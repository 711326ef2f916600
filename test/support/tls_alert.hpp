#pragma once

// An alert that OpenSSL has no call for: sealed by hand with the keys of a TLS 1.3 client (RFC 8446 §5.2, §7.3), as
// clients send it that look at the certificate only after their handshake.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>

namespace support {

class client_keys {
 public:
  /// Before the handshake; the connection must settle on TLS_AES_128_GCM_SHA256. Outlives the connection's handshake.
  explicit client_keys(SSL_CTX* context) {
    secret().clear();
    SSL_CTX_set_keylog_callback(context, [](const SSL*, const char* text) {
      const std::string_view line(text);
      if (line.starts_with("CLIENT_TRAFFIC_SECRET_0 ")) secret() = bytes_of(line.substr(line.rfind(' ') + 1));
    });
  }

  /// The first record that the client sends after its handshake.
  std::string fatal_alert(std::uint8_t description) const {
    const std::string key = expanded("key", 16);
    const std::string nonce = expanded("iv", 12);  // of record 0
    const std::array<unsigned char, 5> header{23, 3, 3, 0, 3 + 16};
    const std::array<unsigned char, 3> inner{2, description, 21};
    std::array<unsigned char, 19> sealed{};
    int size = 0;
    EVP_CIPHER_CTX* cipher = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(cipher, EVP_aes_128_gcm(), nullptr, raw(key), raw(nonce));
    EVP_EncryptUpdate(cipher, nullptr, &size, header.data(), header.size());
    EVP_EncryptUpdate(cipher, sealed.data(), &size, inner.data(), inner.size());
    EVP_EncryptFinal_ex(cipher, sealed.data() + 3, &size);
    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, 16, sealed.data() + 3);
    EVP_CIPHER_CTX_free(cipher);
    return std::string(header.begin(), header.end()) + std::string(sealed.begin(), sealed.end());
  }

 private:
  static std::string& secret() {
    static std::string kept;
    return kept;
  }
  static const unsigned char* raw(const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  }
  static std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (; hex.size() >= 2; hex.remove_prefix(2))
      bytes += static_cast<char>(std::stoi(std::string(hex.substr(0, 2)), nullptr, 16));
    return bytes;
  }
  static std::string expanded(std::string_view label, std::size_t size) {
    std::string info{'\0', static_cast<char>(size), static_cast<char>(6 + label.size())};
    info.append("tls13 ").append(label).append(1, '\0').append(1, '\1');
    std::array<unsigned char, 32> out{};
    unsigned length = 0;
    HMAC(EVP_sha256(), secret().data(), static_cast<int>(secret().size()), raw(info), info.size(), out.data(), &length);
    return {reinterpret_cast<const char*>(out.data()), size};
  }
};

}  // namespace support
