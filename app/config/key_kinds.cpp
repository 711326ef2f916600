#include "app/config/key_kinds.hpp"

#include <algorithm>

#include "app/http/key_file.hpp"
#include "mitm/upstream/upstream_proxy.hpp"

namespace app::keys {
namespace {

/// What is wrong with an origin; empty: nothing. Browsers send scheme, host and, unless it is the default, the port.
std::string_view fault_of_origin(std::string_view origin) {
  if (origin == "*") return "it would let every web page call the API in your name; name each origin";
  if (origin == "null") return "every sandboxed page has this origin; give the page an origin of its own";
  const auto scheme = origin.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return "it must begin with http:// or https://";
  const auto place = origin.substr(scheme + 3);
  if (place.empty()) return "there is no host";
  if (place.find_first_of("/?#") != std::string_view::npos) return "an origin has no path, not even a final slash";
  const auto odd = [](unsigned char c) { return c <= 0x20 || c >= 0x7f || (c >= 'A' && c <= 'Z'); };
  if (std::ranges::any_of(origin, odd)) return "write it as browsers send it: in lower case, other scripts as punycode";
  if (place.find_first_of("@*,\"'") != std::string_view::npos) return "it must name one host, not a pattern";
  const bool usual = (origin.starts_with("https://") && place.ends_with(":443")) ||
                     (origin.starts_with("http://") && place.ends_with(":80"));
  return usual ? "omit the default port, as browsers do" : std::string_view();
}

}  // namespace

read_result<std::string> read_api_key(const setting_value& value) {
  auto text = read_text(value);
  if (text.has_error()) return refused("something else", {});  // an error message never repeats a key
  const bool printable = std::ranges::all_of(*text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (!printable) return refused("a key with other characters", {});
  if (!text->empty() && text->size() < min_api_key) {
    return refused(std::to_string(text->size()) + " characters", {});
  }
  return text;
}

read_result<std::vector<std::string>> read_origins(const setting_value& value) {
  auto origins = read_list(value);
  if (origins.has_error()) return origins;
  for (const auto& origin : *origins) {
    if (const auto fault = fault_of_origin(origin); !fault.empty()) return refused(toml_text(origin), fault);
  }
  return origins;
}

read_result<std::vector<std::string>> read_hosts(const setting_value& value) {
  auto hosts = read_list(value);
  if (hosts.has_error()) return hosts;
  for (const auto& host : *hosts) {
    const auto pattern = net::text::host_pattern::parse(host);
    if (pattern.has_error()) return refused(toml_text(host), pattern.error().message);
  }
  return hosts;
}

read_result<std::string> read_upstream_proxy(const setting_value& value) {
  auto url = read_text(value);
  if (url.has_error() || url->empty()) return url;
  // An error message never repeats the URL, which may contain a password.
  if (const auto proxy = mitm::parse_upstream_proxy(*url); proxy.has_error()) {
    return refused("something else", proxy.error().why);
  }
  return url;
}

std::string toml_aliases(const std::map<std::string, std::string>& aliases) {
  std::vector<std::string> pairs;
  for (const auto& [name, model] : aliases) pairs.push_back(name + '=' + model);
  return toml_list(pairs);
}

}  // namespace app::keys
