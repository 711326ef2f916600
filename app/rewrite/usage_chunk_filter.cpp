#include "app/rewrite/usage_chunk_filter.hpp"

#include <algorithm>

#include "app/rewrite/json_document.hpp"
#include "net/text/ascii.hpp"
#include "net/wire/sse_decoder.hpp"

namespace app::rewrite {
namespace {

using net::text::iequals;

struct event_data final : net::wire::sse_decoder::sink {
  void on_data(std::string_view piece) override { text.append(piece); }
  void on_dispatch(std::string_view) override {}
  std::string text;
};

bool is_usage_chunk(std::string_view event) {
  // Few events contain this, and only they are decoded.
  if (event.find("\"usage\"") == event.npos) return false;
  event_data data;
  net::wire::sse_decoder(data).feed(event);
  if (!is_json(data.text)) return false;
  const auto usage = value_at(data.text, {"usage"});
  const auto choices = locate(data.text, {"choices"});
  if (!usage || !usage->starts_with('{') || choices.has_error() || !choices->found) return false;
  return data.text[choices->begin] == '[' && !json_entries(data.text, choices->begin).next();
}

}  // namespace

bool usage_chunk_filter::wants(const net::wire::response_head& head) {
  const auto type = head.fields.find("content-type").value_or("");
  const auto coding = head.fields.find("content-encoding").value_or("identity");
  constexpr std::string_view wanted = "text/event-stream";
  const auto name = type.substr(0, type.find_first_of("; \t"));
  return iequals(name, wanted) && iequals(coding, "identity");
}

void usage_chunk_filter::feed(std::string_view piece, std::string& out) {
  while (!piece.empty()) {
    if (state_ == state::event_end_after_cr) {
      state_ = state::line_start;
      if (piece.front() == '\n') {
        if (!dropped_) out += '\n';
        piece.remove_prefix(1);
        continue;
      }
    }
    std::size_t used = 0;
    const bool ended = read_event(piece, used);
    keep(piece.substr(0, used), out);
    piece.remove_prefix(used);
    if (ended) end_event(out);
  }
}

void usage_chunk_filter::finish(std::string& out) {
  out += event_;
  event_.clear();
}

bool usage_chunk_filter::read_event(std::string_view piece, std::size_t& used) {
  while (used < piece.size()) {
    if (state_ == state::line) {
      used = std::min(piece.find_first_of("\r\n", used), piece.size());
      if (used == piece.size()) return false;
    }
    const char c = piece[used++];
    const bool starts_line = state_ != state::line;
    if (c == '\n') {
      if (state_ == state::line_start) return true;
      state_ = state::line_start;
    } else if (c == '\r') {
      state_ = starts_line ? state::event_end_after_cr : state::line_start_after_cr;
      if (starts_line) return true;
    } else {
      state_ = state::line;
    }
  }
  return false;
}

void usage_chunk_filter::keep(std::string_view bytes, std::string& out) {
  if (!passing_ && event_.size() + bytes.size() <= limit_) {
    event_ += bytes;
    return;
  }
  out.append(event_).append(bytes);
  event_.clear();
  passing_ = true;
}

void usage_chunk_filter::end_event(std::string& out) {
  dropped_ = !passing_ && is_usage_chunk(event_);
  if (!dropped_) out += event_;
  event_.clear();
  passing_ = false;
}

}  // namespace app::rewrite
