#include "app/rewrite/held_body.hpp"

#include <utility>

#include "app/rewrite/content_encoder.hpp"
#include "app/rewrite/json_document.hpp"
#include "net/text/ascii.hpp"
#include "net/wire/message_head.hpp"
#include "usage/content/content_decoder.hpp"

namespace app::rewrite {
namespace {

struct collector final : usage::content_decoder::sink {
  void on_content(std::string_view piece) override { text.append(piece); }
  std::string text;
};

/// Fields with the same name form one list. Those of a message are its upgrade's.
std::string codings_of(const mitm::held_request& request) {
  std::string codings;
  if (request.form == mitm::request_form::message) return codings;
  for (const auto& field : request.fields) {
    if (!net::text::iequals(field.name, "content-encoding")) continue;
    codings.append(codings.empty() ? "" : ",").append(field.value);
  }
  return codings;
}

}  // namespace

result<std::string> decoded_body(const mitm::held_request& request, std::size_t limit) {
  auto decoder = usage::content_decoder::make(codings_of(request), limit);
  if (decoder.has_error()) return decoder.error();
  collector decoded;
  if (const auto fed = decoder->feed(request.body, decoded); fed.has_error()) return fed.error();
  if (const auto ended = decoder->finish(); ended.has_error()) return ended.error();
  if (!is_json(decoded.text)) return errc::not_json;
  return std::move(decoded.text);
}

result<std::string> encoded_body(const mitm::held_request& request, std::string json) {
  return encode_content(codings_of(request), std::move(json));
}

}  // namespace app::rewrite
