#include "app/openai/responses_writer.hpp"

#include <algorithm>
#include <utility>

#include "app/base/json_text.hpp"

namespace app::openai {
namespace {

std::string_view prefix(item_kind kind) {
  switch (kind) {
    case item_kind::message:
      return "msg_";
    case item_kind::reasoning:
      return "rs_";
    case item_kind::function_call:
      return "fc_";
  }
  return "";
}

/// Derived from the response's id, so that items need no random ids.
std::string item_id(item_kind kind, std::string_view response_id, std::size_t index) {
  std::string id(prefix(kind));
  id += response_id.substr(response_id.find('_') + 1);
  return (id += '_') += std::to_string(index);
}

}  // namespace

responses_writer::responses_writer(answer_identity identity, std::string echo, answer_style style)
    : identity_(std::move(identity)), echo_(std::move(echo)), style_(style), events_(style_, identity_.stream_id) {}

void responses_writer::begin(std::string& out) {
  if (state_ != state::fresh) return;
  state_ = state::open;
  if (!style_.stream) return;
  const std::string started = object();
  events_.lifecycle("response.created", started, out);
  events_.lifecycle("response.in_progress", started, out);
}

bool responses_writer::ensure_open(std::string& out) {
  begin(out);
  return state_ == state::open;
}

void responses_writer::text(std::uint32_t step, std::string_view text, std::string& out) {
  if (ensure_open(out)) say({item_kind::message, step}, "", text, out);
}

void responses_writer::text_rewritten(std::uint32_t step, std::string_view text, std::string& out) {
  if (ensure_open(out)) rewrite({item_kind::message, step}, text, out);
}

void responses_writer::reasoning(std::uint32_t step, std::string_view text, std::string& out) {
  if (ensure_open(out) && style_.reasoning) say({item_kind::reasoning, step}, "", text, out);
}

void responses_writer::reasoning_rewritten(std::uint32_t step, std::string_view text, std::string& out) {
  if (ensure_open(out) && style_.reasoning) rewrite({item_kind::reasoning, step}, text, out);
}

/// The item holds a part of the last wording of that step.
bool responses_writer::wording(const output_item& item, speech what) const {
  return item.kind == what.kind && item.step == what.step && item.wording != output_item::npos;
}

bool responses_writer::speaking(speech what) const {
  return speaking_ && wording(items_[*speaking_], what);
}

void responses_writer::say(speech what, std::string_view before, std::string_view text, std::string& out) {
  const std::size_t size = before.size() + text.size();
  if (size == 0) return;
  // Streams have the limit too, because the end of an item repeats all its text.
  if (cut_ || size > style_.text - std::min(held_, style_.text)) {
    cut_ = true;
    return;
  }
  if (!speaking(what)) {
    stop_speaking(item_status::completed, out);
    output_item* const item = start(what.kind, out);
    if (item == nullptr) return;
    item->step = what.step;
    item->wording = before.size();
    speaking_ = items_.size() - 1;
  }
  output_item& item = items_[*speaking_];
  item.text.append(before).append(text);
  held_ += size;
  events_.delta(*speaking_, item, before, text, out);
}

/// How many bytes at the beginning of `text` were already sent for the step; nullopt if other text was sent.
std::optional<std::size_t> responses_writer::said_of(speech what, std::string_view text) const {
  std::size_t said = 0;
  for (const output_item& item : items_) {
    if (!wording(item, what)) continue;
    const std::string_view words = std::string_view(item.text).substr(item.wording);
    if (!text.substr(said).starts_with(words)) return std::nullopt;
    said += words.size();
  }
  return said;
}

void responses_writer::rewrite(speech what, std::string_view text, std::string& out) {
  if (const std::optional<std::size_t> said = said_of(what, text)) {
    say(what, "", text.substr(*said), out);
  } else if (style_.stream) {
    forget_wording(what);
    say(what, text.empty() ? withdrawn_mark : rewritten_mark, text, out);
  } else {
    reword(what, text, out);
  }
}

void responses_writer::forget_wording(speech what) {
  for (output_item& item : items_)
    if (wording(item, what)) item.wording = output_item::npos;
}

/// Without a stream, the first item of the step gets the new wording and the others become empty.
void responses_writer::reword(speech what, std::string_view text, std::string& out) {
  std::string_view rest = text;
  for (output_item& item : items_) {
    if (!wording(item, what)) continue;
    held_ -= item.text.size();
    item.text = rest;
    held_ += item.text.size();
    rest = {};
  }
  if (held_ > style_.text) cut_ = true;
  if (speaking_ && items_[*speaking_].text.empty()) stop_speaking(item_status::completed, out);
}

output_item* responses_writer::start(item_kind kind, std::string& out) {
  if (items_.size() == max_items) {
    cut_ = true;
    return nullptr;
  }
  output_item& item = items_.emplace_back();
  item.kind = kind;
  item.id = item_id(kind, identity_.id, items_.size() - 1);
  if (kind != item_kind::function_call) events_.added(items_.size() - 1, item, out);
  return &item;
}

void responses_writer::stop_speaking(item_status status, std::string& out) {
  if (speaking_) close(*speaking_, status, out);
  speaking_.reset();
}

void responses_writer::close(std::size_t index, item_status status, std::string& out) {
  items_[index].status = status;
  events_.done(index, items_[index], out);
}

bool responses_writer::tool_call_begin(std::size_t index, std::string_view id, std::string_view name,
                                       std::string& out) {
  if (!ensure_open(out) || index != calls_.size() || index >= max_tool_calls) return false;
  stop_speaking(item_status::completed, out);
  output_item* const item = start(item_kind::function_call, out);
  if (item == nullptr) return false;
  item->call_id = id;
  item->name = name;
  calls_.push_back(items_.size() - 1);
  events_.added(calls_.back(), *item, out);
  return true;
}

void responses_writer::tool_call_arguments(std::size_t index, std::string_view piece, std::string& out) {
  if (!ensure_open(out) || index >= calls_.size() || piece.empty()) return;
  if (cut_ || piece.size() > style_.text - std::min(held_, style_.text)) {
    cut_ = true;
    return;
  }
  output_item& item = items_[calls_[index]];
  item.text += piece;
  held_ += piece.size();
  events_.delta(calls_[index], item, "", piece, out);
}

void responses_writer::end(finish_reason reason, const std::optional<token_counts>& usage, std::int64_t now,
                           std::string& out) {
  if (!ensure_open(out)) return;
  if (cut_ && reason != finish_reason::content_filter) reason = finish_reason::length;
  const bool complete = reason == finish_reason::stop || reason == finish_reason::tool_calls;
  if (complete) progress_.completed_at = now;
  if (reason == finish_reason::length) progress_.incomplete_details = R"({"reason":"max_output_tokens"})";
  if (reason == finish_reason::content_filter) progress_.incomplete_details = R"({"reason":"content_filter"})";
  conclude(complete ? "completed" : "incomplete", complete ? item_status::completed : item_status::incomplete, usage,
           out);
  tell_end(complete ? "response.completed" : "response.incomplete", out);
}

void responses_writer::fail(const api_error& error, const std::optional<token_counts>& usage, std::string& out) {
  if (state_ == state::ended) return;
  const bool before_created = state_ == state::fresh;
  progress_.error = R"({"code":)";
  append_json(progress_.error, error.code.empty() ? "server_error" : error.code);
  progress_.error += R"(,"message":)";
  append_json(progress_.error, error.message);
  progress_.error += '}';
  conclude("failed", item_status::incomplete, usage, out);
  if (before_created) {
    events_.error(error, out);
  } else {
    events_.lifecycle("response.failed", object(), out);
  }
}

void responses_writer::cancel(const std::optional<token_counts>& usage, std::string& out) {
  if (!ensure_open(out)) return;
  progress_.error = R"({"code":"cancelled","message":"The response was cancelled."})";
  conclude("cancelled", item_status::incomplete, usage, out);
  tell_end("response.failed", out);
}

void responses_writer::tell_end(std::string_view type, std::string& out) {
  if (style_.stream) {
    events_.lifecycle(type, object(), out);
  } else {
    out += object();
  }
}

void responses_writer::conclude(std::string_view status, item_status of_items, const std::optional<token_counts>& usage,
                                std::string& out) {
  stop_speaking(of_items, out);
  for (const std::size_t call : calls_) close(call, of_items, out);
  progress_.status = status;
  progress_.usage = usage;
  state_ = state::ended;
}

std::string responses_writer::object() const {
  return render_response(identity_, progress_, {items_, style_.stream}, echo_);
}

std::optional<message> responses_writer::answer() const {
  if (cut_) return std::nullopt;
  message said{role::assistant};
  for (const output_item& item : items_) {
    if (item.kind == item_kind::message) said.text += item.text;
    if (item.kind == item_kind::function_call) said.calls.push_back({item.call_id, item.name, item.text});
  }
  return said;
}

}  // namespace app::openai
