#include "app/http/h2_stream.hpp"

#include <charconv>

namespace app {
namespace {

constexpr std::size_t field_overhead = 32;

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void add_host(h2_request& request, std::string_view value) {
  if (request.hosts == 0) {
    request.host = value;
    request.hosts = 1;
  } else if (request.host != value) {
    request.hosts = 2;
  }
}

std::string* place_of(h2_request& request, std::string_view name) {
  if (name == ":method") return &request.method;
  if (name == ":path") return &request.target;
  if (name == "authorization") return &request.authorization;
  if (name == "origin") return &request.origin;
  if (name == "sec-fetch-site") return &request.fetch_site;
  if (name == "access-control-request-headers") return &request.requested_headers;
  if (name == "content-type") return &request.content_type;
  if (name == "content-encoding") return &request.content_encoding;
  if (name == ":protocol") return &request.protocol;
  if (name == "sec-websocket-version") return &request.socket_version;
  if (name == "sec-websocket-extensions") return &request.socket_extensions;
  return nullptr;
}

}  // namespace

void h2_request::add(std::string_view name, std::string_view value, std::size_t limit) {
  size += name.size() + value.size() + field_overhead;
  if (size > limit) return;
  if (name == ":authority" || name == "host") return add_host(*this, value);
  if (name == "content-length") content_length = number(value);
  auto* place = place_of(*this, name);
  if (place == nullptr) return;
  if (!place->empty()) repeated = name;
  if (place->empty()) *place = value;
}

}  // namespace app
