#include "app/openai/data_url.hpp"

#include "net/text/ascii.hpp"
#include "net/text/base64.hpp"

namespace app::openai {

std::optional<data_url> decode_data_url(std::string_view url, std::size_t limit) {
  constexpr std::string_view scheme = "data:";
  const std::size_t comma = url.find(',');
  if (!net::text::iequals(url.substr(0, scheme.size()), scheme) || comma == url.npos) return std::nullopt;
  const std::string type = net::text::lowered(url.substr(scheme.size(), comma - scheme.size()));
  const std::string_view base64 = url.substr(comma + 1);
  if (!type.ends_with(";base64") || base64.size() / 4 * 3 > limit + 2) return std::nullopt;
  auto bytes = net::text::base64_decoded(base64);
  if (!bytes || bytes->size() > limit) return std::nullopt;
  return data_url{type.substr(0, type.find(';')), std::move(*bytes)};
}

}  // namespace app::openai
