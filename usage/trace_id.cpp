#include "usage/trace_id.hpp"

#include <algorithm>

#include "net/text/ascii.hpp"

namespace usage {

std::string plain_trace(std::string_view trace) {
  if (trace.starts_with("0x") || trace.starts_with("0X")) trace.remove_prefix(2);
  trace.remove_prefix(std::min(trace.find_first_not_of('0'), trace.size()));
  return net::text::lowered(trace);
}

}  // namespace usage
