#include "app/openai/output_item.hpp"

#include "app/base/json_text.hpp"

namespace app::openai {
namespace {

std::string_view word(item_status status) {
  switch (status) {
    case item_status::in_progress:
      return R"(,"status":"in_progress")";
    case item_status::completed:
      return R"(,"status":"completed")";
    case item_status::incomplete:
      return R"(,"status":"incomplete")";
  }
  return "";
}

std::string_view type(item_kind kind) {
  switch (kind) {
    case item_kind::message:
      return R"(,"type":"message","role":"assistant")";
    case item_kind::reasoning:
      return R"(,"type":"reasoning")";
    case item_kind::function_call:
      return R"(,"type":"function_call")";
  }
  return "";
}

void append_head(std::string& out, const output_item& item) {
  out += R"({"id":)";
  append_json(out, item.id);
  out.append(type(item.kind)).append(word(item.status));
}

void append_call(std::string& out, const output_item& item, std::string_view arguments) {
  out += R"(,"call_id":)";
  append_json(out, item.call_id);
  out += R"(,"name":)";
  append_json(out, item.name);
  out += R"(,"arguments":)";
  append_json(out, arguments);
}

std::string_view list(item_kind kind) {
  return kind == item_kind::message ? R"(,"content":[)" : R"(,"summary":[)";
}

}  // namespace

void append_item(std::string& out, const output_item& item) {
  append_head(out, item);
  if (item.kind == item_kind::function_call) {
    append_call(out, item, item.text);
  } else {
    out += list(item.kind);
    append_part(out, item.kind, item.text);
    out += ']';
  }
  out += '}';
}

void append_new_item(std::string& out, const output_item& item) {
  append_head(out, item);
  if (item.kind == item_kind::function_call) {
    append_call(out, item, "");
  } else {
    out.append(list(item.kind)).append("]");
  }
  out += '}';
}

void append_part(std::string& out, item_kind kind, std::string_view text) {
  const bool message = kind == item_kind::message;
  out += message ? R"({"type":"output_text","text":)" : R"({"type":"summary_text","text":)";
  append_json(out, text);
  out += message ? R"(,"annotations":[],"logprobs":[]})" : "}";
}

}  // namespace app::openai
