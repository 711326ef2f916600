#include "mitm/rewrite/http1_message.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <boost/beast/http/status.hpp>

#include "net/text/ascii.hpp"
#include "net/wire/body_framing.hpp"
#include "net/wire/chunk_decoder.hpp"

namespace mitm {
namespace {

namespace wire = net::wire;

constexpr std::string_view last_chunk = "0\r\n\r\n";

bool is(const net::wire::field& field, std::string_view name) {
  return net::text::iequals(field.name, name);
}

const net::wire::field* find(const std::vector<net::wire::field>& fields, std::string_view name) {
  const auto found = std::ranges::find_if(fields, [name](const net::wire::field& each) { return is(each, name); });
  return found == fields.end() ? nullptr : &*found;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// The body of a complete chunked message; nullopt if it has trailers or is malformed.
std::optional<std::string> unchunked(std::string_view bytes) {
  std::string body;
  wire::chunk_decoder decoder;
  std::string_view behind_data = bytes;
  while (!bytes.empty() && !decoder.done()) {
    const auto step = decoder.feed(bytes);
    if (!step) return std::nullopt;
    bytes.remove_prefix(step->consumed);
    if (step->body.empty()) continue;
    body += step->body;
    behind_data = bytes;
  }
  // After the last data come the last size line and an empty line. A trailer would be one more line.
  const auto lines = std::ranges::count(behind_data, '\n');
  return decoder.done() && lines == (body.empty() ? 2 : 3) ? std::optional(std::move(body)) : std::nullopt;
}

}  // namespace

std::optional<held_request> read_held(std::string_view bytes, std::size_t head_size) {
  const auto head = wire::parse_request_head(bytes.substr(0, head_size));
  if (!head) return std::nullopt;
  held_request request{std::string(head->method), std::string(head->target), {}, {}, form_of(*head)};
  for (const auto& each : head->fields) request.fields.push_back({std::string(each.name), std::string(each.value)});
  const auto body = bytes.substr(head_size);
  if (find(request.fields, "transfer-encoding") == nullptr) {
    request.body = body;
    return request;
  }
  auto whole = unchunked(body);
  if (!whole) return std::nullopt;
  request.body = std::move(*whole);
  return request;
}

std::string write_request(const held_request& request) {
  std::string text = request.method + " " + request.target + " HTTP/1.1\r\n";
  const bool chunked = find(request.fields, "transfer-encoding") != nullptr;
  bool framed = chunked;
  for (const auto& each : request.fields) {
    if (is(each, "expect")) continue;
    if (!is(each, "content-length")) {
      append_field(text, each.name, each.value);
    } else if (!framed) {
      append_field(text, each.name, std::to_string(request.body.size()));
      framed = true;
    }
  }
  if (!framed && !request.body.empty()) append_field(text, "Content-Length", std::to_string(request.body.size()));
  text += "\r\n";
  if (!chunked) return text + request.body;
  append_chunk(text, request.body);
  return text.append(last_chunk);
}

std::string write_answer(const local_answer& answer, bool with_body) {
  namespace http = boost::beast::http;
  const auto known = http::int_to_status(answer.status);
  const auto reason =
      known == http::status::unknown ? std::string_view() : std::string_view(http::obsolete_reason(known));
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string(reason) + "\r\n";
  bool streamed = false;
  for (const auto& each : answer.fields) {
    append_field(text, each.name, each.value);
    streamed = streamed || (is(each, "content-type") && each.value.starts_with("text/event-stream"));
  }
  streamed ? append_field(text, "transfer-encoding", "chunked")
           : append_field(text, "content-length", std::to_string(answer.body.size()));
  text += "\r\n";
  if (!with_body) return text;
  if (!streamed) return text + answer.body;
  append_chunk(text, answer.body);
  return text.append(last_chunk);
}

void append_chunk(std::string& out, std::string_view body) {
  if (body.empty()) return;
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), body.size(), 16).ptr;
  out.append(digits.data(), end).append("\r\n").append(body).append("\r\n");
}

bool expects_continue(const wire::header_fields& fields) {
  const auto expected = fields.find("expect");
  return expected && net::text::iequals(*expected, "100-continue");
}

}  // namespace mitm
