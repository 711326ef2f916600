#include "net/thread_name.hpp"

#include <algorithm>
#include <array>

#include <pthread.h>

namespace net {
namespace {

constexpr std::size_t kernel_name = 16;  // with its NUL

}  // namespace

void name_thread(std::string_view name) noexcept {
  std::array<char, kernel_name> text{};
  name.copy(text.data(), std::min(name.size(), text.size() - 1));
  ::pthread_setname_np(::pthread_self(), text.data());
}

std::string thread_name() {
  std::array<char, kernel_name> text{};
  ::pthread_getname_np(::pthread_self(), text.data(), text.size());
  return text.data();
}

}  // namespace net
