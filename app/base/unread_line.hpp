#pragma once

// Traffic that was not read, in a sentence for people: /readyz, the tables and the report of a run say the same. Pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace app {

struct unread_words {
  std::string_view host;
  std::string_view path;  // empty: not known
  std::int64_t connections = 0;
  std::string_view why;           // one word
  std::string_view words;         // the same for people
  std::string_view program = {};  // empty: not known
};

/// "2 connections to api.openai.com/v1/realtime were not read: the connection went on in another protocol", on one
/// line and without control characters.
std::string unread_line(const unread_words& what);

}  // namespace app
