#pragma once

// A transcript that a row of the ledger has sent, and what it takes to recognise its continuation.

#include <cstdint>
#include <optional>
#include <string>

namespace usage {

struct known_transcript {
  std::int64_t whole = 0;  // usage_record::transcript
  std::string conversation;
  std::optional<std::int64_t> pid;
  std::optional<std::int64_t> uid;
  std::string executable;
};

}  // namespace usage
