#include "app/api_body.hpp"

#include <utility>

#include "app/api_error.hpp"
#include "usage/content_decoder.hpp"

namespace app {
namespace {

struct collector final : usage::content_decoder::sink {
  std::string text;
  void on_content(std::string_view piece) override { text += piece; }
};

api_response refusal(boost::system::error_code why, std::size_t limit) {
  if (why == usage::errc::unsupported) return to_response(unsupported_coding());
  if (why == usage::errc::too_large) return to_response(body_too_large(limit));
  return to_response(bad_request("The body is not in the coding that Content-Encoding names."));
}

}  // namespace

boost::system::result<std::string, api_response> decode_body(std::string_view codings, std::string body,
                                                             std::size_t limit) {
  using decoded = boost::system::result<std::string, api_response>;
  if (codings.empty()) return decoded(boost::system::in_place_value, std::move(body));
  auto decoder = usage::content_decoder::make(codings, limit);
  if (decoder.has_error()) return refusal(decoder.error(), limit);
  collector into;
  if (const auto fed = decoder->feed(body, into); fed.has_error()) return refusal(fed.error(), limit);
  if (const auto done = decoder->finish(); done.has_error()) return refusal(done.error(), limit);
  return decoded(boost::system::in_place_value, std::move(into.text));
}

}  // namespace app
