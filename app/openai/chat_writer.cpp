#include "app/openai/chat_writer.hpp"

#include <utility>

#include "app/base/json_text.hpp"
#include "app/openai/errors.hpp"
#include "app/openai/sse_frame.hpp"

namespace app::openai {
namespace {

constexpr std::string_view after_delta = R"(},"logprobs":null,"finish_reason":)";
constexpr std::string_view plain_tail = "},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
constexpr std::string_view usage_tail = "},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n";

std::string_view word(finish_reason reason) {
  switch (reason) {
    case finish_reason::stop:
      return R"("stop")";
    case finish_reason::length:
      return R"("length")";
    case finish_reason::tool_calls:
      return R"("tool_calls")";
    case finish_reason::content_filter:
      return R"("content_filter")";
  }
  return R"("stop")";
}

/// The members that a chunk and the whole object share, up to `choices`.
std::string beginning(const answer_identity& identity, std::string_view object) {
  std::string out = R"({"id":)";
  append_json(out, identity.id);
  out.append(R"(,"object":")").append(object).append(R"(","created":)").append(std::to_string(identity.created));
  out += R"(,"model":)";
  append_json(out, identity.model);
  return out += R"(,"choices":[{"index":0,)";
}

void append_metadata(std::string& out, const answer_identity& identity) {
  out += R"(,"metadata":)";
  append_pairs(out, all_metadata(identity));
}

void append_reasoning(std::string& out, std::string_view reasoning) {
  out += R"("reasoning_content":")";
  append_escaped(out, reasoning);
  out += R"(","reasoning":")";
  append_escaped(out, reasoning);
  out += '"';
}

}  // namespace

chat_writer::chat_writer(answer_identity identity, answer_style style)
    : identity_(std::move(identity)),
      style_(style),
      head_("data: " + beginning(identity_, "chat.completion.chunk") + R"("delta":{)"),
      tail_(style.include_usage ? usage_tail : plain_tail),
      text_(style.stream, style.text),
      reasoning_(style.stream, style.text) {}

void chat_writer::begin(std::string& out) {
  if (state_ != state::fresh) return;
  state_ = state::open;
  if (!style_.stream) return;
  out.append(head_).append(R"("role":"assistant","content":"")").append(tail_, 0, tail_.find('\n') - 1);
  append_metadata(out, identity_);
  out += "}\n\n";
}

/// Begins the answer if necessary. False once it has ended.
bool chat_writer::ensure_open(std::string& out) {
  begin(out);
  return state_ == state::open;
}

void chat_writer::content(const answer_text::addition& words, std::string& out) {
  if (!style_.stream || (words.before.empty() && words.text.empty())) return;
  out.append(head_).append(R"("content":")");
  append_escaped(out, words.before);
  append_escaped(out, words.text);
  out.append(1, '"').append(tail_);
}

void chat_writer::thoughts(const answer_text::addition& words, std::string& out) {
  if (!style_.stream || (words.before.empty() && words.text.empty())) return;
  out += head_;
  for (const std::string_view name : {R"("reasoning_content":")", R"(","reasoning":")"}) {
    out += name;
    append_escaped(out, words.before);
    append_escaped(out, words.text);
  }
  out.append(1, '"').append(tail_);
}

void chat_writer::text(std::uint32_t step, std::string_view text, std::string& out) {
  if (ensure_open(out)) content(text_.append(step, text), out);
}

void chat_writer::text_rewritten(std::uint32_t step, std::string_view text, std::string& out) {
  if (ensure_open(out)) content(text_.rewrite(step, text), out);
}

void chat_writer::reasoning(std::uint32_t step, std::string_view text, std::string& out) {
  if (ensure_open(out) && style_.reasoning) thoughts(reasoning_.append(step, text), out);
}

void chat_writer::reasoning_rewritten(std::uint32_t step, std::string_view text, std::string& out) {
  if (ensure_open(out) && style_.reasoning) thoughts(reasoning_.rewrite(step, text), out);
}

