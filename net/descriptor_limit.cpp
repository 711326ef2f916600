#include "net/descriptor_limit.hpp"

namespace net {
namespace {

rlimit current_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit;
}

}  // namespace

rlimit inherited_descriptor_limit() {
  static const rlimit limit = current_limit();
  return limit;
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit = inherited_descriptor_limit();
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return current_limit().rlim_cur;
}

}  // namespace net
