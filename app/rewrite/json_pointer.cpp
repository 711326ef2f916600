#include "app/rewrite/json_pointer.hpp"

#include <algorithm>
#include <utility>

namespace app::rewrite {
namespace {

std::optional<std::string> decoded(std::string_view token) {
  std::string out;
  for (std::size_t at = 0; at < token.size(); ++at) {
    if (token[at] != '~') {
      out += token[at];
      continue;
    }
    if (++at == token.size() || (token[at] != '0' && token[at] != '1')) return std::nullopt;
    out += token[at] == '0' ? '~' : '/';
  }
  return out;
}

}  // namespace

std::optional<json_pointer> json_pointer::parse(std::string_view text) {
  json_pointer made;
  while (!text.empty()) {
    if (!text.starts_with('/')) return std::nullopt;
    const auto end = std::min(text.find('/', 1), text.size());
    auto token = decoded(text.substr(1, end - 1));
    if (!token) return std::nullopt;
    made.tokens_.push_back(std::move(*token));
    text.remove_prefix(end);
  }
  return made;
}

json_pointer json_pointer::operator/(std::string_view token) const {
  json_pointer inner = *this;
  inner.tokens_.emplace_back(token);
  return inner;
}

std::string json_pointer::text() const {
  std::string out;
  for (const auto& token : tokens_) {
    out += '/';
    for (const char c : token) {
      if (c == '~') {
        out += "~0";
      } else if (c == '/') {
        out += "~1";
      } else {
        out += c;
      }
    }
  }
  return out;
}

bool json_pointer::covers(const json_pointer& other) const noexcept {
  return tokens_.size() <= other.tokens_.size() && std::equal(tokens_.begin(), tokens_.end(), other.tokens_.begin());
}

}  // namespace app::rewrite
