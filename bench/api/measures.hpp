#pragma once

// The single measures of the API bench. Each plays one scene on one way to the language server, and adds its results.
// They throw std::runtime_error if they cannot measure.

#include <chrono>
#include <functional>
#include <string>

#include <sys/types.h>

#include "bench/api/way.hpp"
#include "bench/common/comparison.hpp"

namespace bench::api {

struct contestant {
  std::string name;
  std::reference_wrapper<way> by;
  pid_t service = 0;  // process whose cost is measured; 0: none
};

struct scene {
  std::chrono::milliseconds time;  // length of one measurement
  comparison& out;
};

/// Chats on an open-loop schedule. Measures the time from when each was due to its first piece of text, which the
/// language server writes after a fixed time.
void measure_first_chunk(scene& in, const contestant& of, std::chrono::milliseconds written_after);
std::string first_chunk_name(std::chrono::milliseconds written_after);
/// `streams` chats at once. Measures the time from the server's write of each piece to its arrival, CPU, and the memory
/// of the service.
void measure_chunks(scene& in, const contestant& of, unsigned streams);
/// Short chats without streaming, 16 at once. Measures their rate, and the CPU of each.
void measure_chats(scene& in, const contestant& of);
void measure_idle(scene& in, const contestant& of);

}  // namespace bench::api
