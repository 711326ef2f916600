#include "app/http/admission.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "app/http/error_answer.hpp"
#include "app/http/web_page.hpp"
#include "net/text/ascii.hpp"
#include "net/text/percent.hpp"
#include "net/wire/message_head.hpp"

namespace app {
namespace {

struct split_target {
  std::string_view authority;  // of an absolute-form target; else empty
  std::string_view path;
  std::string_view query;
};

split_target split(std::string_view target) {
  split_target parts;
  constexpr std::string_view scheme = "http://";
  if (net::text::iequals(target.substr(0, scheme.size()), scheme)) {
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

bool is_method(const api_route& route, const api_head& head) {
  if (head.socket && route.talk) return true;
  return route.method == head.method || (head.method == "HEAD" && route.method == "GET");
}

std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);  // the slash
  const auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

/// The parts of `path` that match the {…} of `pattern`; nullopt if it does not match.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> arguments;
  while (pattern.starts_with('/') && path.starts_with('/')) {
    const auto wanted = take_segment(pattern);
    const auto given = take_segment(path);
    if (wanted.starts_with('{')) {
      if (given.empty()) return std::nullopt;
      arguments.push_back(net::text::percent_decoded(given));
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

const api_route* find_route(std::span<const api_route> routes, const api_head& head, std::string_view path) {
  const auto found = std::ranges::find_if(
      routes, [&](const api_route& route) { return is_method(route, head) && match(route.path, path); });
  return found == routes.end() ? nullptr : &*found;
}

/// What is said on a WebSocket has effects, although it begins as a GET.
bool may_have_effects(const api_head& head, const api_route* route) {
  if (route != nullptr && route->talk && head.socket) return true;
  return head.method != "GET" && head.method != "HEAD";
}

/// HTTP/1.0 needs no Host.
bool names_us(std::string_view host, const api_head& head) {
  return host.empty() || is_own_host(host, head.local);
}

/// RFC 9110 §8.3.1; parameters such as charset do not matter.
bool is_json(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return net::text::iequals(type, "application/json");
}

}  // namespace

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool is_own_host(std::string_view host, const asio::ip::address& local) {
  const auto name = without_port(host);
  if (net::text::iequals(name, "localhost")) return true;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(std::string(name), error);
  return !error && (address.is_loopback() || address == local);
}

boost::system::result<admitted_request, api_response> admit(const api_head& head, std::span<const api_route> routes,
                                                            const access_rules& rules) {
  const auto target = split(head.target);
  const auto host = target.authority.empty() ? head.host : target.authority;
  if (head.hosts > 1 || (head.hosts == 0 && !head.http_1_0)) {
    return to_response(bad_request("Exactly one Host header is needed."));
  }
  if (!head.repeated.empty()) return to_response(repeated_field(head.repeated));
  if (auto refused = refuse_foreign_page(head, host, rules.cors_origins)) return std::move(*refused);
  // A web page can point its own name at 127.0.0.1 and then read our answers as its own origin (DNS rebinding). Its
  // Host reveals it. On other addresses any name is allowed, because nobody gets in there without the key.
  if (head.client.loopback && !(names_us(host, head) && names_us(head.host, head))) {
    return to_response(misdirected_request(host));
  }
  const auto* route = find_route(routes, head, target.path);
  const bool with_key = rules.key.accepts(head.authorization);
  // A page from our own address is not trusted: another user may have listened there while the service was down. It may
  // read as its browser's user, but requests with effects need the key.
  const bool speaks_for_itself =
      is_from_page(head) && allowed_origin(head, rules.cors_origins).empty() && may_have_effects(head, route);
  const bool known = with_key || (!rules.require_key && head.client.is_same_user() && !speaks_for_itself);
  if (!(route != nullptr && route->open) && !known) {
    return to_response(invalid_api_key(head.authorization.empty()));
  }
  if (route == nullptr) {
    const auto allowed = allowed_methods(routes, target.path);
    if (allowed.empty()) return to_response(unknown_url(head.method, target.path));
    return method_not_allowed(head.method, target.path, allowed);
  }
  if (auto refused = refuse_content_type(head, *route, false)) return std::move(*refused);
  admitted_request admitted{route, {}};
  admitted.request.method = route->method;
  admitted.request.path = target.path;
  admitted.request.query = target.query;
  admitted.request.arguments = *match(route->path, target.path);
  admitted.request.with_key = with_key;
  return admitted;
}

std::optional<api_response> refuse_content_type(const api_head& head, const api_route& route, bool has_body) {
  if (route.method == "GET" || route.inert) return std::nullopt;
  if (head.content_type.empty() && !has_body) return std::nullopt;
  if (is_json(head.content_type)) return std::nullopt;
  return to_response(unsupported_content_type(head.content_type));
}

}  // namespace app
