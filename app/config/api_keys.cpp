#include <algorithm>

#include "app/config/key_kinds.hpp"
#include "app/http/key_file.hpp"

namespace app {
namespace {

read_result<std::string> read_api_key(const setting_value& value) {
  auto text = read_text(value);
  if (text.has_error()) return refused("something else", {});  // the words of a key are never repeated
  const bool printable = std::ranges::all_of(*text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (!printable) return refused("a key with other characters", {});
  if (!text->empty() && text->size() < min_api_key) {
    return refused(std::to_string(text->size()) + " characters", {});
  }
  return text;
}

config_key api_key_key() {
  auto key = any_key(
      "api.key", "at least " + std::to_string(min_api_key) + " printable ASCII characters without spaces",
      "bearer key of other users, machines and containers; empty: the one that the first start makes in state_dir",
      [](config& c) -> auto& { return c.api.key; }, read_api_key,
      [](const std::string& text) { return toml_text(text); });
  key.secret = true;
  return key;
}

/// What is wrong with it; empty: nothing. An origin is what browsers send: scheme, host and, if unusual, the port.
std::string_view fault_of_origin(std::string_view origin) {
  if (origin == "*") return "any web page could then ask in your name; name each origin";
  if (origin == "null") return "every sandboxed page has this one; give the page an origin of its own";
  const auto scheme = origin.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return "it begins with http:// or https://";
  const auto place = origin.substr(scheme + 3);
  if (place.empty()) return "there is no host";
  if (place.find_first_of("/?#") != std::string_view::npos) return "an origin has no path, not even a slash";
  const auto odd = [](unsigned char c) { return c <= 0x20 || c >= 0x7f || (c >= 'A' && c <= 'Z'); };
  if (std::ranges::any_of(origin, odd)) return "browsers send it in lower case, and other letters as punycode";
  if (place.find_first_of("@*,\"'") != std::string_view::npos) return "it names one host, without a pattern";
  const bool usual = (origin.starts_with("https://") && place.ends_with(":443")) ||
                     (origin.starts_with("http://") && place.ends_with(":80"));
  return usual ? "browsers leave the usual port away" : std::string_view();
}

read_result<std::vector<std::string>> read_origins(const setting_value& value) {
  auto origins = read_list(value);
  if (origins.has_error()) return origins;
  for (const auto& origin : *origins) {
    if (const auto fault = fault_of_origin(origin); !fault.empty()) return refused(toml_text(origin), fault);
  }
  return origins;
}

}  // namespace

void add_api(key_list& keys) {
  keys.push_back(any_key(
      "api.listen", std::string(addresses) + ", or \"unix:/path\"",
      "where the HTTP API listens: TCP, Unix sockets (unix:/path)", [](config& c) -> auto& { return c.api.listen; },
      read_api_addresses, toml_addresses));
  keys.push_back(api_key_key());
  keys.push_back(switch_key(
      "api.require_key", [](config& c) -> auto& { return c.api.require_key; },
      "ask the service's own user and root on loopback for the key, too"));
  keys.push_back(any_key(
      "api.permissions", "one of \"service\", \"client\"",
      "who may grant steps more than language_server.permission_*: nobody, or a client that sends the key",
      [](config& c) -> auto& { return c.api.permissions; }, read_permission_source,
      [](permission_source source) { return toml_text(to_string(source)); }));
  keys.push_back(any_key(
      "api.cors_origins", "a list of origins such as \"https://app.example\"",
      "web pages whose scripts may ask (CORS); empty: none", [](config& c) -> auto& { return c.api.cors_origins; },
      read_origins, toml_list));
}

}  // namespace app
