#include "mitm/tap/reuse_terms.hpp"

#include <algorithm>

#include "net/text/ascii.hpp"
#include "net/wire/body_framing.hpp"

namespace mitm {
namespace {

namespace wire = net::wire;

/// With these schemes an origin attributes the whole connection to one user (RFC 4559 §6).
bool binds_to_user(const wire::header_fields& fields) {
  for (const wire::header_field& field : fields) {
    if (!net::text::iequals(field.name, "authorization")) continue;
    const auto scheme = field.value.substr(0, field.value.find(' '));
    if (net::text::iequals(scheme, "ntlm") || net::text::iequals(scheme, "negotiate")) return true;
  }
  return false;
}

/// A reverse proxy may treat the rest of such a connection as another protocol, even if the origin refused.
bool asks_for_another_protocol(const wire::request_head& head) {
  return head.method == "CONNECT" || head.fields.find("upgrade") || head.fields.find("http2-settings");
}

}  // namespace

void reuse_terms::request(const wire::request_head& head) {
  if (wire::closes_connection(head.minor_version, head.fields) || binds_to_user(head.fields)) spoil();
  if (asks_for_another_protocol(head)) spoil();
}

void reuse_terms::response(const wire::response_head& head) {
  if (wire::closes_connection(head.minor_version, head.fields) || head.fields.find("upgrade")) spoil();
  timeout_ = wire::keep_alive_timeout(head.fields);
}

std::chrono::milliseconds reuse_terms::wait(std::chrono::milliseconds most) const {
  if (!used_ || spoilt_) return {};
  if (!timeout_) return most;
  // One second less: a request in the last moment would cross the close.
  const std::int64_t seconds = std::max<std::int64_t>(*timeout_, 1) - 1;
  return std::min<std::chrono::milliseconds>(most, std::chrono::seconds(seconds));
}

}  // namespace mitm
