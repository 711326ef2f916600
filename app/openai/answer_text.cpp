#include "app/openai/answer_text.hpp"

#include <algorithm>

#include "app/base/json_text.hpp"
#include "net/text/utf8.hpp"

namespace app::openai {

answer_text::part* answer_text::find(std::uint32_t step) {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const part& each) { return each.step == step; });
  return found == parts_.end() ? nullptr : &*found;
}

void answer_text::keep(std::string& where, std::string_view text) {
  const std::size_t room = limit_ - held_;
  const std::size_t size = text.size() <= room ? text.size() : net::utf8::whole_characters(text.substr(0, room));
  if (size < text.size()) cut_ = true;
  where.append(text, 0, size);
  held_ += size;
}

answer_text::addition answer_text::send(part& which, addition words) {
  last_ = static_cast<std::size_t>(&which - parts_.data());
  keep(which.text, words.text);
  if (stream_ && sent_.size() + words.before.size() + words.text.size() > limit_) cut_ = true;
  if (stream_ && !cut_) sent_.append(words.before).append(words.text);
  return words;
}

answer_text::addition answer_text::append(std::uint32_t step, std::string_view text) {
  if (text.empty()) return {};
  part* known = find(step);
  const bool goes_on = last(known);
  if (known == nullptr) known = &parts_.emplace_back(part{step, {}});
  return send(*known, {goes_on || sent_.empty() ? std::string_view() : step_break, text});
}

answer_text::addition answer_text::rewrite(std::uint32_t step, std::string_view text) {
  part* known = find(step);
  if (known == nullptr || known->text.empty()) return append(step, text);
  if (known->text == text) return {};
  if (!stream_) return reword(*known, text);
  if (last(known) && !cut_ && text.starts_with(known->text)) return append(step, text.substr(known->text.size()));
  held_ -= known->text.size();
  known->text.clear();
  return send(*known, {text.empty() ? withdrawn_mark : rewritten_mark, text});
}

answer_text::addition answer_text::reword(part& which, std::string_view text) {
  held_ -= which.text.size();
  which.text.clear();
  keep(which.text, text);
  return {};
}

std::string answer_text::held() const {
  if (stream_) return sent_;
  std::string all;
  for (const part& each : parts_) {
    if (each.text.empty()) continue;
    if (!all.empty()) all += step_break;
    all += each.text;
  }
  return all;
}

}  // namespace app::openai
