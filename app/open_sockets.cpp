#include "app/open_sockets.hpp"

#include <utility>

namespace app {

open_sockets::entry::entry(open_sockets& all, std::function<void()> end) : all_(all) {
  std::lock_guard lock(all_.mutex_);
  place_ = all_.ends_.insert(all_.ends_.end(), std::move(end));
  if (all_.ended_) (*place_)();
}

open_sockets::entry::~entry() {
  std::lock_guard lock(all_.mutex_);
  all_.ends_.erase(place_);
}

void open_sockets::end_input() {
  std::lock_guard lock(mutex_);
  if (std::exchange(ended_, true)) return;
  for (const auto& end : ends_) end();
}

bool open_sockets::ended() const {
  std::lock_guard lock(mutex_);
  return ended_;
}

}  // namespace app
