#include "app/http/body.hpp"

#include <utility>

#include "app/http/error_answer.hpp"
#include "usage/content/content_decoder.hpp"

namespace app {
namespace {

struct collector final : usage::content_decoder::sink {
  explicit collector(received_body& into, std::size_t beside) : body(into), other(beside) {}

  void on_content(std::string_view piece) override {
    if (!body.held.cover(other + body.text.size() + piece.size())) full = true;
    if (!full) body.text += piece;
  }

  received_body& body;
  std::size_t other;  // bytes that the share also covers
  bool full = false;
};

api_response refusal(boost::system::error_code why, std::size_t limit) {
  if (why == usage::errc::unsupported) return to_response(unsupported_coding());
  if (why == usage::errc::too_large) return to_response(body_too_large(limit));
  return to_response(bad_request("The body is not in the coding that Content-Encoding names."));
}

}  // namespace

boost::system::result<received_body, api_response> decode_body(std::string_view codings, received_body body,
                                                               std::size_t limit, std::stop_token stop) {
  using decoded = boost::system::result<received_body, api_response>;
  if (codings.empty()) return decoded(boost::system::in_place_value, std::move(body));
  auto decoder = usage::content_decoder::make(codings, limit);
  if (decoder.has_error()) return refusal(decoder.error(), limit);
  received_body made{{}, std::move(body.held)};
  collector collected(made, body.text.size());
  constexpr std::size_t slice = 16 * 1024;  // between two checks whether it is still wanted
  for (std::string_view rest = body.text; !rest.empty() && !collected.full && !stop.stop_requested();) {
    const auto piece = rest.substr(0, slice);
    if (const auto fed = decoder->feed(piece, collected); fed.has_error()) return refusal(fed.error(), limit);
    rest.remove_prefix(piece.size());
  }
  if (collected.full) return no_room_for_bodies();
  if (stop.stop_requested()) return too_many_bodies();  // nobody reads it
  if (const auto done = decoder->finish(); done.has_error()) return refusal(done.error(), limit);
  made.held.shrink_to(made.text.size());
  return decoded(boost::system::in_place_value, std::move(made));
}

boost::asio::awaitable<boost::system::result<received_body, api_response>> decode_apart(std::string codings,
                                                                                        received_body body,
                                                                                        std::size_t limit,
                                                                                        net::background_pool* apart) {
  if (codings.empty() || apart == nullptr) co_return decode_body(codings, std::move(body), limit);
  auto made = co_await apart->run(
      [&](std::stop_token stop) { return decode_body(codings, std::move(body), limit, std::move(stop)); });
  if (!made) co_return too_many_bodies();
  co_return std::move(*made);
}

api_response no_room_for_bodies() {
  return overloaded("All requests that are being read take as much memory as limits.held_bodies allows.");
}

api_response too_many_bodies() {
  return overloaded("Too many large requests wait to be read.");
}

}  // namespace app
