#include "app/api_admission.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "app/api_error.hpp"
#include "net/wire/message_head.hpp"

namespace app {
namespace {

struct split_target {
  std::string_view authority;  // of an absolute form; empty otherwise
  std::string_view path;
  std::string_view query;
};

split_target split(std::string_view target) {
  split_target parts;
  constexpr std::string_view scheme = "http://";
  if (net::wire::iequals(target.substr(0, scheme.size()), scheme)) {
    target.remove_prefix(scheme.size());
    const auto end = std::min(target.find_first_of("/?"), target.size());
    parts.authority = target.substr(0, end);
    target.remove_prefix(end);
  }
  target = target.substr(0, target.find('#'));
  const auto mark = target.find('?');
  parts.path = target.substr(0, mark);
  if (mark != std::string_view::npos) parts.query = target.substr(mark + 1);
  if (parts.path.size() > 1 && parts.path.ends_with('/')) parts.path.remove_suffix(1);
  if (parts.path.empty()) parts.path = "/";
  return parts;
}

/// "[::1]:80" → "::1", "localhost:80" → "localhost".
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool is_method(const api_route& route, std::string_view method) {
  return route.method == method || (method == "HEAD" && route.method == "GET");
}

std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);  // the slash
  const auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

/// What `path` has in the place of each {…} of `pattern`; nothing if it does not match.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> arguments;
  while (pattern.starts_with('/') && path.starts_with('/')) {
    const auto wanted = take_segment(pattern);
    const auto given = take_segment(path);
    if (wanted.starts_with('{')) {
      if (given.empty()) return std::nullopt;
      arguments.push_back(percent_decoded(given));
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  if (pattern != path) return std::nullopt;
  return arguments;
}

std::vector<std::string> allowed_methods(std::span<const api_route> routes, std::string_view path) {
  std::vector<std::string> methods;
  for (const auto& route : routes) {
    if (!match(route.path, path)) continue;
    methods.push_back(route.method);
    if (route.method == "GET") methods.emplace_back("HEAD");
  }
  return methods;
}

const api_route* find_route(std::span<const api_route> routes, std::string_view method, std::string_view path) {
  const auto found = std::ranges::find_if(
      routes, [&](const api_route& route) { return is_method(route, method) && match(route.path, path); });
  return found == routes.end() ? nullptr : &*found;
}

}  // namespace

bool is_own_host(std::string_view host, const asio::ip::address& local) {
  const auto name = without_port(host);
  if (net::wire::iequals(name, "localhost")) return true;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(std::string(name), error);
  return !error && (address.is_loopback() || address == local);
}

std::string_view allowed_origin(const api_head& head, std::span<const std::string> allowed) {
  return std::ranges::find(allowed, head.origin) == allowed.end() ? std::string_view() : head.origin;
}

bool is_preflight(const api_head& head, std::string_view allowed_origin) {
  return head.method == "OPTIONS" && !allowed_origin.empty();
}

api_response preflight_answer(const api_head& head) {
  api_response answer{204, {}};
  answer.headers = {{"Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE"},
                    {"Access-Control-Allow-Headers", std::string(head.requested_headers)},
                    {"Access-Control-Max-Age", "600"}};
  return answer;
}

boost::system::result<admitted_request, api_response> admit(const api_head& head, std::span<const api_route> routes,
                                                            const bearer_key& key) {
  const auto target = split(head.target);
  const auto host = target.authority.empty() ? head.host : target.authority;
  if (head.hosts > 1 || (head.hosts == 0 && !head.http_1_0)) {
    return to_response(bad_request("Exactly one Host header is needed."));
  }
  // A web page can point a name of its own at 127.0.0.1 and then read our answers as its own origin (DNS rebinding).
  // Its Host gives it away. Where a key is set the page does not know it, and any name may be used.
  if (!key.required() && !host.empty() && !is_own_host(host, head.local)) {
    return to_response(misdirected_request(host));
  }
  const auto* route = find_route(routes, head.method, target.path);
  if (!(route != nullptr && route->open) && !key.accepts(head.authorization)) {
    return to_response(invalid_api_key(head.authorization.empty()));
  }
  if (route == nullptr) {
    const auto allowed = allowed_methods(routes, target.path);
    if (allowed.empty()) return to_response(unknown_url(head.method, target.path));
    return method_not_allowed(head.method, target.path, allowed);
  }
  admitted_request admitted{route, {}};
  admitted.request.method = route->method;
  admitted.request.path = target.path;
  admitted.request.query = target.query;
  admitted.request.arguments = *match(route->path, target.path);
  return admitted;
}

}  // namespace app
