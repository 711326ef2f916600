#include "app/http/web_page.hpp"

#include <algorithm>

#include "app/http/error_answer.hpp"
#include "net/text/ascii.hpp"
#include "net/wire/message_head.hpp"

namespace app {
namespace {

/// A page of `localhost` may come from the other address family, where another user may listen. Only the address that
/// the request came to is ours.
bool is_own_address(std::string_view host, const api_head& head) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(std::string(without_port(host)), error);
  return !error && address == head.local;
}

/// The scheme is http, since the API has no TLS.
bool is_own_origin(std::string_view origin, std::string_view host) {
  constexpr std::string_view scheme = "http://";
  return origin.starts_with(scheme) && net::text::iequals(origin.substr(scheme.size()), host);
}

}  // namespace

std::string_view allowed_origin(const api_head& head, std::span<const std::string> allowed) {
  return std::ranges::find(allowed, head.origin) == allowed.end() ? std::string_view() : head.origin;
}

std::optional<api_response> refuse_foreign_page(const api_head& head, std::string_view host,
                                                std::span<const std::string> allowed) {
  if (!allowed_origin(head, allowed).empty()) return std::nullopt;
  const bool from_elsewhere = !head.fetch_site.empty() && head.fetch_site != "same-origin" && head.fetch_site != "none";
  const bool own =
      !from_elsewhere && (head.origin.empty() || is_own_origin(head.origin, host)) && is_own_address(host, head);
  if (own || !is_from_page(head)) return std::nullopt;
  return to_response(foreign_page(head.origin));
}

bool is_from_page(const api_head& head) {
  return !head.origin.empty() || (!head.fetch_site.empty() && head.fetch_site != "none");
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
