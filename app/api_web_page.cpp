#include "app/api_web_page.hpp"

#include <algorithm>

#include "app/api_error.hpp"
#include "net/wire/message_head.hpp"

namespace app {
namespace {

/// The scheme is http: the API speaks no TLS.
bool is_own_origin(std::string_view origin, std::string_view host, const api_head& head) {
  constexpr std::string_view scheme = "http://";
  if (!origin.starts_with(scheme) || !is_own_host(host, head.local)) return false;
  return net::wire::iequals(origin.substr(scheme.size()), host);
}

}  // namespace

std::string_view allowed_origin(const api_head& head, std::span<const std::string> allowed) {
  return std::ranges::find(allowed, head.origin) == allowed.end() ? std::string_view() : head.origin;
}

std::optional<api_response> refuse_foreign_page(const api_head& head, std::string_view host,
                                                std::span<const std::string> allowed) {
  if (!allowed_origin(head, allowed).empty()) return std::nullopt;
  const bool foreign = !head.origin.empty() && !is_own_origin(head.origin, host, head);
  const bool from_elsewhere = !head.fetch_site.empty() && head.fetch_site != "same-origin" && head.fetch_site != "none";
  if (!foreign && !from_elsewhere) return std::nullopt;
  return to_response(foreign_page(head.origin));
}

bool is_preflight(const api_head& head, std::string_view allowed_origin) {
  return head.method == "OPTIONS" && !allowed_origin.empty();
}

api_response preflight_answer(const api_head& head) {
  api_response answer{204, {}};
  answer.headers = {{"Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE"},
                    {"Access-Control-Allow-Headers", std::string(head.requested_headers)},
                    {"Access-Control-Allow-Private-Network", "true"},
                    {"Access-Control-Max-Age", "600"}};
  return answer;
}

}  // namespace app
