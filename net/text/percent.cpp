#include "net/text/percent.hpp"

#include <algorithm>

#include "net/text/hex.hpp"

namespace net::text {
namespace {

std::string form_decoded(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return percent_decoded(spaced);
}

}  // namespace

std::string percent_encoded(std::string_view text, std::string_view kept) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c) || kept.find(c) != kept.npos) {
      out += c;
    } else {
      out += '%';
      append_hex(out, c, upper_hex_digits);
    }
  }
  return out;
}

std::optional<char> escaped_byte(std::string_view text, std::size_t at) noexcept {
  if (text.size() - at < 3 || text[at] != '%') return std::nullopt;
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto escaped = escaped_byte(text, at);
    out += escaped.value_or(text[at]);
    if (escaped) at += 2;
  }
  return out;
}

form_field take_form_field(std::string_view& form) {
  const auto field = form.substr(0, form.find('&'));
  form.remove_prefix(std::min(field.size() + 1, form.size()));
  const auto equals = std::min(field.find('='), field.size());
  return {form_decoded(field.substr(0, equals)), form_decoded(field.substr(std::min(equals + 1, field.size())))};
}

}  // namespace net::text
