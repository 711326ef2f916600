#pragma once

// What the simulator is asked to do out of the ordinary: `key=value` pairs, comma separated, from --sim for the whole
// process, or from a marker `[[ls:key=value,…]]` in the user's message for that turn. A key alone means key=1.

#include <cstddef>
#include <string>
#include <string_view>

namespace sim::ls {

struct switches {
  // Of the process; a marker does not change them.
  std::string reactive;        // disabled | deprecated | unimplemented
  std::string agent;           // unimplemented
  std::string connect;         // ADDRESS:PORT to reach the provider at, instead of the endpoint's own
  std::string certificate;     // file to write the server's certificate to, for a client that pins it
  std::string exit0_at_start;  // 1: always; a path: if that file is there, which is then removed
  std::size_t slow_start_ms = 0;
  std::size_t giant_snapshot = 0;      // bytes of transcript that a new cascade begins with
  bool end_stream_after_turn = false;  // reactive streams end with OK
  bool version_gap = false;            // the third update of a cascade's first reactive stream is lost

  // Pace and end of a turn.
  std::size_t late_idle = 0;       // ms from the last step's end to IDLE
  bool early_idle = false;         // IDLE before the last text; fully_idle after it
  std::size_t crash_mid_turn = 0;  // after so many deltas the process kills itself
  std::size_t stall = 0;           // after so many deltas nothing comes until the turn is cancelled

  // What the steps hold.
  bool rewrite = false;        // after the second delta the beginning of the text changes
  bool modified = false;       // the text is in modified_response, response stays empty
  bool waiting = false;        // a command asks for permission first
  std::size_t tool_steps = 0;  // commands that run without asking, each followed by another model call
  bool error_step = false;     // the turn ends in an error, without a model call
  bool sub_agent = false;      // a step with a trajectory and a model call of its own
  std::size_t retries = 0;     // attempts that the provider is asked to refuse with 503
  std::size_t retry_ms = 100;  // before the first retry; the next waits twice as long
  std::size_t background = 0;  // model calls of no conversation (checkpoint/<uuid>)
  std::string ids;             // of requests: none; labels, without a requestId; lie, of a cascade that never was

  // Deltas without a model call, each with its time of commit (CLOCK_MONOTONIC): "t=<ns> ".
  std::size_t synthetic = 0;
  std::size_t gap_us = 0;
  std::size_t synthetic_step = 500;  // deltas per planner step: text is sent whole, so one step would cost a square

  std::string unknown;  // the first pair that was not understood
};

/// `list` on top of `base`.
switches read_switches(switches base, std::string_view list);

/// What the markers of a user's message say, on top of `base`.
switches read_markers(switches base, std::string_view message);

}  // namespace sim::ls
