#include "app/open_sockets.hpp"

#include <sys/socket.h>

namespace app {

open_sockets::entry::entry(open_sockets& all, int descriptor) : all_(all), descriptor_(descriptor) {
  std::lock_guard lock(all_.mutex_);
  all_.descriptors_.insert(descriptor_);
  if (all_.ended_) ::shutdown(descriptor_, SHUT_RD);
}

open_sockets::entry::~entry() {
  std::lock_guard lock(all_.mutex_);
  all_.descriptors_.erase(descriptor_);
}

void open_sockets::end_input() {
  std::lock_guard lock(mutex_);
  ended_ = true;
  for (const int descriptor : descriptors_) ::shutdown(descriptor, SHUT_RD);
}

bool open_sockets::ended() const {
  std::lock_guard lock(mutex_);
  return ended_;
}

}  // namespace app
