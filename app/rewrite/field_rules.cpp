#include "app/rewrite/field_rules.hpp"

#include <algorithm>
#include <array>

#include "net/text/ascii.hpp"

namespace app::rewrite {
namespace {

constexpr std::array<std::string_view, 13> framing{
    "host",           "content-length", "transfer-encoding", "connection", "content-encoding",    "te",
    "upgrade",        "expect",         "keep-alive",        "trailer",    "proxy-authorization", "proxy-connection",
    "http2-settings",
};

bool is_token_character(char c) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return net::text::is_alphanumeric(c) || marks.find(c) != marks.npos;
}

}  // namespace

bool is_field_name(std::string_view name) noexcept {
  return !name.empty() && std::ranges::all_of(name, is_token_character);
}

bool is_field_value(std::string_view value) noexcept {
  const bool plain = std::ranges::all_of(value, [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
  return plain && !value.starts_with(' ') && !value.ends_with(' ');
}

bool is_framing_field(std::string_view name) noexcept {
  return std::ranges::find(framing, name) != framing.end();
}

}  // namespace app::rewrite
