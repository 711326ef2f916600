#include "usage/transcript/transcript_hasher.hpp"

#include <algorithm>
#include <utility>

namespace usage {
namespace {

using namespace std::string_view_literals;

constexpr std::array uncounted_members{"cache_control"sv, "role"sv, "type"sv};
constexpr std::array roles_of_others{"assistant"sv, "model"sv, "system"sv, "developer"sv};
constexpr std::array types_of_client{"message"sv, ""sv};
constexpr std::array type_ends_of_client{"_output"sv, "_response"sv};

bool is_among(const auto& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

void transcript_hasher::word::add(std::string_view part) {
  const std::size_t held = std::min(size_, bytes_.size());
  std::ranges::copy(part.substr(0, bytes_.size() - held), bytes_.begin() + static_cast<std::ptrdiff_t>(held));
  size_ += part.size();
}

std::string_view transcript_hasher::word::view() const {
  return size_ > bytes_.size() ? std::string_view() : std::string_view(bytes_.data(), size_);
}

void transcript_hasher::on_begin(int) {
  links_.clear();
  last_ = 0;
  count_ = depth_ = 0;
  in_message_ = false;
}

/// The messages are the objects in an array, or the value itself is the only one.
void transcript_hasher::on_open(bool object) {
  if (!in_message_ && object && depth_ <= 1) begin_message(depth_ + 1);
  ++depth_;
}

void transcript_hasher::on_close() {
  --depth_;
  if (!in_message_) return;
  if (skipping_ && depth_ == skip_depth_) skipping_ = false;
  if (depth_ + 1 == message_depth_) end_message();
}

void transcript_hasher::on_name(std::string_view part) {
  if (in_message_) name_.add(part);
}

void transcript_hasher::on_name_end() {
  const std::string_view name = name_.view();
  if (in_message_ && !skipping_ && is_among(uncounted_members, name)) {
    skipping_ = true;
    skip_depth_ = depth_;
    caught_ = nullptr;
    if (depth_ == message_depth_ && name == "role") caught_ = &role_;
    if (depth_ == message_depth_ && name == "type") caught_ = &type_;
    if (caught_ != nullptr) caught_->clear();
  }
  name_.clear();
}

void transcript_hasher::on_text(std::string_view part) {
  if (!in_message_ && depth_ == 0) begin_message(0);
  if (!in_message_) return;
  if (skipping_) {
    if (caught_ != nullptr) caught_->add(part);
    return;
  }
  if (text_size_ < max_text) message_.add(part.substr(0, max_text - text_size_));
  text_size_ += part.size();
}

void transcript_hasher::on_text_end() {
  if (!in_message_ && depth_ == 0) begin_message(0);
  if (!in_message_) return;
  if (skipping_) {
    skipping_ = depth_ != skip_depth_;
    return;
  }
  message_.add(std::exchange(text_size_, 0));
  if (message_depth_ == 0) end_message();
}

std::vector<std::uint64_t> transcript_hasher::take_links() {
  if (count_ > kept_first + kept_last) {
    const auto ring = links_.begin() + kept_first;
    std::rotate(ring, ring + static_cast<std::ptrdiff_t>((count_ - kept_first) % kept_last), links_.end());
  }
  return std::move(links_);
}

void transcript_hasher::begin_message(std::size_t depth) {
  in_message_ = true;
  message_depth_ = depth;
  skipping_ = false;
  name_.clear();
  role_.clear();
  type_.clear();
  message_ = siphash(key_);
  text_size_ = 0;
}

void transcript_hasher::end_message() {
  in_message_ = false;
  if (!of_client()) return;
  siphash chain(key_);
  chain.add(last_);
  chain.add(message_.end());
  add_link(chain.end());
}

bool transcript_hasher::of_client() const {
  if (!role_.view().empty()) return !is_among(roles_of_others, role_.view());
  const std::string_view type = type_.view();
  return is_among(types_of_client, type) ||
         std::ranges::any_of(type_ends_of_client, [&](std::string_view end) { return type.ends_with(end); });
}

void transcript_hasher::add_link(std::uint64_t link) {
  last_ = link;
  if (count_ < kept_first + kept_last) {
    links_.push_back(link);
  } else {
    links_[kept_first + (count_ - kept_first) % kept_last] = link;
  }
  ++count_;
}

}  // namespace usage
