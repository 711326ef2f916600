#include "app/openai/response_events.hpp"

#include "app/base/json_text.hpp"
#include "app/openai/errors.hpp"

namespace app::openai {
namespace {

struct event_names {
  std::string_view part_added;
  std::string_view delta;
  std::string_view done;
  std::string_view part_done;
  std::string_view part_index;
};

constexpr event_names names_of(item_kind kind) {
  switch (kind) {
    case item_kind::message:
      return {"response.content_part.added", "response.output_text.delta", "response.output_text.done",
              "response.content_part.done", R"(,"content_index":0)"};
    case item_kind::reasoning:
      return {"response.reasoning_summary_part.added", "response.reasoning_summary_text.delta",
              "response.reasoning_summary_text.done", "response.reasoning_summary_part.done", R"(,"summary_index":0)"};
    case item_kind::function_call:
      return {"", "response.function_call_arguments.delta", "response.function_call_arguments.done", "", ""};
  }
  return {};
}

}  // namespace

response_events::response_events(const answer_style& style, std::string_view stream_id)
    : stream_(style.stream), framing_(style.framing) {
  if (stream_id.empty()) return;
  repeated_ = R"(,"stream_id":)";
  append_json(repeated_, stream_id);
}

void response_events::begin(std::string_view type, std::string& out) {
  if (framing_ == event_framing::event_stream) out.append("event: ").append(type).append("\ndata: ");
  out.append("{\"type\":\"").append(type).append("\"").append(repeated_).append(",\"sequence_number\":");
  append_number(out, next_++);
}

void response_events::end(std::string& out) const {
  out += framing_ == event_framing::event_stream ? "}\n\n" : "}\n";
}

void response_events::begin_of(std::string_view type, std::size_t index, const output_item& item, std::string& out) {
  begin(type, out);
  out += R"(,"item_id":)";
  append_json(out, item.id);
  out += R"(,"output_index":)";
  append_number(out, index);
  out += names_of(item.kind).part_index;
}

void response_events::item_event(std::string_view type, std::size_t index, std::string& out) {
  begin(type, out);
  out += R"(,"output_index":)";
  append_number(out, index);
  out += R"(,"item":)";
}

void response_events::part_event(std::string_view type, std::size_t index, const output_item& item,
                                 std::string_view text, std::string& out) {
  begin_of(type, index, item, out);
  out += R"(,"part":)";
  append_part(out, item.kind, text);
  end(out);
}

void response_events::lifecycle(std::string_view type, std::string_view object, std::string& out) {
  if (!stream_) return;
  begin(type, out);
  out.append(R"(,"response":)").append(object);
  end(out);
}

void response_events::added(std::size_t index, const output_item& item, std::string& out) {
  if (!stream_) return;
  item_event("response.output_item.added", index, out);
  append_new_item(out, item);
  end(out);
  if (item.kind != item_kind::function_call) part_event(names_of(item.kind).part_added, index, item, "", out);
}

void response_events::delta(std::size_t index, const output_item& item, std::string_view before, std::string_view text,
                            std::string& out) {
  if (!stream_) return;
  begin_of(names_of(item.kind).delta, index, item, out);
  out += R"(,"delta":")";
  append_escaped(out, before);
  append_escaped(out, text);
  out += '"';
  if (item.kind == item_kind::message) out += R"(,"logprobs":[])";
  end(out);
}

void response_events::done(std::size_t index, const output_item& item, std::string& out) {
  if (!stream_) return;
  const event_names names = names_of(item.kind);
  begin_of(names.done, index, item, out);
  if (item.kind == item_kind::function_call) {
    out += R"(,"name":)";
    append_json(out, item.name);
    out += R"(,"arguments":)";
  } else {
    out += R"(,"text":)";
  }
  append_json(out, item.text);
  if (item.kind == item_kind::message) out += R"(,"logprobs":[])";
  end(out);
  if (item.kind != item_kind::function_call) part_event(names.part_done, index, item, item.text, out);
  item_event("response.output_item.done", index, out);
  append_item(out, item);
  end(out);
}

void response_events::error(const api_error& error, std::string& out) {
  if (!stream_) return;
  begin("error", out);
  out += R"(,"code":)";
  append_json(out, error.code);
  out += R"(,"message":)";
  append_json(out, error.message);
  out += R"(,"param":)";
  append_json_or_null(out, error.param);
  // The members above are OpenAI's event; openai-python raises only if there is an `error`.
  std::string nested;
  append_error(nested, error);
  out.append(1, ',').append(nested, 1, nested.size() - 2);
  end(out);
}

}  // namespace app::openai
