#pragma once

// What the simulator said it sent: one JSON line per model call, written in one piece as soon as the call is over.

#include <filesystem>
#include <string>

#include "test/sim/call.hpp"

namespace sim {

struct journal_entry {
  std::string host;
  std::string path;
  bool websocket = false;  // a turn of one
  unsigned http_status = 0;
  bool complete = false;  // everything that was meant to be sent was sent
  bool failed = false;    // by status or by an error event
  sent_usage usage;
  std::string request_sha256;   // of the body, dechunked
  std::string response_sha256;  // of the body as sent, dechunked, still encoded
};

class journal {
 public:
  /// An empty path keeps no journal.
  explicit journal(const std::filesystem::path& file);
  ~journal();
  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;

  void write(const call& c, const journal_entry& entry);

 private:
  int file_ = -1;
};

}  // namespace sim