bool chat_writer::tool_call_begin(std::size_t index, std::string_view id, std::string_view name, std::string& out) {
  if (!ensure_open(out) || index != calls_.size() || index >= max_tool_calls) return false;
  calls_.push_back({std::string(id), std::string(name), {}});
  if (!style_.stream) return true;
  out.append(head_).append(R"("tool_calls":[{"index":)");
  append_number(out, index);
  out += R"(,"id":)";
  append_json(out, id);
  out += R"(,"type":"function","function":{"name":)";
  append_json(out, name);
  out.append(R"(,"arguments":""}}])").append(tail_);
  return true;
}

void chat_writer::tool_call_arguments(std::size_t index, std::string_view piece, std::string& out) {
  if (!ensure_open(out) || index >= calls_.size() || piece.empty()) return;
  std::string& kept = calls_[index].arguments;
  if (kept.size() + piece.size() > style_.text) arguments_cut_ = true;
  if (!arguments_cut_) kept += piece;
  if (!style_.stream) return;
  out.append(head_).append(R"("tool_calls":[{"index":)");
  append_number(out, index);
  out += R"(,"function":{"arguments":)";
  append_json(out, piece);
  out.append("}}]").append(tail_);
}

finish_reason chat_writer::reported(finish_reason reason) const {
  if (reason != finish_reason::stop) return reason;
  if (!style_.stream && (text_.cut() || arguments_cut_)) return finish_reason::length;
  return calls_.empty() ? reason : finish_reason::tool_calls;
}

void chat_writer::end(finish_reason reason, const std::optional<token_counts>& usage, std::string& out) {
  if (!ensure_open(out)) return;
  if (!style_.stream) {
    whole(reported(reason), usage, out);
    state_ = state::ended;
    return;
  }
  out.append(head_).append(after_delta).append(word(reported(reason))).append("}]");
  out += style_.include_usage ? ",\"usage\":null}\n\n" : "}\n\n";
  if (style_.include_usage && usage) usage_chunk(*usage, out);
  done(out);
}

void chat_writer::usage_chunk(const token_counts& usage, std::string& out) const {
  out.append(head_, 0, head_.rfind("[{")).append(R"([],"usage":)");
  append_chat_usage(out, usage);
  out += "}\n\n";
}

void chat_writer::fail(const api_error& error, std::string& out) {
  if (state_ == state::ended) return;
  if (!style_.stream) {
    state_ = state::ended;
    return;
  }
  out += "data: ";
  append_error(out, error);
  out += "\n\n";
  done(out);
}

void chat_writer::done(std::string& out) {
  out += chat_done_frame;
  state_ = state::ended;
}

void chat_writer::whole(finish_reason reason, const std::optional<token_counts>& usage, std::string& out) const {
  out += beginning(identity_, "chat.completion");
  out += R"("message":{"role":"assistant","content":)";
  const std::string content = text_.held();
  if (content.empty() && !calls_.empty()) {
    out += "null";
  } else {
    append_json(out, content);
  }
  out += R"(,"refusal":null)";
  if (const std::string reasoning = reasoning_.held(); !reasoning.empty()) append_reasoning(out += ',', reasoning);
  if (!calls_.empty()) append_calls(out);
  out.append(R"(},"logprobs":null,"finish_reason":)").append(word(reason)).append(R"(}],"usage":)");
  append_chat_usage(out, usage);
  append_metadata(out, identity_);
  out += '}';
}

void chat_writer::append_calls(std::string& out) const {
  out += R"(,"tool_calls":[)";
  for (const tool_call& call : calls_) {
    if (&call != &calls_.front()) out += ',';
    out += R"({"id":)";
    append_json(out, call.id);
    out += R"(,"type":"function","function":{"name":)";
    append_json(out, call.name);
    out += R"(,"arguments":)";
    append_json(out, call.arguments);
    out += "}}";
  }
  out += ']';
}

std::optional<message> chat_writer::answer() const {
  if (text_.cut() || arguments_cut_) return std::nullopt;
  message said{role::assistant, text_.held()};
  said.calls = calls_;
  return said;
}

}  // namespace app::openai
