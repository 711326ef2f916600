#include "mitm/rewrite/h2_message.hpp"

#include <algorithm>
#include <charconv>

#include "net/text/ascii.hpp"

namespace mitm {
namespace {

bool is_pseudo(const net::wire::field& field) {
  return field.name.starts_with(':');
}

std::string_view pseudo(const h2_fields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &net::wire::field::name);
  return found == fields.end() ? std::string_view() : std::string_view(found->value);
}

bool is_word(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c != 0x7f; });
}

}  // namespace

h2_request_text::h2_request_text(const h2_fields& fields)
    : method_(pseudo(fields, ":method")), target_(pseudo(fields, ":path")), protocol_(pseudo(fields, ":protocol")) {
  const auto authority = pseudo(fields, ":authority");
  if (target_.empty()) target_ = authority;
  const bool sound = std::ranges::all_of(
      fields, [](const net::wire::field& each) { return is_pseudo(each) || net::h2::is_regular(each); });
  whole_ = sound && !method_.empty() && !target_.empty() && is_word(method_) && is_word(target_) && is_word(authority);
  if (!whole_) return;
  if (!authority.empty()) lines_.append("host: ").append(authority).append("\r\n");
  lines_ += field_lines(fields);
}

std::string field_lines(const h2_fields& fields) {
  std::string lines;
  for (const auto& each : fields) {
    if (net::h2::is_regular(each)) lines.append(each.name).append(": ").append(each.value).append("\r\n");
  }
  return lines;
}

unsigned status_of(const h2_fields& fields) {
  const auto text = pseudo(fields, ":status");
  unsigned status = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  return text.size() == 3 && error == std::errc() && end == text.data() + text.size() ? status : 0;
}

held_request held_of(const h2_fields& fields, std::string body) {
  held_request request{
      std::string(pseudo(fields, ":method")), std::string(pseudo(fields, ":path")), {}, std::move(body), {}};
  if (pseudo(fields, ":protocol") == "websocket") request.form = request_form::upgrade;
  std::ranges::remove_copy_if(fields, std::back_inserter(request.fields), is_pseudo);
  return request;
}

h2_fields changed_fields(const h2_fields& original, const held_request& changed) {
  h2_fields fields;
  std::ranges::copy_if(original, std::back_inserter(fields), is_pseudo);
  for (auto& each : fields) {
    if (each.name == ":method") each.value = changed.method;
    if (each.name == ":path") each.value = changed.target;
  }
  for (const auto& each : changed.fields) {
    const std::string name = net::text::lowered(each.name);
    if (name == "expect") continue;  // it has been answered
    fields.push_back({name, name == "content-length" ? std::to_string(changed.body.size()) : each.value});
  }
  return fields;
}

h2_fields answer_fields(const local_answer& answer) {
  h2_fields fields{{":status", std::to_string(answer.status)}};
  for (const auto& each : answer.fields) fields.push_back({net::text::lowered(each.name), each.value});
  fields.push_back({"content-length", std::to_string(answer.body.size())});
  return fields;
}

}  // namespace mitm
