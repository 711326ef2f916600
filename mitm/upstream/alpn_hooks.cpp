#include "mitm/upstream/alpn_hooks.hpp"

namespace mitm {
namespace {

// Set per connection, because contexts are shared by connections.
int answer_slot() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int select(SSL* ssl, const unsigned char** out, unsigned char* out_length, const unsigned char*, unsigned, void*) {
  const auto* protocol = static_cast<const std::string*>(SSL_get_ex_data(ssl, answer_slot()));
  if (protocol == nullptr || protocol->empty()) return SSL_TLSEXT_ERR_NOACK;
  *out = reinterpret_cast<const unsigned char*>(protocol->data());
  *out_length = static_cast<unsigned char>(protocol->size());
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

void offer_alpn(SSL* upstream, std::span<const std::string> protocols) {
  std::string wire;
  for (const auto& each : protocols) {
    wire += static_cast<char>(each.size());
    wire += each;
  }
  if (wire.empty()) return;
  SSL_set_alpn_protos(upstream, reinterpret_cast<const unsigned char*>(wire.data()),
                      static_cast<unsigned>(wire.size()));
}

std::string picked_alpn(SSL* upstream) {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(upstream, &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

void install_alpn(SSL_CTX* context) {
  SSL_CTX_set_alpn_select_cb(context, select, nullptr);
}

void answer_alpn(SSL* downstream, const std::string& protocol) {
  SSL_set_ex_data(downstream, answer_slot(), const_cast<std::string*>(&protocol));
}

}  // namespace mitm
