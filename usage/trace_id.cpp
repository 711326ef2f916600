#include "usage/trace_id.hpp"

#include <algorithm>

#include "net/text/ascii.hpp"

namespace usage {

std::string_view trace_of(const net::wire::header_fields& fields) {
  for (const std::string_view name : {"x-cloudaicompanion-trace-id", "x-request-id", "request-id"})
    if (const auto value = fields.find(name)) return *value;
  return {};
}

std::string plain_trace(std::string_view trace) {
  if (trace.starts_with("0x") || trace.starts_with("0X")) trace.remove_prefix(2);
  trace.remove_prefix(std::min(trace.find_first_not_of('0'), trace.size()));
  return net::text::lowered(trace);
}

}  // namespace usage
