#include "app/run/kept_lines.hpp"

namespace app::run {

std::vector<std::string> kept_lines::all() {
  std::lock_guard lock(mutex_);
  return {lines_.begin(), lines_.end()};
}

void kept_lines::sink_it_(const spdlog::details::log_msg& message) {
  lines_.emplace_back(message.payload.begin(), message.payload.end());
  if (lines_.size() > max_lines) lines_.pop_front();
}

}  // namespace app::run
