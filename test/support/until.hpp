#pragma once

// How a test waits for what other threads bring about without telling it.

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace test {

/// Sleeps between two looks, so that those it waits for have the processor. Fails a test, rather than hanging it, when
/// the condition never holds.
template <class Condition>
void until(Condition holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!holds()) {
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "it never holds";
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace test
