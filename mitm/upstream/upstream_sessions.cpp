#include "mitm/upstream/upstream_sessions.hpp"

#include <iterator>

namespace mitm {
namespace {

int owner_slot() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::string_view server_name(SSL* connection) {
  const char* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "";
}

}  // namespace

upstream_sessions::upstream_sessions(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, owner_slot(), this);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, on_new);
}

int upstream_sessions::on_new(SSL* connection, SSL_SESSION* session) {
  auto* const owner = static_cast<upstream_sessions*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), owner_slot()));
  const auto host = server_name(connection);
  if (owner == nullptr || host.empty() || SSL_get_verify_result(connection) != X509_V_OK) return 0;
  // Keep a copy: OpenSSL invalidates the connection's own session if the connection ends without close_notify.
  if (SSL_SESSION* const copy = SSL_SESSION_dup(session)) owner->keep(host, copy);
  return 0;
}

void upstream_sessions::keep(std::string_view host, SSL_SESSION* session) {
  net::ssl_session_ptr owned(session);
  std::lock_guard lock(mutex_);
  if (const auto known = by_host_.find(host); known != by_host_.end()) {
    known->second->session.swap(owned);
    by_use_.splice(by_use_.begin(), by_use_, known->second);
    return;
  }
  by_use_.push_front({std::string(host), std::move(owned)});
  by_host_.emplace(by_use_.front().host, by_use_.begin());
  if (by_use_.size() > max_hosts) {
    by_host_.erase(by_use_.back().host);
    by_use_.pop_back();
  }
}

void upstream_sessions::offer(SSL* connection) {
  const auto host = server_name(connection);
  std::lock_guard lock(mutex_);
  const auto known = by_host_.find(host);
  // OpenSSL takes its own reference.
  if (known != by_host_.end()) SSL_set_session(connection, known->second->session.get());
}

}  // namespace mitm
