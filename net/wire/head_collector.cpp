#include "net/wire/head_collector.hpp"

#include "net/wire/message_head.hpp"

namespace net::wire {

result<head_collector::step> head_collector::feed(std::string_view input) {
  const std::size_t before = held_.size();
  const std::string_view usable = input.substr(0, limit_ - before);
  if (before == 0) {
    if (const auto length = head_length(usable)) return step{*length, usable.substr(0, *length)};
  }
  held_.append(usable);
  if (const auto length = head_length(held_, before)) {
    held_.resize(*length);
    return step{*length - before, held_};
  }
  if (held_.size() == limit_) return errc::too_large;
  return step{usable.size(), {}};
}

void head_collector::release() {
  std::string().swap(held_);
}

}  // namespace net::wire
