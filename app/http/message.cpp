#include "app/http/message.hpp"

#include <utility>

#include "net/text/percent.hpp"

namespace app {

std::optional<std::string> api_request::parameter(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    auto field = net::text::take_form_field(rest);
    if (field.name == name) return std::move(field.value);
  }
  return std::nullopt;
}

}  // namespace app
