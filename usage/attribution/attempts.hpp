#pragma once

// Which rows are attempts of one logical request: calls for the same step of the same trajectory, ordered by their
// start. An answer closes the request. A later call for the same step (the user went back) is a new request. Pure;
// attribution_core owns one.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "usage/attribution/kept_memory.hpp"

namespace usage {

struct attempt_of {
  std::int64_t row = 0;
  std::string logical_request;  // <trajectory>/<step>, with #2 … for the further requests of a step
  int attempt = 0;
};

struct step_call {
  std::int64_t row = 0;
  std::int64_t started_at = 0;
  bool complete = false;
};

class attempts {
 public:
  /// Calls of one step that may still be reordered. Beyond this number the oldest keep their places.
  static constexpr std::size_t max_calls = 64;

  /// All attempts of that step now, with the new row. Valid until the next call.
  const std::vector<attempt_of>& add(std::string_view trajectory, std::int64_t step, const step_call& call);

  /// The row keeps its number, and later rows continue from it.
  void forget(std::string_view trajectory, std::int64_t step, std::int64_t row);

  std::size_t size() const { return steps_.size(); }

 private:
  struct place {
    std::size_t request = 1;
    int attempt = 0;

    void pass(const step_call& call);
  };
  struct call {
    step_call what;
    bool forgotten = false;
  };
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  struct step_calls {
    place first;                                    // of the first call that is left
    std::vector<call, kept_allocator<call>> calls;  // in order of their begin

    void drop_first();
  };

  kept_map<kept_string, step_calls, hash, std::equal_to<>> steps_;  // by <trajectory>/<step>
  std::vector<attempt_of> numbered_;
};

}  // namespace usage
