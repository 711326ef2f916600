#pragma once

namespace net {

/// For std::unique_ptr: frees an object of a C library by its function.
template <auto Free>
struct deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

}  // namespace net
