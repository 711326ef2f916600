#include "cascade/stream/update_stream_kind.hpp"

namespace cascade {

std::string_view to_string(stream_kind kind) {
  switch (kind) {
    case stream_kind::reactive:
      return "reactive";
    case stream_kind::agent_state:
      return "agent_state";
    case stream_kind::polling:
      return "polling";
  }
  return "unknown";
}

std::optional<stream_kind> kind_after(stream_kind kind, const rpc_failure& failure) {
  const bool unimplemented = failure.code == rpc_errc::unimplemented;
  switch (kind) {
    case stream_kind::reactive:
      // "reactive state is disabled", then "… is deprecated" in later builds, with status UNKNOWN.
      if (unimplemented || (failure.code.category() == rpc_category() &&
                            failure.message.find("reactive state is") != std::string::npos)) {
        return stream_kind::agent_state;
      }
      return std::nullopt;
    case stream_kind::agent_state:
      return unimplemented ? std::optional(stream_kind::polling) : std::nullopt;
    case stream_kind::polling:
      return std::nullopt;
  }
  return std::nullopt;
}

void stream_kind_memory::refused_down_to(stream_kind kind) {
  auto known = kind_.load();
  while (known < kind && !kind_.compare_exchange_weak(known, kind)) {
  }
}

}  // namespace cascade
