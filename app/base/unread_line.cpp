#include "app/base/unread_line.hpp"

#include "app/base/terminal_text.hpp"

namespace app {

std::string unread_line(const unread_words& what) {
  const bool one = what.connections == 1;
  std::string line = std::to_string(what.connections);
  // Of a body that is not read, the rest of the connection is.
  if (what.why == "body") {
    line += one ? " answer of " : " answers of ";
  } else {
    line += one ? " connection to " : " connections to ";
  }
  line += one_line(what.host) + one_line(what.path);
  line += one ? " was not read: " : " were not read: ";
  line += one_line(what.words);
  if (!what.program.empty()) line += " (" + one_line(what.program) + ")";
  return line;
}

}  // namespace app
