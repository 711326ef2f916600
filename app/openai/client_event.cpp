#include "app/openai/client_event.hpp"

#include <iterator>
#include <utility>

#include "app/base/json_text.hpp"
#include "app/openai/errors.hpp"
#include "app/openai/known_parameters.hpp"
#include "app/openai/request_body.hpp"
#include "app/openai/responses_request.hpp"
#include "net/text/utf8.hpp"

namespace app::openai {
namespace {

using event = decltype(client_event::what);

event read_create(const members& body, std::string_view stream_id, const request_limits& limits) {
  const bool generate = body.flag("generate", true);
  if (body.wrong().given()) return body.wrong().error();
  auto request = read_responses_request(body.raw(), limits);
  if (!request) return std::move(request).error();
  request->stream = true;
  request->stream_id = stream_id;
  return response_create{std::move(*request), generate};
}

event read_cancel(const members& body) {
  response_cancel cancel;
  if (const auto id = body.text("response_id")) cancel.response_id = *id;
  if (body.wrong().given()) return body.wrong().error();
  return cancel;
}

event unknown_type(std::string_view type) {
  return invalid_value("type", "Invalid value: '" + net::utf8::shortened(type, 100) +
                                   "'. Supported values are: 'response.create' and 'response.cancel'.");
}

void append(std::vector<message>& all, const std::vector<message>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

client_event parse_client_event(std::string_view text, const request_limits& limits) {
  const auto parsed = parse_body(text, limits);
  if (!parsed) return {{}, parsed.error()};
  refusal wrong;
  const members body(parsed->get_object(), "", wrong);
  const std::string_view stream_id = body.text("stream_id").value_or("");
  if (stream_id.size() > client_event::stream_id_size) {
    return {{}, invalid_value("stream_id", "A stream_id has at most 128 bytes.")};
  }
  const std::string_view type = body.required_text("type");
  client_event told{std::string(stream_id), {}};
  if (wrong.given()) {
    told.what = wrong.error();
  } else if (type == "response.create") {
    told.what = read_create(body, stream_id, limits);
  } else if (type == "response.cancel") {
    told.what = read_cancel(body);
  } else {
    told.what = unknown_type(type);
  }
  return told;
}

void continue_prepared(turn_request& request, const turn_request& earlier) {
  std::vector<message> all = earlier.history;
  append(all, earlier.input);
  append(all, request.input);
  request.previous_response_id = earlier.previous_response_id;
  request.conversation = earlier.conversation;
  if (request.previous_response_id || request.conversation) {
    request.input = std::move(all);
  } else {
    split_turns(std::move(all), request);
  }
  if (request.instructions.empty()) request.instructions = earlier.instructions;
  auto items = earlier.input_items;
  items.insert(items.end(), std::make_move_iterator(request.input_items.begin()),
               std::make_move_iterator(request.input_items.end()));
  request.input_items = std::move(items);
}

std::string error_event(unsigned status, std::string_view error,
                        std::span<const std::pair<std::string, std::string>> headers, std::string_view stream_id) {
  std::string out = R"({"type":"error","status":)";
  append_number(out, status);
  if (!stream_id.empty()) {
    out += R"(,"stream_id":)";
    append_json(out, stream_id);
  }
  if (!headers.empty()) {
    out += R"(,"headers":)";
    for (const auto& [name, value] : headers) {
      out += &name == &headers.front().first ? '{' : ',';
      append_json(out, name);
      out += ':';
      append_json(out, value);
    }
    out += '}';
  }
  return out.append(1, ',').append(error.substr(1));
}

}  // namespace app::openai
